"""The gain proof's cases: what is wrong in them is wrong everywhere."""

import numpy as np

from benchmarks.gain.proof import one_hot, spoil_labels
from ganaug.gain.pools import Pool


def test_spoiled_labels_are_all_wrong():
    labels = np.arange(30) % 10
    pool = Pool(np.zeros((30, 4, 4, 1), np.uint8), labels, one_hot(labels))
    wrong = spoil_labels(pool, 10)
    assert (wrong.labels != pool.labels).all()
    assert (wrong.soft.argmax(axis=1) == wrong.labels).all()

"""Which test images are corrupted, and what is said to them."""

import numpy as np

from ganaug.gain.shifts.corruptions import corrupt
from ganaug.gain.shifts.versions import (
    choose_tested,
    list_versions,
    make_shifted_test,
)


def test_every_version_of_the_test_images_is_made():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    test = make_shifted_test(images, np.array([0, 1, 0, 1]), seed=3)
    assert test.rows.tolist() == [0, 1, 2, 3]
    made = list(test)
    assert len(made) == len(list_versions(3)) == 30
    assert np.array_equal(made[4], corrupt(images, "noise", 5, seed=3))


def test_rare_classes_are_tested_too():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [900, 95, 5]))
    rows = choose_tested(labels, 200, seed=0)
    assert np.array_equal(rows, np.unique(rows))
    counts = np.bincount(labels[rows])
    assert counts.sum() == 200
    assert np.abs(counts - [180, 19, 1]).max() <= 1
    assert np.array_equal(rows, choose_tested(labels, 200, seed=0))
    assert len(choose_tested(labels, 2000, seed=0)) == 1000

import numpy as np
import pytest

from ganaug.config import TrainConfig
from ganaug.gan.inputs.grouping import Groups, group_size

LABELS = np.array([2, 0, 1, 0, 2, 0, 0, 2, 1, 0])


def test_rows_begin_with_their_anchor_and_stay_in_its_class():
    rng = np.random.default_rng(0)
    anchors = rng.integers(0, 10, 500)
    rows = Groups(LABELS).fill(anchors, rng.random((500, 2)))
    assert (rows[:, 0] == anchors).all()
    assert (LABELS[rows] == LABELS[anchors][:, None]).all()
    large = LABELS[anchors] != 1  # class 1 has two images for rows of three
    assert all(len(set(row)) == 3 for row in rows[large].tolist())
    assert all(set(row) == {2, 8} for row in rows[~large].tolist())


def test_the_others_are_drawn_evenly():
    rng = np.random.default_rng(0)
    rows = Groups(LABELS).fill(np.full(8000, 3), rng.random((8000, 2)))
    for column in (1, 2):
        counts = np.bincount(rows[:, column], minlength=10)
        assert counts[3] == 0
        assert counts[[1, 5, 6, 9]] == pytest.approx(2000, rel=0.1)
    pairs = {tuple(row) for row in rows[:, 1:].tolist()}
    assert len(pairs) == 4 * 3


def test_one_image_is_repeated_and_no_more_are_needed_without_groups():
    groups = Groups(np.array([0, 1, 1]))
    assert groups.fill(np.array([0]), np.full((1, 3), 0.99)).tolist() == [[0] * 4]
    assert groups.fill(np.array([2, 0]), np.zeros((2, 0))).tolist() == [[2], [0]]


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, 1),
        ({"pack": 3}, 3),
        ({"batch_std": 4}, 4),
        ({"diversity": "entropy"}, 2),
        ({"pack": 2, "batch_std": 4, "diversity": "entropy"}, 8),
        ({"pack": 2, "diversity": "entropy"}, 4),
    ],
)
def test_group_sizes(values, size):
    assert group_size(TrainConfig(**values)) == size

"""hold_out and make_folds: shares of each class, whole groups."""

import numpy as np
import pytest

from ganaug.data.split import hold_out, make_folds
from ganaug.errors import DataError

LABELS = np.repeat([0, 1, 2, 3], [200, 40, 10, 9])


def test_each_class_gives_its_share_and_small_ones_nothing():
    train, held = hold_out(LABELS)
    assert np.bincount(LABELS[held], minlength=4).tolist() == [30, 6, 2, 0]
    assert sorted([*train, *held]) == list(range(len(LABELS)))


def test_equal_seeds_give_equal_parts():
    assert np.array_equal(hold_out(LABELS, seed=1)[1], hold_out(LABELS, seed=1)[1])
    assert not np.array_equal(hold_out(LABELS, seed=1)[1], hold_out(LABELS, seed=2)[1])


def test_a_fraction_of_zero_holds_out_nothing():
    train, held = hold_out(LABELS, fraction=0)
    assert len(held) == 0
    assert len(train) == len(LABELS)


@pytest.mark.parametrize("fraction", [-0.1, 1, np.nan])
def test_other_fractions_are_refused(fraction):
    with pytest.raises(DataError, match="fraction"):
        hold_out(LABELS, fraction=fraction)


def test_a_class_always_keeps_an_image():
    train, _ = hold_out(np.zeros(10, np.int64), fraction=0.99)
    assert len(train) >= 1


def test_groups_stay_whole_and_shares_are_near():
    groups = np.random.default_rng(0).permutation(np.arange(len(LABELS)) // 4)
    train, held = hold_out(LABELS, groups)
    assert not set(groups[train]) & set(groups[held])
    assert 20 <= (LABELS[held] == 0).sum() <= 40
    assert (LABELS[held] == 3).sum() == 0


def test_a_class_of_one_group_stays_in_training():
    _, held = hold_out(np.zeros(20, np.int64), np.zeros(20, np.int64))
    assert len(held) == 0


def test_folds_have_like_shares_of_each_class():
    folds = make_folds(LABELS)
    for label, n in enumerate([200, 40, 10, 9]):
        sizes = np.bincount(folds[label == LABELS], minlength=5)
        assert sizes.max() - sizes.min() <= 1
        assert sizes.sum() == n
    assert np.ptp(np.bincount(folds)) <= 2


def test_folds_keep_groups_whole():
    groups = np.random.default_rng(0).permutation(np.arange(len(LABELS)) // 4)
    folds = make_folds(LABELS, groups, folds=3)
    assert all(len(set(folds[groups == g])) == 1 for g in np.unique(groups))
    assert np.ptp(np.bincount(folds[LABELS == 0])) <= 8


def test_classes_smaller_than_the_folds_work():
    folds = make_folds(np.array([0, 0, 1]))
    assert len(set(folds[:2])) == 2
    assert make_folds(np.array([0, 0]), np.array([5, 5])).tolist() in [
        [k, k] for k in range(5)
    ]


def test_equal_seeds_give_equal_folds():
    assert np.array_equal(make_folds(LABELS, seed=3), make_folds(LABELS, seed=3))

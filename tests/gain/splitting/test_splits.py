"""Splits for the gain: every image once, whole groups, and small classes."""

import json

import numpy as np
import pytest

from ganaug.data.split import make_folds
from ganaug.errors import DataError, RunError
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.splitting.resampling import make_resampled_splits
from ganaug.gain.splitting.splits import Splits, read_splits
from ganaug.gain.splitting.training_parts import make_split

LABELS = np.repeat([0, 1, 2], [60, 30, 10])
GROUPS = np.random.default_rng(0).permutation(np.arange(100) // 3)


def check_parts(split, n, groups=None):
    test = np.empty(0, np.int64) if split.test is None else split.test
    parts = [split.fit, split.validation, test]
    joined = np.concatenate(parts)
    assert len(np.unique(joined)) == len(joined)
    assert all((np.diff(part) > 0).all() for part in parts)
    assert set(split.train) == set(split.fit) | set(split.validation)
    if split.test is not None:
        assert len(joined) == n
    if groups is not None:
        seen = [set(groups[part]) for part in parts]
        assert sum(map(len, seen)) == len(set.union(*seen))


def same(a, b):
    return a.to_json() == b.to_json()


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_folds_test_each_image_once_per_repeat(groups):
    found = make_folds_splits(LABELS, groups, folds=5, repeats=3, seed=1)
    assert len(found.splits) == 15
    assert found.notes == ()
    for repeat in range(3):
        own = found.splits[5 * repeat : 5 * repeat + 5]
        tested = np.concatenate([split.test for split in own])
        assert sorted(tested) == list(range(100))
    for split in found.splits:
        check_parts(split, 100, groups)
        assert set(LABELS[split.fit]) == {0, 1, 2}
    assert found.overlap == pytest.approx(0.25, abs=0.01)


def test_parts_have_like_shares_of_each_class():
    for split in make_folds_splits(LABELS).splits:
        assert np.bincount(LABELS[split.test]).tolist() == [12, 6, 2]
        assert np.bincount(LABELS[split.validation]).tolist() == [10, 5, 2]


def test_repeats_differ_and_more_keep_the_earlier_ones():
    one, two = make_folds_splits(LABELS), make_folds_splits(LABELS, repeats=2)
    assert same(one, Splits(two.splits[:5], one.overlap))
    assert not np.array_equal(two.splits[0].test, two.splits[5].test)
    assert not same(one, make_folds_splits(LABELS, seed=1))
    assert same(two, make_folds_splits(LABELS, repeats=2))


def test_three_images_of_a_class_shrink_the_folds():
    labels = np.repeat([0, 1], [20, 3])
    found = make_folds_splits(labels)
    assert len(found.splits) == 3
    assert found.notes == ("3 folds instead of 5: a class has 3 images",)
    assert found.overlap == pytest.approx(0.5, abs=0.05)
    for split in found.splits:
        check_parts(split, 23)
        assert (labels[split.test] == 1).sum() == 1


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_images_of_a_class_stay_in_training(n):
    labels = np.repeat([0, 1, 2], [20, 20, n])
    found = make_folds_splits(labels, classes=("ape", "bee", "cat"))
    assert len(found.splits) == 5
    images = "1 image" if n == 1 else "2 images"
    assert found.notes == (
        f"class cat has {images}: in every training part, tested in none",
    )
    for split in found.splits:
        check_parts(split, 40 + n)
        assert (labels[split.fit] == 2).sum() == n


def test_a_class_of_two_groups_stays_in_training():
    labels = np.repeat([0, 1, 2], 20)
    groups = np.concatenate(
        [np.arange(20) // 2, 10 + np.arange(20) // 4, [20, 21] * 10]
    )
    found = make_folds_splits(labels, groups)
    assert found.notes == (
        "class 2 has 20 images in 2 groups: in every training part, tested in none",
    )
    for split in found.splits:
        check_parts(split, 60, groups)
        assert set(labels[split.train]) == {0, 1, 2}
        assert set(labels[split.test]) == {0, 1}


def test_no_training_part_lacks_a_class_when_groups_mix_them():
    # five large groups hold 200 classes and leave the third of three folds half empty,
    # which then draws the three small groups, with all of a rare class
    large = [(k, i, 15) for k in range(200) for i in range(5)]
    small = [(k, 5 + i, 1) for k in range(201) for i in range(3)]
    labels, groups = (
        np.concatenate([np.repeat(row[j], row[2]) for row in large + small])
        for j in range(2)
    )
    drawn = make_folds(labels, groups, folds=3)
    assert len(set(drawn[labels == 200])) == 1
    found = make_folds_splits(labels, groups)
    assert found.notes == (
        "class 200 has 3 images in 3 groups: in every training part, tested in none",
    )
    for split in found.splits:
        assert set(labels[split.train]) == set(range(201))
        assert len(set(groups[split.test])) == 1


def test_tiny_sets_are_split_as_far_as_they_go():
    labels = np.repeat([0, 1], 3)
    found = make_folds_splits(labels)
    assert len(found.splits) == 3
    for split in found.splits:
        assert [len(split.fit), len(split.validation), len(split.test)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("labels", "groups", "match"),
    [
        (np.zeros(20, np.int64), None, "two classes or more, but the data have 1"),
        (np.repeat([0, 1], [20, 2]), None, "only 1 of 2 classes have the 3 images"),
        (
            np.repeat([0, 1], 20),
            np.arange(40) % 2,
            "0 of 2 classes have the 3 groups",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_line(labels, groups, match):
    with pytest.raises(DataError, match=match) as caught:
        make_folds_splits(labels, groups)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_resampled_parts_hold_their_share(groups):
    found = make_resampled_splits(LABELS, groups, n=4, seed=2)
    for split in found.splits:
        check_parts(split, 100, groups)
        assert split.test is None
        assert len(split.train) == pytest.approx(80, abs=4)
        assert len(split.validation) == pytest.approx(16, abs=6)
        assert set(LABELS[split.fit]) == {0, 1, 2}
    assert found.overlap == pytest.approx(0.25, abs=0.06)
    assert found.notes == ()
    assert len({tuple(split.train) for split in found.splits}) == 4
    fewer = make_resampled_splits(LABELS, groups, n=2, seed=2)
    assert same(fewer, Splits(found.splits[:2], fewer.overlap))


def test_resampling_keeps_small_classes_whole():
    labels = np.repeat([0, 1, 2], [20, 4, 1])
    found = make_resampled_splits(labels, n=3, classes=("a", "b", "c"))
    assert found.notes == (
        "class b has 4 images: in every training part, left out of none",
        "class c has 1 image: in every training part, left out of none",
    )
    for split in found.splits:
        assert np.bincount(labels[split.train]).tolist() == [16, 4, 1]
    tiny = make_resampled_splits(np.repeat([0, 1], 3), n=3)
    assert all(len(split.train) == 4 for split in tiny.splits)


def test_resampling_refuses_what_it_cannot_leave_out():
    with pytest.raises(DataError, match="the data have 1"):
        make_resampled_splits(np.zeros(20, np.int64), n=2)
    with pytest.raises(DataError, match="too few images or groups"):
        make_resampled_splits(np.array([0, 1]), n=2)
    with pytest.raises(DataError, match="too few images or groups"):
        make_resampled_splits(np.repeat([0, 1], 9), np.repeat([0, 1], 9), n=2)


def test_a_few_large_groups_still_give_a_validation_part():
    labels, groups = np.repeat([0, 1], 20), np.arange(40) // 10
    split = make_split(labels, groups, np.arange(40))
    check_parts(split, 40, groups)
    assert set(labels[split.fit]) == {0, 1}
    assert len(split.validation) in (10, 20)
    with pytest.raises(DataError, match="no class with two images"):
        make_split(labels, groups, np.arange(10))


def write_splits(folder, text):
    path = folder / "splits.json"
    path.write_text(text)
    return path


def test_splits_survive_json(tmp_path):
    for found in (
        make_folds_splits(np.repeat([0, 1, 2], [9, 9, 2])),
        make_resampled_splits(LABELS, n=2),
    ):
        again = read_splits(write_splits(tmp_path, found.to_json()))
        assert same(again, found)
        assert again.notes == found.notes
        assert again.splits[0].fit.dtype == np.int64


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"format": 1, "overlap": 0, "notes": [], "splits": [{"fit": []}]}),
    ],
)
def test_damaged_splits_are_refused(tmp_path, text):
    with pytest.raises(RunError, match=r"splits\.json is damaged"):
        read_splits(write_splits(tmp_path, text))


def test_newer_splits_are_refused(tmp_path):
    with pytest.raises(RunError, match="newer"):
        read_splits(write_splits(tmp_path, '{"format": 2}'))

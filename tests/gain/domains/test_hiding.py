"""Hidden cells: which ones can be hidden, and what stays."""

import numpy as np
import pytest

from ganaug.data.cells import count_cells
from ganaug.data.images import LabelledImages
from ganaug.errors import DataError
from ganaug.gain.domains.hiding import Hiding, count_left, hide_rows, list_hidings
from ganaug.gain.domains.splits import (
    choose_within,
    list_folds,
    make_domain_splits,
    seed_part,
)

COUNTS = np.array([[9, 9, 9], [9, 9, 9], [9, 9, 0], [9, 0, 0], [0, 9, 0]])


def make_data(counts=COUNTS, groups=None):
    pairs = np.argwhere(counts >= 0)
    cells = np.repeat(pairs, counts.ravel(), axis=0)
    return LabelledImages(
        np.zeros((len(cells), 8, 8, 1), np.uint8),
        cells[:, 0], tuple(map(str, range(len(counts)))), groups=groups,
        domains=cells[:, 1], domain_names=("lamp", "sun", "dusk"),
    )  # fmt: skip


def test_each_class_comes_once_before_any_comes_again():
    found = list_hidings(COUNTS)
    labels = [hiding.label for hiding in found]
    assert sorted(labels[:3]) == [0, 1, 2]
    assert set(labels) == {0, 1, 2}
    assert len(set(found)) == len(found)
    for hiding in found:
        seen = set(np.flatnonzero(COUNTS[hiding.label]).tolist())
        assert set(hiding.domains) | {hiding.shown} == seen


def test_what_only_one_class_shows_is_never_hidden():
    counts = np.array([[9, 9, 9], [9, 9, 0], [9, 0, 0]])
    for hiding in list_hidings(counts):
        assert hiding.label == 1 or 2 not in hiding.domains
    assert list_hidings(np.array([[9, 9], [9, 0], [0, 9]])) == []


def test_a_hidden_cell_keeps_as_many_images_as_thin_cells_have():
    thin = np.array([[9, 9, 9], [9, 9, 9], [9, 2, 2], [2, 9, 2]])
    data = make_data(thin)
    hiding = Hiding(0, (1, 2), 0)
    fold = hide_rows(data, hiding, left=count_left(thin))
    stays = count_cells(data.subset(fold.fit))
    assert stays[0].tolist() == [9, 2, 2]
    assert (np.delete(stays, 0, axis=0) == np.delete(thin, 0, axis=0)).all()
    assert len(fold.judge) == 14


def test_groups_are_judged_or_stay_never_both():
    counts = np.array([[8, 8, 8], [9, 9, 9]])
    numbers = np.concatenate([np.tile(np.arange(8), 3), np.arange(8, 35)])
    data = make_data(counts, groups=numbers)
    fold = hide_rows(data, Hiding(0, (1,), 0))
    judged, left = set(numbers[fold.judge]), set(numbers[fold.fit])
    assert len(judged) == 4
    assert not judged & left
    assert count_cells(data.subset(fold.fit))[0].tolist() == [4, 0, 4]


def test_splits_hide_other_cells_to_choose_than_to_test():
    data = make_data()
    made = make_domain_splits(data, 3, given=False)
    tested = [set(data.labels[split.test]) for split in made.splits]
    assert tested == [{k} for k in dict.fromkeys(k for t in tested for k in t)]
    for split in made.splits:
        parts = [split.fit, split.validation, split.test]
        assert sum(map(len, parts)) == len(data)
        assert len(np.unique(np.concatenate(parts))) == len(data)
        assert set(data.labels[split.validation]) != set(data.labels[split.test])
    assert made.overlap >= 1 / 3
    few = make_domain_splits(data, 50, given=False)
    assert "instead of 50" in few.notes[0]


def test_with_a_test_set_cells_keep_four_fifths():
    counts = np.array([[40, 40, 40], [40, 40, 40], [40, 3, 0]])
    made = make_domain_splits(make_data(counts), 2, given=True)
    first, second = made.splits
    assert first.test is None
    assert count_cells(make_data(counts).subset(first.train)).tolist() == [
        [32, 32, 32], [32, 32, 32], [32, 3, 0],
    ]  # fmt: skip
    assert set(first.train) != set(second.train)


def test_without_a_class_to_hide_a_fifth_of_each_cell_chooses():
    data = make_data(np.array([[20, 2, 0], [2, 20, 0]]))
    (fold,) = list_folds(data, seed=0)
    assert count_cells(data.subset(fold.judge)).tolist() == [[4, 0, 0], [0, 4, 0]]
    with pytest.raises(DataError, match="no cell can be hidden"):
        make_domain_splits(data, 3, given=False)


def test_a_training_part_is_whole_though_groups_are_left_out_of_choices():
    counts = np.array([[8, 8], [8, 8], [8, 8], [8, 0]])
    numbers = np.arange(counts.sum())
    numbers[8:16] = numbers[:8]  # the first class shows the same subjects twice
    numbers[24:32] = numbers[16:24]
    data = make_data(np.pad(counts, ((0, 0), (0, 1))), groups=numbers)
    every = np.arange(len(data))
    split = choose_within(data, every)
    assert (split.train == every).all()
    (first, *_) = list_folds(data, seed=seed_part(every))
    assert (split.fit == first.fit).all()
    assert set(first.judge) <= set(split.validation)

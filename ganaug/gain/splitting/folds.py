"""Repeated folds: each image is tested once per repeat; small classes are not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.split import make_folds
from ganaug.errors import DataError
from ganaug.gain.splitting.splits import Indices, Splits, measure_overlap
from ganaug.gain.splitting.training_parts import (
    check_classes,
    derive_seed,
    make_split,
    name_unit,
    note_whole,
)

FEWEST_UNITS = (
    3  # images or groups of a class: one to fit, one to choose by, one to test
)


def make_folds_splits(
    labels: Indices,
    groups: Indices | None = None,
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Splits:
    """Draw repeated stratified folds: each image is tested once per repeat.

    A class with one or two images (or groups) is only trained on and never tested. If
    the smallest other class has three or four, there are only that many folds.

    Args:
        labels: (n,) class indices.
        groups: (n,) groups or None; all images of a group are in the same fold.
        folds: number of folds, at least 2.
        repeats: number of times that new folds are drawn.
        seed: seed for the folds.
        classes: names of the classes, for the notes.

    Raises:
        DataError: fewer than two classes can be tested.

    Example:
        >>> found = make_folds_splits(np.repeat([0, 1], 10), folds=5)
        >>> [len(part) for part in (found.splits[0].fit, found.splits[0].test)]
        [12, 4]
        >>> found.overlap
        0.25
    """
    assert folds >= 2
    assert repeats >= 1
    check_classes(labels)
    seeds = [derive_seed(seed, repeat) for repeat in range(repeats)]
    parts = _draw_parts(labels, groups, folds, seeds)
    made = int(parts.max()) + 1
    splits = [
        make_split(
            labels,
            groups,
            np.flatnonzero(drawn != fold),
            test=np.flatnonzero(drawn == fold),
            seed=derive_seed(part_seed, fold),
        )
        for drawn, part_seed in zip(parts, seeds, strict=True)
        for fold in range(made)
    ]
    whole = np.setdiff1d(labels, labels[parts[0] >= 0])
    notes = [note_whole(k, labels, groups, classes, "tested in none") for k in whole]
    if made < folds:
        notes.append(_note_folds(made, folds, groups))
    return Splits(tuple(splits), measure_overlap(splits, len(labels)), tuple(notes))


def count_folds(labels: Indices, groups: Indices | None = None) -> int:
    """Return how many folds a set allows: images (or groups) in its smallest class.

    Classes with fewer than three do not count, because they are never tested.

    Example:
        >>> count_folds(np.repeat([0, 1, 2], [20, 7, 2]))
        7
    """
    members = np.arange(len(labels)) if groups is None else groups
    kept = _find_untestable(labels, members, np.empty(0, np.int64))
    free = ~_mark_groups(labels, members, kept)
    tested = np.setdiff1d(labels, kept)
    return min(_count_units(labels, members, free, int(k)) for k in tested)


def _draw_parts(
    labels: Indices, groups: Indices | None, folds: int, seeds: Sequence[int]
) -> NDArray[np.int64]:
    """Return (repeats, n) the fold that tests each image, or −1."""
    members = np.arange(len(labels)) if groups is None else groups
    lost = np.empty(0, np.int64)
    while True:
        kept = _find_untestable(labels, members, lost)
        free = ~_mark_groups(labels, members, kept)
        tested = np.setdiff1d(labels, kept)
        _check_tested(labels, tested, groups)
        made = min(folds, *(_count_units(labels, members, free, k) for k in tested))
        parts = np.full((len(seeds), len(labels)), -1, np.int64)
        for row, seed in zip(parts, seeds, strict=True):
            row[free] = make_folds(labels[free], members[free], folds=made, seed=seed)
        newly = _find_lost(labels, parts)
        if not len(newly):
            return parts
        lost = np.union1d(lost, newly)


def _find_untestable(labels: Indices, members: Indices, kept: Indices) -> Indices:
    """Return the kept classes, and those with too few units outside their groups."""
    while True:
        free = ~_mark_groups(labels, members, kept)
        few = [
            k
            for k in np.setdiff1d(labels, kept)
            if _count_units(labels, members, free, k) < FEWEST_UNITS
        ]
        if not few:
            return kept
        kept = np.union1d(kept, np.array(few, np.int64))


def _mark_groups(labels: Indices, members: Indices, kept: Indices) -> NDArray[np.bool_]:
    """Return (n,) whether an image's group contains one of the kept classes."""
    return np.asarray(np.isin(members, members[np.isin(labels, kept)]))


def _count_units(
    labels: Indices, members: Indices, free: NDArray[np.bool_], label: int
) -> int:
    return len(np.unique(members[free & (labels == label)]))


def _check_tested(labels: Indices, tested: Indices, groups: Indices | None) -> None:
    if len(tested) < 2:
        raise DataError(
            f"only {len(tested)} of {len(np.unique(labels))} classes have the "
            f"{FEWEST_UNITS} {name_unit(groups)} needed to train, choose and test, and "
            "two classes must; add images, or give a test set"
        )


def _find_lost(labels: Indices, parts: NDArray[np.int64]) -> Indices:
    """Return classes with all images in one fold, because groups mix classes."""
    lost = [
        k
        for k in np.unique(labels)
        for row in parts[:, labels == k]
        if row[0] >= 0 and (row == row[0]).all()
    ]
    return np.unique(np.array(lost, np.int64))


def _note_folds(made: int, folds: int, groups: Indices | None) -> str:
    return f"{made} folds instead of {folds}: a class has {made} {name_unit(groups)}"

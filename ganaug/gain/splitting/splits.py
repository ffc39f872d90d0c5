"""Splits of one set, many times over: where to train, choose the recipe and test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.split import hold_out, make_folds
from ganaug.errors import DataError

Indices = NDArray[np.int64]

NAME = "splits.json"
FORMAT = 1
FEWEST = 3  # images or groups of a class: one to fit, one to choose by, one to test
SMALL = 5  # classes of fewer images are in every training part that is drawn


@dataclass(frozen=True, eq=False)
class Split:
    """One way to part a set; indices ascend.

    Attributes:
        fit: images that the GAN and the candidates see.
        validation: the other fifth of the training part, which chooses the recipe.
        test: images that are scored once, or None where a test set is given.
    """

    fit: Indices
    validation: Indices
    test: Indices | None = None

    @property
    def train(self) -> Indices:
        """The whole training part, for the final fits."""
        return np.union1d(self.fit, self.validation)


@dataclass(frozen=True, eq=False)
class Splits:
    """The splits of a set, and what to know of them.

    Attributes:
        splits: in the order of their making; more of them keep the earlier ones.
        overlap: what `paired_interval` wants: images left out of a training part per
            image in it, where splits share the others; the mean over splits.
        notes: one line for each class that could not be split as asked.
    """

    splits: tuple[Split, ...]
    overlap: float
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The text of splits.json: indices into the images as they were loaded."""
        splits = [
            {
                "fit": split.fit.tolist(),
                "validation": split.validation.tolist(),
                "test": None if split.test is None else split.test.tolist(),
            }
            for split in self.splits
        ]
        values = {
            "format": FORMAT,
            "overlap": self.overlap,
            "notes": self.notes,
            "splits": splits,
        }
        return json.dumps(values) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Splits:
        """The splits that `to_json` was called on.

        Raises:
            DataError: the text is damaged, or of a newer format.
        """
        try:
            values = json.loads(text)
            if values["format"] > FORMAT:
                raise DataError(f"{NAME} has a newer format; update ganaug to read it")
            splits = tuple(_read_split(split) for split in values["splits"])
            notes = tuple(str(note) for note in values["notes"])
            return cls(splits, float(values["overlap"]), notes)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(f"{NAME} is damaged: {error}; delete it") from error


def make_folds_splits(
    labels: Indices,
    groups: Indices | None = None,
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Splits:
    """Repeated stratified k-fold: each image is tested once per repeat.

    A class of one or two images (or groups) stays in training whole, untested.
    Where the smallest other class has three or four, there are as many folds.

    Args:
        labels: (n,) class indices.
        groups: (n,) or None; images of one group share a part.
        folds: parts of the set, at least 2.
        repeats: of the whole, with other parts.
        seed: equal seeds give equal splits.
        classes: names for the notes.

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
    _check_classes(labels)
    seeds = [_derive_seed(seed, repeat) for repeat in range(repeats)]
    parts = _draw_parts(labels, groups, folds, seeds)
    made = int(parts.max()) + 1
    splits = [
        make_split(
            labels,
            groups,
            np.flatnonzero(drawn != fold),
            test=np.flatnonzero(drawn == fold),
            seed=_derive_seed(part_seed, fold),
        )
        for drawn, part_seed in zip(parts, seeds, strict=True)
        for fold in range(made)
    ]
    whole = np.setdiff1d(labels, labels[parts[0] >= 0])
    notes = [_note_whole(k, labels, groups, classes, "tested in none") for k in whole]
    if made < folds:
        notes.append(_note_folds(made, folds, groups))
    return Splits(tuple(splits), _measure_overlap(splits, len(labels)), tuple(notes))


def count_folds(labels: Indices, groups: Indices | None = None) -> int:
    """Folds that a set allows at most: images (or groups) of its smallest class.

    Classes of fewer than three do not count, as they stay in training whole.

    Example:
        >>> count_folds(np.repeat([0, 1, 2], [20, 7, 2]))
        7
    """
    members = np.arange(len(labels)) if groups is None else groups
    kept = _find_untestable(labels, members, np.empty(0, np.int64))
    free = ~_mark_groups(labels, members, kept)
    tested = np.setdiff1d(labels, kept)
    return min(_count_units(labels, members, free, int(k)) for k in tested)


def make_resampled_splits(
    labels: Indices,
    groups: Indices | None = None,
    *,
    n: int,
    share: float = 0.8,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Splits:
    """Training parts drawn from a set whose test set is given apart.

    Classes under five images are in every training part whole.

    Args:
        labels: (n,) class indices.
        groups: (n,) or None; images of one group are drawn together.
        n: splits.
        share: of each class that a training part has, in (0, 1).
        seed: equal seeds give equal splits.
        classes: names for the notes.

    Raises:
        DataError: there is one class, or too few images to leave any out.

    Example:
        >>> found = make_resampled_splits(np.repeat([0, 1], [10, 4]), n=2)
        >>> len(found.splits[0].train), found.splits[0].test
        (12, None)
        >>> found.notes
        ('class 1 has 4 images: in every training part, left out of none',)
    """
    assert 0 < share < 1
    assert n >= 1
    _check_classes(labels)
    smallest = min(SMALL, int(np.bincount(labels).max()))
    splits, whole = [], np.unique(labels)
    for k in range(n):
        split_seed = _derive_seed(seed, k)
        train, out = hold_out(
            labels, groups, fraction=1 - share, smallest=smallest, seed=split_seed
        )
        if not len(out):
            raise DataError(
                "too few images or groups to draw different training parts from; "
                "add images, or train once on all of them"
            )
        whole = np.setdiff1d(whole, labels[out])
        splits.append(make_split(labels, groups, train, seed=split_seed))
    notes = [_note_whole(k, labels, groups, classes, "left out of none") for k in whole]
    return Splits(tuple(splits), _measure_overlap(splits, len(labels)), tuple(notes))


def make_split(
    labels: Indices,
    groups: Indices | None,
    train: Indices,
    *,
    test: Indices | None = None,
    seed: int = 0,
) -> Split:
    """Parts a training part: a fifth of each class, in whole groups, is to choose by.

    Where classes are so small or groups so large that this gives nothing, half a class
    may be taken; each class keeps an image to fit.

    Args:
        labels: (n,) class indices of the whole set.
        groups: (n,) or None, of the whole set.
        train: indices of the training part.
        test: indices of the test part, or None.
        seed: equal seeds give equal parts.

    Raises:
        DataError: nothing can be kept aside.

    Example:
        >>> split = make_split(np.repeat([0, 1], 10), None, np.arange(20))
        >>> len(split.fit), len(split.validation)
        (16, 4)
    """
    own = None if groups is None else groups[train]
    for fraction, smallest in ((0.2, 3), (0.2, 2), (0.5, 2)):
        fit, validation = hold_out(
            labels[train], own, fraction=fraction, smallest=smallest, seed=seed
        )
        if len(validation):
            return Split(np.sort(train[fit]), np.sort(train[validation]), test)
    raise DataError(
        f"a training part of {len(train)} images has no class with two images in "
        "different groups, one to fit and one to choose the recipe by; add images"
    )


def _check_classes(labels: Indices) -> None:
    n = len(np.unique(labels))
    if n < 2:
        raise DataError(f"a gain needs two classes or more, but the data have {n}")


def _draw_parts(
    labels: Indices, groups: Indices | None, folds: int, seeds: Sequence[int]
) -> NDArray[np.int64]:
    """(repeats, n) fold that tests each image, −1 where none does."""
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
    """Those classes, and any with under three units outside the groups of such."""
    while True:
        free = ~_mark_groups(labels, members, kept)
        few = [
            k
            for k in np.setdiff1d(labels, kept)
            if _count_units(labels, members, free, k) < FEWEST
        ]
        if not few:
            return kept
        kept = np.union1d(kept, np.array(few, np.int64))


def _mark_groups(labels: Indices, members: Indices, kept: Indices) -> NDArray[np.bool_]:
    """(n,) images of groups that hold one of those classes."""
    return np.asarray(np.isin(members, members[np.isin(labels, kept)]))


def _count_units(
    labels: Indices, members: Indices, free: NDArray[np.bool_], label: int
) -> int:
    return len(np.unique(members[free & (labels == label)]))


def _check_tested(labels: Indices, tested: Indices, groups: Indices | None) -> None:
    if len(tested) < 2:
        raise DataError(
            f"{len(tested)} of {len(np.unique(labels))} classes have {FEWEST} "
            f"{_unit(groups)} to train, choose and test with, and two must; add "
            "images, or give a test set"
        )


def _find_lost(labels: Indices, parts: NDArray[np.int64]) -> Indices:
    """Classes that one fold has all images of, as groups that mix classes may bring."""
    lost = [
        k
        for k in np.unique(labels)
        for row in parts[:, labels == k]
        if row[0] >= 0 and (row == row[0]).all()
    ]
    return np.unique(np.array(lost, np.int64))


def _measure_overlap(splits: Sequence[Split], n: int) -> float:
    sizes = np.array([len(split.fit) + len(split.validation) for split in splits])
    return float(((n - sizes) / sizes).mean())


def _derive_seed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _note_whole(
    label: int,
    labels: Indices,
    groups: Indices | None,
    classes: Sequence[str],
    what: str,
) -> str:
    own = labels == label
    size = f"{own.sum()} image{'s' * int(own.sum() > 1)}"
    if groups is not None:
        n = len(np.unique(groups[own]))
        size += f" in {n} group{'s' * int(n > 1)}"
    return f"{_name(label, classes)} has {size}: in every training part, {what}"


def _note_folds(made: int, folds: int, groups: Indices | None) -> str:
    return f"{made} folds instead of {folds}: a class has {made} {_unit(groups)}"


def _unit(groups: Indices | None) -> str:
    return "images" if groups is None else "groups"


def _name(label: int, classes: Sequence[str]) -> str:
    return f"class {classes[label] if classes else label}"


def _read_split(values: dict[str, Any]) -> Split:
    fit, validation = (np.array(values[k], np.int64) for k in ("fit", "validation"))
    test = values["test"]
    return Split(fit, validation, None if test is None else np.array(test, np.int64))

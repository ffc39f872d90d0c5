"""The problems of the gain suite: sets, how much of them is taken, and their splits."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import ganaug
from benchmarks.gain.groups import infer_groups
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Splits
from ganaug.gain.splitting.training_parts import make_split

SIDE = 32  # pixels of the longest side, unless a cell has another
FOLDS = 5  # folds of a set that is taken as it is
HELD_BACK = 200  # further real images of a class for the oracle, at most
HEAD = 200  # images of the largest class of a long tail


@dataclass(frozen=True)
class Cell:
    """A set and how much of it is taken.

    Attributes:
        data: name of the set.
        per_class: images of each class in a training part; None takes the set as it is
            and draws four fifths of its training part each time.
        tail: imbalance factor of a long tail from 200 images down, or 0.
        grouped: whether images that seem to show one thing share a fold.
        side: pixels of the longest side of the images that classifiers see.
    """

    data: str
    per_class: int | None = None
    tail: int = 0
    grouped: bool = False
    side: int = SIDE

    @property
    def name(self) -> str:
        what = f"{self.per_class or 'all'}"
        if self.tail:
            what = f"tail-{self.tail}"
        if self.grouped:
            what = "grouped"
        pixels = f"-{self.side}px" if self.side != SIDE else ""
        return f"{self.data}-{what}{pixels}"


@dataclass(frozen=True, eq=False)
class Problem:
    """Images, the splits of them, and what they are tested on.

    Attributes:
        data: real images; those of the given test part come last where each split has
            test images of its own.
        test: the given test part, where all splits are tested on that alone.
        splits: splits of `data`.
        spare: real images held back for the oracle, for each split.
        given: number of each split's test images that are the given test part.
    """

    data: LabelledImages
    test: LabelledImages | None
    splits: Splits
    spare: tuple[LabelledImages | None, ...]
    given: int = 0


def make_problem(cell: Cell, options: argparse.Namespace) -> Problem | None:
    found = read_set(cell.data, options.data_dir)
    if found is None:
        return None
    train, test = found
    grid = fit_inside(train.size, cell.side)
    if cell.grouped:
        train, test = part_groups(train, test)
    if cell.per_class is None and not cell.tail:
        problem = draw_folds(train, test, options.splits)
    else:
        problem = draw_parts(cell, train, test, options.splits)
    return replace(
        problem, data=to_grid(problem.data, grid),
        test=problem.test and to_grid(problem.test, grid),
        spare=tuple(s and to_grid(s, grid) for s in problem.spare),
    )  # fmt: skip


def part_groups(
    train: LabelledImages, test: LabelledImages
) -> tuple[LabelledImages, LabelledImages]:
    """Infer the groups of both; omit test images whose group is in training."""
    groups = infer_groups(np.concatenate([train.images, test.images]))
    ours, theirs = groups[: len(train)], groups[len(train) :]
    own = np.flatnonzero(~np.isin(theirs, ours))
    print(
        f"{len(np.unique(ours))} groups in {len(train)} images; {len(test) - len(own)} "
        f"of {len(test)} given test images show something of theirs and are omitted",
        file=sys.stderr,
    )
    test = replace(test, groups=theirs)
    return replace(train, groups=ours), test.subset(own)


def draw_folds(train: LabelledImages, test: LabelledImages, n: int) -> Problem:
    """Draw repeated five folds of the training part; the given part tests too."""
    made = make_folds_splits(
        train.labels, train.groups, folds=FOLDS, repeats=-(-n // FOLDS),
        classes=train.classes,
    )  # fmt: skip
    given = np.arange(len(train), len(train) + len(test))
    splits = [
        replace(split, test=np.concatenate([split.test, given]))
        for split in made.splits[:n]
        if split.test is not None
    ]
    both = replace(
        train, images=np.concatenate([train.images, test.images]),
        labels=np.concatenate([train.labels, test.labels]),
        groups=join_groups(train, test), names=(),
    )  # fmt: skip
    made = replace(made, splits=tuple(splits))
    return Problem(both, None, made, (None,) * len(splits), len(test))


def join_groups(
    train: LabelledImages, test: LabelledImages
) -> NDArray[np.int64] | None:
    if train.groups is None or test.groups is None:
        return None
    return np.concatenate([train.groups, test.groups])


def draw_parts(
    cell: Cell, train: LabelledImages, test: LabelledImages, n: int
) -> Problem:
    """Draw disjoint training parts, and other images held back for the oracle."""
    rng = np.random.default_rng(0)
    k = len(train.classes)
    wanted = np.full(k, cell.per_class or 0)
    if cell.tail:
        wanted = np.rint(HEAD * cell.tail ** (-np.arange(k) / (k - 1))).astype(int)
    order = [rng.permutation(np.flatnonzero(train.labels == c)) for c in range(k)]
    most = min(len(o) // int(w) for o, w in zip(order, wanted, strict=True))
    if most < n:
        print(
            f"{cell.name}: {most} disjoint training parts instead of {n}",
            file=sys.stderr,
        )
    n = min(n, most)
    pairs = list(zip(order, wanted, strict=True))
    parts = [
        np.concatenate([o[i * w : (i + 1) * w] for o, w in pairs]) for i in range(n)
    ]
    spare = [draw_spare(order, wanted, i, n, train) for i in range(n)]
    data = train.subset(np.concatenate(parts))
    size = len(parts[0])
    splits = [
        make_split(data.labels, None, np.arange(i * size, (i + 1) * size), seed=i)
        for i in range(n)
    ]
    return Problem(data, test, Splits(tuple(splits), 0.0), tuple(spare))


def draw_spare(
    order: list[NDArray[np.int64]],
    wanted: NDArray[np.int64],
    i: int,
    n: int,
    train: LabelledImages,
) -> LabelledImages | None:
    """Draw the real images that follow this split's training part, going round."""
    rows = []
    for own, w in zip(order, wanted, strict=True):
        rest = np.concatenate([own[(i + 1) * w :], own[: i * w]])
        rows.append(rest[:HELD_BACK])
    chosen = np.concatenate(rows)
    return train.subset(chosen) if n > 1 else None


def read_set(name: str, folder: str) -> tuple[LabelledImages, LabelledImages] | None:
    if name == "digits":  # a third of them tests
        digits = ganaug.load_images("digits")
        rng = np.random.default_rng(0)
        rows = rng.permutation(len(digits))
        return digits.subset(np.sort(rows[600:])), digits.subset(np.sort(rows[:600]))
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        return None
    with np.load(path) as found:
        names = found.get("class_names")
        arrays = {key: found[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    k = int(arrays["y_train"].max()) + 1
    classes = tuple(map(str, names if names is not None else range(k)))

    def make(part: str) -> LabelledImages:
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"].astype(np.int64)
        images = images[..., None] if images.ndim == 3 else images
        return LabelledImages(images, labels, classes)

    return make("train"), make("test")

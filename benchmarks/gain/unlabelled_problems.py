"""Problems with unlabelled images: labelled ones of one domain, a folder of another."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.gain.domain_problems import Row, measure_common_rows, read_domains
from benchmarks.gain.problems import read_set
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.gain.shifts.corruptions import corrupt
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split
from ganaug.gain.splitting.training_parts import make_split

PER_CLASS = 40  # labelled images of each class, at most
LABELLED, POOLED = 0.6, 0.8  # shares of what there is that a split draws, at most
TESTED = 2000  # test images, at most

Rows = NDArray[np.int64]
Images = NDArray[np.uint8]


@dataclass(frozen=True)
class PoolRow:
    """A set, the domain of its labelled images, and that of the unlabelled ones.

    Attributes:
        data: name of the set.
        labelled, unlabelled: the two domains; of a set without domains, the second is a
            name in PAINTED.
        pool: number of unlabelled images, at most.
        side: pixels of the longest side.
        styled: whether styled images stand in for the translator's.
    """

    data: str
    labelled: str
    unlabelled: str
    pool: int
    side: int = 32
    styled: bool = False

    @property
    def name(self) -> str:
        words = [self.data, self.unlabelled]
        if self.labelled:
            words = [self.labelled, "to", self.unlabelled]
        plain = [word.split(" (")[0].replace(" ", "-").lower() for word in words]
        return "-".join([*plain, str(self.pool), *["styled"] * self.styled])


@dataclass(frozen=True, eq=False)
class PoolPart:
    """What one split learns from.

    Attributes:
        data: labelled images.
        split: all of them, divided.
        pool: unlabelled images.
        truth: (m,) their classes, for the oracle.
        rows: rows of the set that are the labelled images.
    """

    data: LabelledImages
    split: Split
    pool: UnlabelledImages
    truth: Rows
    rows: Rows


@dataclass(frozen=True, eq=False)
class PoolProblem:
    """The parts of each split, their common test images, and an overlap.

    The overlap is that of the labelled images.

    What unlabelled images the splits share does not count: the pool is as given as the
    test images are.
    """

    parts: tuple[PoolPart, ...]
    test: LabelledImages
    overlap: float


def make_pool_problem(row: PoolRow, options: argparse.Namespace) -> PoolProblem | None:
    found = read_both(row, options.data_dir)
    if found is None:
        return None
    source, target, test = found
    grid = fit_inside(source.size, row.side)
    source, target, test = (to_grid(part, grid) for part in found)
    parts = tuple(
        draw_pool_part(source, target, row, number) for number in range(options.splits)
    )
    few = np.random.default_rng(2).permutation(len(test))[:TESTED]
    common = measure_common_rows([part.rows for part in parts])
    return PoolProblem(parts, test.subset(np.sort(few)), common)


def read_both(
    row: PoolRow, folder: str
) -> tuple[LabelledImages, LabelledImages, LabelledImages] | None:
    """Read images as labelled ones look, the same rows as the others look, and a test.

    Images that do not have a domain are in neither part: rows of the first two are
    drawn by their domains, where the set has these.
    """
    if row.labelled:
        found = read_domains(Row(row.data, ""), folder)
        if found is None:
            return None
        train, test = found
        names = train.domain_names
        a, b = (names.index(name) for name in (row.labelled, row.unlabelled))
        assert train.domains is not None
        assert test.domains is not None
        source, target = (
            train.subset(np.flatnonzero(train.domains == d)) for d in (a, b)
        )
        return source, target, test.subset(np.flatnonzero(test.domains == b))
    plain = read_set(row.data, folder)
    if plain is None:
        return None
    paint = PAINTED[row.unlabelled]
    rng = np.random.default_rng(0)
    source, test = (to_colour(part) for part in plain)
    few = np.sort(rng.permutation(len(source))[:12_000])
    source = source.subset(few)
    tested = test.subset(np.sort(rng.permutation(len(test))[:TESTED]))
    target, tested = (
        replace(part, images=paint(part.images, rng)) for part in (source, tested)
    )
    return source, target, tested


def draw_pool_part(
    source: LabelledImages, target: LabelledImages, row: PoolRow, number: int
) -> PoolPart:
    """Draw labelled and unlabelled images of different objects and groups."""
    rng = np.random.default_rng([3, number])
    mine, theirs = np.arange(len(source)), np.arange(len(target))
    if source.groups is not None and target.groups is not None:
        shared = np.intersect1d(source.groups, target.groups)
        half = rng.permutation(shared)[: len(shared) // 2]
        rest = np.setdiff1d(shared, half)
        mine = mine[~np.isin(source.groups, rest)]
        theirs = theirs[~np.isin(target.groups, half)]
    own = [
        draw_some(mine[source.labels[mine] == k], PER_CLASS, LABELLED, rng)
        for k in range(len(source.classes))
    ]
    rows = np.sort(np.concatenate(own))
    if not row.labelled:  # painted: the same objects
        theirs = np.setdiff1d(theirs, rows)
    others = np.sort(draw_some(theirs, row.pool, POOLED, rng))
    data = replace(source.subset(rows), domains=None, domain_names=())
    every = np.arange(len(data))
    return PoolPart(
        data,
        make_split(data.labels, data.groups, every, seed=number),
        UnlabelledImages(target.images[others], row.unlabelled),
        target.labels[others],
        rows,
    )


def draw_some(rows: Rows, most: int, share: float, rng: np.random.Generator) -> Rows:
    """Draw rows, so few that another split draws others."""
    return rng.permutation(rows)[: min(most, max(1, round(share * len(rows))))]


def to_colour(images: LabelledImages) -> LabelledImages:
    if images.channels == 3:
        return images
    return replace(images, images=np.repeat(images.images, 3, axis=3))


def paint_on_photographs(images: Images, rng: np.random.Generator) -> Images:
    """Return |patch − image| with patches of scikit-learn's two photographs."""
    from sklearn.datasets import load_sample_images

    photographs = load_sample_images().images
    n, h, w, _ = images.shape
    made = np.empty_like(images)
    for i in range(n):
        photograph = photographs[rng.integers(len(photographs))]
        y = rng.integers(photograph.shape[0] - h)
        x = rng.integers(photograph.shape[1] - w)
        patch = photograph[y : y + h, x : x + w].astype(np.int16)
        made[i] = np.abs(patch - images[i])
    return made


def paint_second_camera(images: Images, rng: np.random.Generator) -> Images:
    """Return images as by a poorer camera: soft, warm, dark at the edges, noisy."""
    n, h, w, _ = images.shape
    x = images.astype(np.float32)
    for axis in (1, 2):
        x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    y0, x0 = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    edges = (1 - 0.35 * (y0**2 + x0**2) / 2)[None, :, :, None]
    light = rng.uniform(0.55, 0.85, (n, 1, 1, 1))
    x = 255 * (x / 255) ** 1.4 * edges * light * np.array([1.15, 0.95, 0.6])
    x += 15 + rng.normal(0, 10, x.shape)
    return np.asarray(x.round().clip(0, 255).astype(np.uint8))


PAINTED: dict[str, Callable[[Images, np.random.Generator], Images]] = {
    "over photographs": paint_on_photographs,
    "second camera": paint_second_camera,
    "low contrast": lambda images, _: corrupt(images, "contrast", 3),
    "noise": lambda images, _: corrupt(images, "noise", 3),
}

"""Problems with domains: sets, which of their cells lack, and the images that test."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.gain.problems import read_set
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside
from ganaug.gain.domains.splits import choose_within, number_cells
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split, Splits

SHARED = 3  # classes that all domains show
THIN = 2  # images of a thin cell
HELD_BACK = 40  # further real images of a cell for the oracle, at most
APART = 0.4  # share of the images, from either end, that are a kind of light
EDGE = 0.1  # of a side: the border whose median is the background's light

Rows = NDArray[np.int64]
Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """A set with domains, whose cells are left thin or empty.

    Attributes:
        data: name of the set.
        kind: `empty` or `thin`: what is left of a class outside its own domain.
        light: what an image's light is measured by, where that is its domain.
        planted: whether conditions are painted into the images.
        per_cell: images of a seen cell in a training part, at most.
        side: pixels of the longest side.
    """

    data: str
    kind: str
    light: str = ""
    planted: bool = False
    per_cell: int = 40
    side: int = 32

    @property
    def name(self) -> str:
        what = "-light" * bool(self.light) + "-planted" * self.planted
        return f"{self.data}{what}-{self.kind}"


@dataclass(frozen=True, eq=False)
class DomainProblem:
    """Training images, test images, and the splits of the former.

    Attributes:
        data: training images with domains.
        test: test images with domains.
        splits: splits; hidden cells choose, the test images test.
        spare: real images held back for the oracle, for each split.
    """

    data: LabelledImages
    test: LabelledImages
    splits: Splits
    spare: tuple[LabelledImages, ...]


def make_domain_problem(row: Row, options: argparse.Namespace) -> DomainProblem | None:
    found = read_domains(row, options.data_dir)
    if found is None:
        return None
    grid = fit_inside(found[0].size, row.side)
    data, test = (to_grid(part, grid) for part in found)
    parts = [draw_part(data, row, k) for k in range(options.splits)]
    splits = tuple(choose_within(data, part) for part in parts)
    spare = tuple(draw_spare(data, part, k) for k, part in enumerate(parts))
    return DomainProblem(data, test, Splits(splits, measure_common(splits)), spare)


def read_domains(row: Row, folder: str) -> tuple[LabelledImages, LabelledImages] | None:
    """Read the set, with domains of its own, by light, or painted."""
    found = read_set(row.data, folder)
    if found is None:
        return None
    if row.planted:
        return plant_conditions(found[0], 0), plant_conditions(found[1], 1)
    if row.light:
        return split_light(*found, LIGHTS[row.light])
    with np.load(Path(folder) / f"{row.data}.npz") as file:
        names = tuple(map(str, file["domain_names"]))
        own = [
            (file[f"domain_{part}"].astype(np.int64), file[f"group_{part}"])
            for part in ("train", "test")
        ]
    train, test = (
        replace(
            images,
            domains=domains,
            domain_names=names,
            groups=np.unique(groups, return_inverse=True)[1].astype(np.int64),
        )
        for images, (domains, groups) in zip(found, own, strict=True)
    )
    return train, test


def draw_part(data: LabelledImages, row: Row, number: int) -> Rows:
    """Draw a training part: some classes in every domain, the others in one.

    Which classes these are, and in which domain a class is, goes round with the splits.
    """
    assert data.domains is not None
    k, d = len(data.classes), len(data.domain_names)
    rng = np.random.default_rng([0, number])
    order = np.random.default_rng(0).permutation(k)
    shared = {int(order[(SHARED * number + j) % k]) for j in range(SHARED)}
    others = [int(c) for c in order if c not in shared]
    home = {c: (j + number) % d for j, c in enumerate(others)}
    left = 0 if row.kind == "empty" else THIN
    rows = [np.empty(0, np.int64)]
    for label in range(k):
        for domain in range(d):
            own = np.flatnonzero((data.labels == label) & (data.domains == domain))
            seen = label in shared or home[label] == domain
            rows.append(rng.permutation(own)[: row.per_cell if seen else left])
    return np.sort(np.concatenate(rows))


def draw_spare(data: LabelledImages, part: Rows, number: int) -> LabelledImages:
    """Draw further real images of every cell, in no group of the training part."""
    rng = np.random.default_rng([1, number])
    rest = rng.permutation(np.setdiff1d(np.arange(len(data)), part))
    if data.groups is not None:
        alone = rest[~np.isin(data.groups[rest], data.groups[part])]
        # where every group shows in several domains, none would be left
        rest = alone if len(alone) > len(rest) // 4 else rest
    cells = number_cells(data)[rest]
    kept = [rest[cells == cell][:HELD_BACK] for cell in np.unique(cells)]
    return data.subset(np.sort(np.concatenate(kept)))


def measure_common(splits: tuple[Split, ...]) -> float:
    """Return the variance to add for images that training parts have in common.

    Two gains are taken to correlate by the share ρ of common images; the mean of J has
    the variance s²(1/J + ρ/(1 − ρ)).
    """
    return measure_common_rows([split.train for split in splits])


def measure_common_rows(parts: Sequence[Rows]) -> float:
    """Return the same for the rows of each split's images."""
    shares = [
        len(np.intersect1d(a, b)) / min(len(a), len(b))
        for i, a in enumerate(parts)
        for b in parts[:i]
    ]
    common = float(np.mean(shares)) if shares else 0.0
    return common / (1 - common)


def split_light(
    train: LabelledImages,
    test: LabelledImages,
    measure: Callable[[Images], NDArray[np.float64]],
) -> tuple[LabelledImages, LabelledImages]:
    """Keep the darkest and the brightest two fifths as two domains; edit no image.

    The limits are those of the training images; what lies between is omitted.
    """
    low, high = np.quantile(measure(train.images), [APART, 1 - APART])

    def part(images: LabelledImages) -> LabelledImages:
        light = measure(images.images)
        kept = np.flatnonzero((light <= low) | (light > high))
        domains = (light[kept] > high).astype(np.int64)
        return replace(
            images.subset(kept), domains=domains, domain_names=("dark", "bright")
        )

    return part(train), part(test)


def measure_border(images: Images) -> NDArray[np.float64]:
    """Return (n,) the median of the border, as wide as a tenth of each side."""
    h, w = images.shape[1:3]
    inner = np.zeros((h, w), bool)
    top, left = max(1, round(EDGE * h)), max(1, round(EDGE * w))
    inner[top : h - top, left : w - left] = True
    return np.median(images[:, ~inner].reshape(len(images), -1), axis=1)


def measure_object(images: Images) -> NDArray[np.float64]:
    """Return (n,) the mean of the pixels that are not black, where all else is."""
    shown = images > 0
    total = shown.sum(axis=(1, 2, 3))
    return np.asarray(images.sum(axis=(1, 2, 3), dtype=float) / np.maximum(1, total))


LIGHTS = {"border": measure_border, "object": measure_object}


def plant_conditions(images: LabelledImages, seed: int) -> LabelledImages:
    """Paint each image in one of four conditions, in turn within its class.

    As it is; as a warm negative; on a textured background; dark, blue and noisy.
    """
    rng = np.random.default_rng(seed)
    x = np.repeat(images.images, 3, axis=3).astype(np.float32)
    domains = np.zeros(len(images), np.int64)
    for label in range(len(images.classes)):
        own = rng.permutation(np.flatnonzero(images.labels == label))
        domains[own] = np.arange(len(own)) % len(CONDITIONS)
    for number, paint in enumerate(CONDITIONS.values()):
        own = np.flatnonzero(domains == number)
        x[own] = paint(x[own], rng)
    return replace(
        images, images=x.round().clip(0, 255).astype(np.uint8), domains=domains,
        domain_names=tuple(CONDITIONS),
    )  # fmt: skip


Floats = NDArray[np.float32]


def _leave(x: Floats, rng: np.random.Generator) -> Floats:
    return x


def _invert(x: Floats, rng: np.random.Generator) -> Floats:
    return (255 - x) * np.array([1, 0.85, 0.6], np.float32)


def _texture(x: Floats, rng: np.random.Generator) -> Floats:
    """Put stripes of a random width and angle behind, where the image is dark."""
    n, h, w, _ = x.shape
    y0, x0 = np.mgrid[:h, :w]
    angle, period = rng.uniform(0, np.pi, n), rng.uniform(3, 8, n)
    along = np.cos(angle)[:, None, None] * x0 + np.sin(angle)[:, None, None] * y0
    stripes = 90 + 60 * np.sin(2 * np.pi * along / period[:, None, None])
    return np.maximum(x, stripes[..., None] * np.array([0.7, 1, 0.7], np.float32))


def _dim(x: Floats, rng: np.random.Generator) -> Floats:
    tint = np.array([0.3, 0.35, 0.6], np.float32)
    return 0.8 * x * tint + 10 + rng.normal(0, 12, x.shape).astype(np.float32)


CONDITIONS: dict[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "plain": _leave,
    "negative": _invert,
    "textured": _texture,
    "dim": _dim,
}

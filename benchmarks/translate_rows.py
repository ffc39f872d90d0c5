"""The sets of benchmarks.translate: which cells have images, and which are tested."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images

PER_CELL = 40  # real images of a cell that was seen
SHARED = 3  # classes seen in every domain
SIDE = 32  # pixels of sign-digits here
POOL = 1_000  # unlabelled images, at most
LIGHTS = ("plain", "lamp", "dusk")


@dataclass(frozen=True)
class Pool:
    """Unlabelled images of a domain."""

    images: NDArray[np.uint8]
    domain: str


@dataclass(frozen=True, eq=False)
class Problem:
    """A set whose cells are partly empty.

    Attributes:
        name: name of the row.
        train: images that were seen.
        further: the same, and as many real images of the empty cells.
        every: all training images, for judges.
        test: real test images of all cells that are scored.
        domains: names of the domains, those of pools too.
        pools: unlabelled images.
    """

    name: str
    train: LabelledImages
    further: LabelledImages
    every: LabelledImages
    test: LabelledImages
    domains: tuple[str, ...]
    pools: tuple[Pool, ...] = ()

    def is_empty(self, data: LabelledImages) -> NDArray[np.bool_]:
        """Whether each image's cell had no labelled training image."""
        assert data.domains is not None
        assert self.train.domains is not None
        shape = len(self.train.classes), len(self.domains)
        seen = np.zeros(shape, bool)
        seen[self.train.labels, self.train.domains] = True
        return ~seen[data.labels, data.domains]

    def choose_shown(self, n: int) -> NDArray[np.int64]:
        """Choose images of classes that were seen in a single domain."""
        labels, domains = self.train.labels, self.train.domains
        assert domains is not None
        single = [
            np.flatnonzero(labels == k)
            for k in range(len(self.train.classes))
            if len(np.unique(domains[labels == k])) == 1
        ]
        return np.array([single[k % len(single)][k // len(single)] for k in range(n)])


def read_problem(row: str, folder: str) -> Problem:
    """Read a row's images.

    Args:
        row: a name in ROWS.
        folder: folder of the npz files.
    """
    return _read(row, folder)


@cache
def _read(row: str, folder: str) -> Problem:
    name, make = ROWS[row]
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        sys.exit(f"there is no {path}; give --data-dir")
    return make(row, dict(np.load(path)))


Arrays = dict[str, NDArray[np.generic]]


def make_digits(row: str, arrays: Arrays) -> Problem:
    """Four kinds of scanned digits; three classes were seen in all of them."""
    parts = [_label(arrays, part) for part in ("train", "test")]
    return leave_empty(row, *parts)


def make_lights(row: str, arrays: Arrays) -> Problem:
    """Hands in three kinds of planted light."""
    random, parts = np.random.default_rng(0), []
    for part in ("train", "test"):
        images = np.asarray(arrays[f"x_{part}"], np.uint8)
        small = resize_images(images, (SIDE, SIDE)).copy()
        places = random.integers(0, len(LIGHTS), len(small))
        for domain in range(len(LIGHTS)):
            mine = places == domain
            small[mine] = relight(small[mine], domain, random)
        labels = np.asarray(arrays[f"y_{part}"], np.int64)
        classes = tuple(map(str, arrays["class_names"]))
        parts.append(
            LabelledImages(small, labels, classes, domains=places, domain_names=LIGHTS)
        )
    return leave_empty(row, *parts)


def make_unlabelled(row: str, arrays: Arrays) -> Problem:
    """Labelled images of one kind of digits, and unlabelled ones of another."""
    every, test = (_take_two(_label(arrays, part)) for part in ("train", "test"))
    assert every.domains is not None
    classes, here = len(every.classes), np.array([True, False])
    pool = every.images[every.domains == 1][:POOL]
    return Problem(
        row,
        _thin(every, np.tile(here, (classes, 1)), 0),
        _thin(every, np.ones((classes, 2), bool), 0),
        every,
        test,
        every.domain_names,
        (Pool(pool, every.domain_names[1]),),
    )


def _take_two(data: LabelledImages) -> LabelledImages:
    """Return the images of the first two domains."""
    assert data.domains is not None
    part = data.subset(np.flatnonzero(data.domains < 2))
    return replace(part, domain_names=data.domain_names[:2])


def leave_empty(row: str, every: LabelledImages, test: LabelledImages) -> Problem:
    """Keep SHARED classes in every domain, and each other one in a single domain."""
    classes, domains = len(every.classes), len(every.domain_names)
    order = np.random.default_rng(0).permutation(classes)
    seen = np.zeros((classes, domains), bool)
    seen[order[:SHARED]] = True
    for turn, label in enumerate(order[SHARED:]):
        seen[label, turn % domains] = True
    return Problem(
        row,
        _thin(every, seen, 0),
        _thin(every, np.ones_like(seen), 0),
        every,
        test,
        every.domain_names,
    )


def relight(
    images: NDArray[np.uint8], domain: int, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Plant a light: none, a warm lamp at the left, or a dim and noisy dusk."""
    x, (_, _, width, channels) = images.astype(np.float32), images.shape
    if LIGHTS[domain] == "lamp":
        falloff = np.linspace(1.15, 0.4, width)[None, None, :, None]
        x = x * falloff * np.array([1.1, 0.85, 0.55])[:channels]
    elif LIGHTS[domain] == "dusk":
        x = 255 * (x / 255) ** 1.6 * np.array([0.5, 0.6, 0.85])[:channels] + 20
        x = x + random.normal(0, 8, x.shape)
    return x.clip(0, 255).astype(np.uint8)


def _label(arrays: Arrays, part: str) -> LabelledImages:
    images = np.asarray(arrays[f"x_{part}"], np.uint8)
    return LabelledImages(
        images[..., None] if images.ndim == 3 else images,
        np.asarray(arrays[f"y_{part}"], np.int64),
        tuple(map(str, arrays["class_names"])),
        domains=np.asarray(arrays[f"domain_{part}"], np.int64),
        domain_names=tuple(map(str, arrays["domain_names"])),
    )


def _thin(data: LabelledImages, kept: NDArray[np.bool_], seed: int) -> LabelledImages:
    """Keep PER_CELL images of each cell that is kept, and none of the others."""
    assert data.domains is not None
    random, rows = np.random.default_rng(seed), []
    for label, domain in np.argwhere(kept):
        own = np.flatnonzero((data.labels == label) & (data.domains == domain))
        rows.append(np.sort(random.permutation(own)[:PER_CELL]))
    return data.subset(np.concatenate(rows))


Make = Callable[[str, Arrays], Problem]
ROWS: dict[str, tuple[str, Make]] = {
    "digits-4": ("digits-4", make_digits),
    "sign-digits light": ("sign-digits", make_lights),
    "unlabelled digits": ("digits-4", make_unlabelled),
}

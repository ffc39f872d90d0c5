"""Filling: images of every class for every domain, carried over from other domains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.gain.kept import Arrays
from ganaug.gain.pools import Pool
from ganaug.translate.classical.carriers import fit_carrier

Indices = NDArray[np.int64]


class FillMaker(Protocol):
    """Makes images for every cell from the images of a training part.

    Returns `images` (m, h, w, c), their `labels` and `domains` (m,), and `sources`
    (m,), the rows of the training images that they were carried over from.
    """

    def __call__(
        self, data: LabelledImages, folder: Path, seed: int, effort: float
    ) -> Arrays:
        """Make the images.

        Args:
            data: training images with domains.
            folder: empty folder to work in; it is removed afterwards.
            seed: seed for everything random.
            effort: share of the planned training time, 0 to 1: choices take less.
        """
        ...


def fill_by_carrier(name: str, per_cell: int) -> FillMaker:
    """Return a maker that carries images over without a network, see `CARRIERS`."""

    def make(data: LabelledImages, folder: Path, seed: int, effort: float) -> Arrays:
        rng = np.random.default_rng(seed)
        carrier = fit_carrier(name, data)
        return fill_cells(
            data, lambda x, s, t: carrier.carry(x, s, t, rng), per_cell, seed=seed
        )

    return make


def fill_cells(
    data: LabelledImages,
    carry: Callable[[NDArray[np.uint8], Indices, Indices], NDArray[np.uint8]],
    per_cell: int,
    *,
    seed: int,
) -> Arrays:
    """Carry images over into every cell, seen ones too, so that none is given away.

    Args:
        data: images with domains.
        carry: function (images, their domains, target domains) → images.
        per_cell: number of images for each cell.
        seed: seed for the sources.
    """
    sources, targets = list_sources(data, per_cell, seed=seed)
    assert data.domains is not None, "cells are filled where domains are known"
    images = carry(data.images[sources], data.domains[sources], targets)
    return {
        "images": images,
        "labels": data.labels[sources],
        "domains": targets,
        "sources": sources,
    }


def list_sources(
    data: LabelledImages, per_cell: int, *, seed: int
) -> tuple[Indices, Indices]:
    """List source rows and target domains: for each cell, its class in other domains.

    Each image is used once before any is used again. A class with images in one domain
    alone gives none for that domain.

    Returns:
        (m,) rows of the data, (m,) target domains.

    Example:
        >>> x = np.zeros((3, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(
        ...     x, np.array([0, 0, 1]), ("a", "b"), domains=np.array([0, 1, 0]),
        ...     domain_names=("lamp", "sun"),
        ... )
        >>> [part.tolist() for part in list_sources(data, 1, seed=0)]
        [[1, 0, 2], [0, 1, 1]]
    """
    assert data.domains is not None, "cells are filled where domains are known"
    rng = np.random.default_rng(seed)
    present = np.unique(data.domains[data.domains >= 0])
    rows, targets = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for label in range(len(data.classes)):
        for target in present:
            own = np.flatnonzero(
                (data.labels == label) & (data.domains >= 0) & (data.domains != target)
            )
            if len(own):
                turns = -(-per_cell // len(own))
                drawn = [rng.permutation(own) for _ in range(turns)]
                rows.append(np.concatenate(drawn)[:per_cell])
                targets.append(np.full(per_cell, target, np.int64))
    return np.concatenate(rows), np.concatenate(targets)


def to_pool(made: Arrays, n_classes: int) -> Pool:
    """Return filled cells as a pool with hard labels."""
    eye = np.eye(n_classes, dtype=np.float32)
    labels = made["labels"]
    return Pool(made["images"], labels, eye[labels], domains=made["domains"])


def to_placebo(made: Arrays, data: LabelledImages) -> Pool:
    """Return the sources themselves in the places of what was made of them."""
    return to_pool({**made, "images": data.images[made["sources"]]}, len(data.classes))

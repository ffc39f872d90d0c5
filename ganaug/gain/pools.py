"""Pool: labelled images that a recipe mixes in, synthetic ones or their stand-ins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]  # (n, h, w, c)
Labels = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, eq=False)
class Pool:
    """Images to mix in.

    Attributes:
        images: (m, h, w, c) uint8.
        labels: (m,) the classes they were made for.
        soft: (m, k) the teacher's distribution over the classes.
        echo: whether the images are left out and each batch repeats its own real ones
            instead: what a protocol that cannot err finds no gain in.
    """

    images: Images
    labels: Labels
    soft: NDArray[np.float32]
    echo: bool = False

    def __len__(self) -> int:
        return len(self.labels)


def spoil_labels(pool: Pool, n_classes: int, *, seed: int = 0) -> Pool:
    """The same images with wrong labels, each of another class than its own.

    Example:
        >>> x, y = np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 1, 1])
        >>> pool = Pool(x, y, np.eye(2, dtype=np.float32)[y])
        >>> spoil_labels(pool, 2).labels
        array([1, 0, 0])
    """
    moved = np.random.default_rng(seed).integers(1, n_classes, len(pool))
    labels = (pool.labels + moved) % n_classes
    return replace(
        pool, labels=labels, soft=np.eye(n_classes, dtype=np.float32)[labels]
    )

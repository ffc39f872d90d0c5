"""Pool: labelled images that a recipe mixes in, synthetic ones or their stand-ins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.policies import make_policy
from ganaug.data.images import LabelledImages
from ganaug.gain.cells import Arrays

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


class PoolMaker(Protocol):
    """Makes the pool and the placebo of a split out of the part that it may see.

    What it writes into the folder helps it to resume after a kill; once the arrays are
    kept, the folder is removed.

    Returns arrays `images`, `labels` and `soft` of the pool, the same with `placebo_`
    before their names, and `flips`: whether mirroring left-right and up-down keeps
    labels. True `echo` and `placebo_echo` are allowed beside them, see `Pool`.
    """

    def __call__(self, fit: LabelledImages, folder: Path, seed: int) -> Arrays: ...


def augment_again(
    pool: Pool,
    policy: str,
    counts: NDArray[np.int64],
    *,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
) -> Pool:
    """Make n images of each class out of a pool of few, by augmenting each anew.

    A class's images come in turns, augmented anew each time; their labels stay.

    Args:
        pool: real images.
        policy: see `ganaug.classify.policies`.
        counts: (k,) images of each class to make; none where the pool has none.
        hflip, vflip: whether mirroring keeps labels.
        seed: decides the order and the augmentation.

    Example:
        >>> x, y = np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 1, 1])
        >>> pool = Pool(x, y, np.eye(2, dtype=np.float32)[y])
        >>> augment_again(pool, "rand", np.array([3, 5])).labels
        array([0, 0, 0, 1, 1, 1, 1, 1])
    """
    rng = np.random.default_rng(seed)
    rows = [np.empty(0, np.int64)]
    for label, count in enumerate(counts):
        own = np.flatnonzero(pool.labels == label)
        if len(own):
            turns = [rng.permutation(own) for _ in range(-(-int(count) // len(own)))]
            rows.append(np.concatenate([*turns, own[:0]])[:count])
    chosen = np.concatenate(rows)
    shape = pool.images.shape[1:]
    augment = make_policy(policy, shape, hflip=hflip, vflip=vflip, seed=seed)
    images = augment(pool.images[chosen]) if len(chosen) else pool.images[:0]
    return replace(
        pool, images=images, labels=pool.labels[chosen], soft=pool.soft[chosen]
    )

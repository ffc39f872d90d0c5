"""Pool: labelled images that a recipe mixes in, synthetic or real ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.policies import make_policy
from ganaug.data.images import LabelledImages
from ganaug.gain.kept import Arrays
from ganaug.mixing.schedule import (
    Schedule,
    group_rows,
    plan_epoch,
    plan_stand_ins,
    split_rows,
)
from ganaug.recipe import Recipe

Images = NDArray[np.uint8]  # (n, h, w, c)
Labels = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, eq=False)
class Pool:
    """Labelled images to mix in.

    Attributes:
        images: (m, h, w, c) uint8 pixels.
        labels: (m,) classes that they were drawn for.
        soft: (m, k) the teacher's probabilities for the classes.
        echo: whether each batch repeats its own real images in place of these; used to
            test the protocol, which should then find no gain.
        domains: (m,) number of each image's domain, or None where there are none.
    """

    images: Images
    labels: Labels
    soft: NDArray[np.float32]
    echo: bool = False
    domains: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)


class PoolMaker(Protocol):
    """Makes the pool and the placebo of a split from its `fit` images.

    Files that it writes into the folder let it resume after a kill; the folder is
    removed once the arrays are kept.

    Returns the pool's arrays `images`, `labels` and `soft`, the placebo's arrays with
    the same names after `placebo_`, and `flips`: whether mirroring left-right and
    up-down keeps labels. `echo`, `domains` and the same of the placebo are optional,
    see `Pool`.
    """

    def __call__(self, fit: LabelledImages, folder: Path, seed: int) -> Arrays: ...


def mix_pool(
    labels: Labels, pool: Pool, recipe: Recipe, *, seed: int
) -> tuple[Schedule, Schedule]:
    """Plan a recipe's epochs as `SyntheticDataset` does.

    Args:
        labels: (n,) classes of the real images.
        pool: images to mix in.
        recipe: its share and draw count.
        seed: seed for the order, a whole number from 0 up.

    Returns:
        Which rows of the pool come in which epoch, and which real images come in their
        places at the end.

    Example:
        >>> x, y = np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 1, 1])
        >>> pool = Pool(x, y, np.eye(2, dtype=np.float32)[y])
        >>> mix_pool(np.array([0, 0, 1]), pool, Recipe(share=0.5), seed=0)[0].counts
        {'0': 2, '1': 1}
    """
    names = tuple(map(str, range(pool.soft.shape[1])))
    rows, real = group_rows(pool.labels, names), group_rows(labels, names)
    there = {name: len(own) for name, own in rows.items() if name in real}
    domains = pool.domains if recipe.draw == "cells" else None
    counts = {}
    if there:
        counts = plan_epoch(
            {name: len(own) for name, own in real.items()},
            there,
            recipe.share,
            draw=recipe.draw,
            domains={name: len(split_rows(rows[name], domains)) for name in there},
        )
    label_of: dict[str, int | str] = {name: k for k, name in enumerate(names)}
    targets: list[int | str] = labels.tolist()
    others = plan_stand_ins(targets, label_of, counts, seed)
    return Schedule(rows, counts, seed, domains), others


def augment_again(
    pool: Pool,
    policy: str,
    counts: NDArray[np.int64],
    *,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
) -> Pool:
    """Augment a pool's images until each class has the wanted number.

    A class's images are used in turn and augmented anew each time; labels stay.

    Args:
        pool: real images.
        policy: augmentation, see `ganaug.classify.policies`.
        counts: (k,) wanted images of each class; a class that the pool lacks gets none.
        hflip, vflip: whether mirroring left-right and up-down keeps labels.
        seed: seed for the order and the augmentation.

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
        pool,
        images=images,
        labels=pool.labels[chosen],
        soft=pool.soft[chosen],
        domains=None if pool.domains is None else pool.domains[chosen],
    )

"""Pool: labelled images that a recipe mixes in, synthetic ones or their stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.policies import make_policy

Images = NDArray[np.uint8]  # (n, h, w, c)
Labels = NDArray[np.int64]  # (n,)
Judge = Callable[[Images], NDArray[np.float32]]  # → (n, k) probabilities


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


def make_pool(images: Images, labels: Labels, judge: Judge) -> Pool:
    """A pool with the teacher's opinion of each image."""
    return Pool(images, labels, judge(images))


def make_placebo(
    images: Images,
    labels: Labels,
    judge: Judge,
    counts: NDArray[np.int64],
    *,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
) -> Pool:
    """Real images, augmented anew, in place of as many synthetic ones of each class.

    Args:
        images: (n, h, w, c) uint8, what the GAN was trained on.
        labels: (n,).
        judge: the teacher that judged the synthetic images.
        counts: (k,) how many of each class to make; none where a class has no image.
        hflip, vflip: whether mirroring keeps labels.
        seed: of the choice and the augmentation.

    Example:
        >>> x, y = np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 1, 1])
        >>> judge = lambda images: np.full((len(images), 2), 0.5, np.float32)
        >>> make_placebo(x, y, judge, np.array([3, 5])).labels
        array([0, 0, 0, 1, 1, 1, 1, 1])
    """
    rng = np.random.default_rng(seed)
    rows = [np.empty(0, np.int64)]
    for label, count in enumerate(counts):
        own = np.flatnonzero(labels == label)
        if len(own):
            turns = [rng.permutation(own) for _ in range(-(-int(count) // len(own)))]
            rows.append(np.concatenate([*turns, own[:0]])[:count])
    chosen = np.concatenate(rows)
    augment = make_policy("rand", images.shape[1:], hflip=hflip, vflip=vflip, seed=seed)
    made = augment(images[chosen]) if len(chosen) else images[:0]
    return make_pool(made, labels[chosen], judge)


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

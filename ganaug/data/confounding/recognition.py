"""How well domains, or classes, are told apart by the look of an image alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.linear import fit_linear
from ganaug.data.looks.sampling import pick_some
from ganaug.data.split import make_folds

FOLDS = 5
FEWEST = 5  # images of a kind that is judged
MOST_IMAGES = 2000
RIDGE = 1e-2  # of the classifier


@dataclass(frozen=True)
class Recognition:
    """Accuracy of a linear classifier of looks, on images that it has not seen.

    Attributes:
        accuracy: mean over domains or classes, 0 to 1.
        chance: what guessing reaches.
        n: number of images that were judged.
    """

    accuracy: float
    chance: float
    n: int


def tell_apart(
    looks: NDArray[np.float32],
    kinds: NDArray[np.int64],
    groups: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
) -> Recognition | None:
    """Cross-fit a linear classifier on looks (n, f), and measure how often it is right.

    Args:
        looks: what `measure_looks` returns.
        kinds: (n,) indices of domains or classes, -1 where unknown; such images are
            left out, and kinds of fewer than 5 images.
        groups: (n,) group indices, or None; images of one group share a fold.
        seed: seed of the folds.

    Returns:
        None with fewer than two such kinds.

    Example:
        >>> looks = np.repeat([[0.0], [9.0]], 10, axis=0)
        >>> tell_apart(looks, np.repeat([0, 1], 10)).accuracy
        1.0
    """
    sizes = np.bincount(kinds[kinds >= 0], minlength=1)
    judged = np.flatnonzero(sizes >= FEWEST)
    if len(judged) < 2:
        return None
    known = np.flatnonzero(np.isin(kinds, judged))
    rows = known[pick_some(len(known), MOST_IMAGES, seed)]
    own = None if groups is None else groups[rows]
    right = _cross_fit(looks[rows], kinds[rows], own, seed)
    if right is None:
        return None
    means = [right[kinds[rows] == d].mean() for d in np.unique(kinds[rows])]
    return Recognition(round(float(np.mean(means)), 4), 1 / len(judged), len(rows))


def _cross_fit(
    looks: NDArray[np.float32],
    kinds: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    seed: int,
) -> NDArray[np.bool_] | None:
    """Say of each image whether its domain was recognised; None if it cannot be."""
    fold_of = make_folds(kinds, groups, folds=FOLDS, seed=seed)
    right = np.zeros(len(kinds), bool)
    for fold in np.unique(fold_of):
        fit, judge = fold_of != fold, fold_of == fold
        if len(set(kinds[fit])) < 2:
            return None
        model = fit_linear(looks[fit], kinds[fit], kinds[fit], ridge=RIDGE)
        right[judge] = model.predict(looks[judge]) == kinds[judge]
    return right

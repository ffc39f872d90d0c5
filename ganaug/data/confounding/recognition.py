"""How well domains are told apart by the look of an image alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.confounding.linear import fit_linear
from ganaug.data.looks.sampling import pick_some
from ganaug.data.split import make_folds

FOLDS = 5
FEWEST = 5  # images of a domain that is judged
MOST_DOMAINS = 20  # that are judged; with more it would take long
MOST_IMAGES = 2000
RIDGE = 1e-2  # of the classifier


@dataclass(frozen=True)
class Recognition:
    """Accuracy of a linear classifier of domains, on images that it has not seen.

    Attributes:
        accuracy: mean over domains, 0 to 1.
        chance: what guessing reaches.
        n: number of images that were judged.
    """

    accuracy: float
    chance: float
    n: int


def recognise_domains(
    looks: NDArray[np.float32],
    domains: NDArray[np.int64],
    groups: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
) -> Recognition | None:
    """Cross-fit a linear classifier on looks (n, f), and measure how often it is right.

    Args:
        looks: what `measure_looks` returns.
        domains: (n,) domain indices, -1 where unknown; such images are left out, and
            domains of fewer than 5 images.
        groups: (n,) group indices, or None; images of one group share a fold.
        seed: seed of the folds.

    Returns:
        None with fewer than two such domains, or more than 20.

    Example:
        >>> looks = np.repeat([[0.0], [9.0]], 10, axis=0)
        >>> recognise_domains(looks, np.repeat([0, 1], 10)).accuracy
        1.0
    """
    sizes = np.bincount(domains[domains >= 0], minlength=1)
    judged = np.flatnonzero(sizes >= FEWEST)
    if not 2 <= len(judged) <= MOST_DOMAINS:
        return None
    known = np.flatnonzero(np.isin(domains, judged))
    rows = known[pick_some(len(known), MOST_IMAGES, seed)]
    own = None if groups is None else groups[rows]
    right = _cross_fit(looks[rows], domains[rows], own, seed)
    if right is None:
        return None
    means = [right[domains[rows] == d].mean() for d in np.unique(domains[rows])]
    return Recognition(round(float(np.mean(means)), 4), 1 / len(judged), len(rows))


def _cross_fit(
    looks: NDArray[np.float32],
    domains: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    seed: int,
) -> NDArray[np.bool_] | None:
    """Say of each image whether its domain was recognised; None if it cannot be."""
    fold_of = make_folds(domains, groups, folds=FOLDS, seed=seed)
    right = np.zeros(len(domains), bool)
    for fold in np.unique(fold_of):
        fit, judge = fold_of != fold, fold_of == fold
        if len(set(domains[fit])) < 2:
            return None
        model = fit_linear(looks[fit], domains[fit], domains[fit], ridge=RIDGE)
        right[judge] = model.predict(looks[judge]) == domains[judge]
    return right

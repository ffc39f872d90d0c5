"""How different the images of one class are from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from ganaug.metrics.jackknife import Influence, influence_of
from ganaug.metrics.thinning import thin

Features = NDArray[np.floating]


def within_class_diversity(
    features: Features, labels: NDArray[np.int64], *, most: int = 500
) -> dict[int, float]:
    """Measure the mean distance between two images of a class, for each class.

    Args:
        features: (n, d) features of the images.
        labels: (n,) their classes.
        most: largest number of images of a class that are compared.

    Returns:
        Class → mean distance; classes with one image are omitted.

    Example:
        >>> within_class_diversity(np.array([[0.0], [2.0], [5.0]]), np.array([0, 0, 1]))
        {0: 2.0}
    """
    return {
        int(label): float(pdist(thin(features[labels == label], most)).mean())
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True)
        if count >= 2
    }


def diversity_influence(fake: Features, real: Features) -> Influence | None:
    """Measure the mean distance between fake images over that between real ones.

    At 1 fake images are as various as real ones; near 0 they have collapsed.

    Args:
        fake: (n, d) features, n ≥ 3.
        real: (m, d) features, m ≥ 3.

    Returns:
        The ratio and the influence of each image; None where all real images are
        equal, and no influence where all but one are.

    Example:
        >>> real = np.arange(4.0)[:, None]
        >>> diversity_influence(real / 2, real).value
        0.5
    """
    above, without_fake = _mean_distances(fake)
    below, without_real = _mean_distances(real)
    if below == 0:
        return None
    if not without_real.all():
        return Influence(above / below, np.empty(0), np.empty(0))
    return influence_of(above / below, without_fake / below, above / without_real)


def _mean_distances(x: Features) -> tuple[float, NDArray[np.float64]]:
    """Return the mean over pairs, and over the pairs without each image in turn."""
    n = len(x)
    assert n >= 3, "leaving one out needs three"
    rows = squareform(pdist(x)).sum(axis=1)
    total = rows.sum()
    without = (total - 2 * rows) / ((n - 1) * (n - 2))
    return float(total / (n * (n - 1))), np.asarray(without)

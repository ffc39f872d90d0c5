"""How different the images of one class are from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

Features = NDArray[np.floating]


def within_class_diversity(
    features: Features, labels: NDArray[np.int64], *, most: int = 500
) -> dict[int, float]:
    """Mean Euclidean distance between two images of a class, for each class.

    Args:
        features: (n, d).
        labels: (n,).
        most: images of a class that are compared, the first ones.

    Returns:
        Class → mean distance; classes with one image are left out.

    Example:
        >>> within_class_diversity(np.array([[0.0], [2.0], [5.0]]), np.array([0, 0, 1]))
        {0: 2.0}
    """
    return {
        int(label): float(pdist(features[labels == label][:most]).mean())
        for label, count in zip(*np.unique(labels, return_counts=True), strict=True)
        if count >= 2
    }

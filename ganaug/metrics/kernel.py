"""Kernel distance between two sets of features, after Bińkowski et al. (2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.jackknife import Influence, influence_of

Features = NDArray[np.floating]


def kernel_distance(x: Features, y: Features) -> float:
    """Compute the unbiased squared MMD with the kernel (x·y/d + 1)³.

    Source: "Demystifying MMD GANs" (Bińkowski et al., 2018), the kernel distance.

    For two samples of one distribution its expectation is 0, so it may be negative.

    Args:
        x: (n, d) features, n ≥ 2.
        y: (m, d) features, m ≥ 2.

    Example:
        >>> x = np.eye(4)
        >>> kernel_distance(x, x) < 0 < kernel_distance(x, x + 3)
        True
    """
    n, m = len(x), len(y)
    assert n >= 2 <= m, "an unbiased estimate needs two of each"
    within_x = _others(x).sum() / (n * (n - 1))
    within_y = _others(y).sum() / (m * (m - 1))
    return float(within_x + within_y - 2 * _cubic(x, y).mean())


def kernel_influence(x: Features, y: Features) -> Influence:
    """Compute `kernel_distance` and each image's influence, exactly, from row sums.

    Args:
        x: (n, d) features, n ≥ 3.
        y: (m, d) features, m ≥ 3.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(20, 4))
        >>> low, high = kernel_influence(x[:10], x[10:]).estimate()[1:]
        >>> low < 0 < high
        True
    """
    n, m = len(x), len(y)
    assert n >= 3 <= m, "leaving one out needs three of each"
    rows_x, rows_y, cross = _others(x), _others(y), _cubic(x, y)
    sum_x, sum_y, sum_xy = rows_x.sum(), rows_y.sum(), cross.sum()
    within_x = sum_x / (n * (n - 1))
    within_y = sum_y / (m * (m - 1))
    fewer_x = (sum_x - 2 * rows_x) / ((n - 1) * (n - 2))
    fewer_y = (sum_y - 2 * rows_y) / ((m - 1) * (m - 2))
    return influence_of(
        float(within_x + within_y - 2 * sum_xy / (n * m)),
        fewer_x + within_y - 2 * (sum_xy - cross.sum(axis=1)) / ((n - 1) * m),
        within_x + fewer_y - 2 * (sum_xy - cross.sum(axis=0)) / (n * (m - 1)),
    )


def _others(x: Features) -> NDArray[np.float64]:
    """Sum (n,) the kernel between each row and all others."""
    products = _cubic(x, x)
    np.fill_diagonal(products, 0)
    return np.asarray(products.sum(axis=1))


def _cubic(x: Features, y: Features) -> NDArray[np.float64]:
    product = x.astype(np.float64) @ y.astype(np.float64).T
    return np.asarray((product / x.shape[1] + 1) ** 3)

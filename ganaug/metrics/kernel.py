"""Kernel distance between two sets of features, after Bińkowski et al. (2018)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]


def kernel_distance(x: Features, y: Features) -> float:
    """Unbiased squared MMD with the kernel (x·y/d + 1)³; "Demystifying MMD GANs".

    The expectation is 0 for two samples of one distribution, so it may be negative.

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
    xx, yy, xy = _cubic(x, x), _cubic(y, y), _cubic(x, y)
    within_x = (xx.sum() - np.trace(xx)) / (n * (n - 1))
    within_y = (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within_x + within_y - 2 * xy.mean())


def _cubic(x: Features, y: Features) -> NDArray[np.float64]:
    product = x.astype(np.float64) @ y.astype(np.float64).T
    return np.asarray((product / x.shape[1] + 1) ** 3)

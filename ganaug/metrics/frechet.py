"""Fréchet distance between two sets of features, after Heusel et al. (2017)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.jackknife import LEAVE_OUTS, Influence, measure_influence

Features = NDArray[np.floating]
Floats = NDArray[np.float64]


def frechet_distance(x: Features, y: Features) -> float:
    """Compute |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), the FID of these features.

    With A the centred rows over √(n − 1), Σ = AᵀA and tr (Σ₁Σ₂)^½ is the sum of the
    singular values of A₁A₂ᵀ: no root of a singular matrix, also when n < d. Two samples
    of one distribution give more than 0, the more the fewer images there are, so
    compare only values of equal numbers.

    Args:
        x: (n, d) features, n ≥ 2.
        y: (m, d) features, m ≥ 2.

    Returns:
        The distance, at least 0 up to rounding.

    Example:
        >>> x = np.eye(3)
        >>> round(frechet_distance(x, x + 1), 6), abs(frechet_distance(x, x)) < 1e-12
        (3.0, True)
    """
    assert len(x) >= 2 <= len(y), "a covariance needs two of each"
    root_x, root_y = _root_covariance(x), _root_covariance(y)
    shared = np.linalg.svd(root_x @ root_y.T, compute_uv=False).sum()
    apart = ((x.mean(axis=0, dtype=float) - y.mean(axis=0, dtype=float)) ** 2).sum()
    return float(apart + (root_x**2).sum() + (root_y**2).sum() - 2 * shared)


def frechet_influence(
    x: Features, y: Features, *, parts: int = LEAVE_OUTS
) -> Influence:
    """Compute `frechet_distance` and the influence of each image, or of each part.

    Args:
        x: (n, d) features, n ≥ 3.
        y: (m, d) features, m ≥ 3.
        parts: see `measure_influence`.
    """
    assert len(x) >= 3 <= len(y), "leaving one out needs three of each"
    return measure_influence(frechet_distance, x, y, parts=parts)


def _root_covariance(x: Features) -> Floats:
    """Return R (min(n, d), d) with RᵀR = the covariance of x."""
    centred = np.asarray(x - x.mean(axis=0, dtype=float)) / math.sqrt(len(x) - 1)
    if len(x) <= x.shape[1]:
        return np.asarray(centred)
    return np.asarray(np.linalg.qr(centred, mode="r"))

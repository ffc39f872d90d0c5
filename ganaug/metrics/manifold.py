"""Precision, recall, density, coverage: do two samples lie on each other's manifold?

The manifold of a sample is the union of balls around its images, each as large as the
distance to the k-th nearest image of the same sample. Precision and recall are those
of Kynkäänniemi et al. (2019), density and coverage those of Naeem et al. (2020).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.metrics.jackknife import Influence, influence_of

Features = NDArray[np.floating]
Floats = NDArray[np.float64]

NEAREST = 5


def measure_manifold(
    fake: Features, real: Features, *, k: int = NEAREST
) -> dict[str, Influence]:
    """Measure all four figures, each with the influence of every image, exactly.

    precision: share of fake images inside a real ball. recall: share of real images
    inside a fake ball. density: real balls around a fake image, over k; 1 on average
    for two samples of one distribution. coverage: share of real balls with a fake
    image inside; near 1 − 2⁻ᵏ for two equally large samples of one distribution.
    A ball includes its edge, so that copies of repeated images count as inside.

    Memory and time grow with the square of the numbers: give some thousands at most.

    Args:
        fake: (n, d) features, n ≥ k + 2, so that one can be omitted.
        real: (m, d) features, m ≥ k + 2.
        k: neighbours that decide a ball's radius.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(40, 2))
        >>> measure_manifold(x, x)["coverage"].value
        1.0
    """
    assert min(len(fake), len(real)) >= k + 2, "each sample needs k + 2 images"
    between = cdist(real.astype(np.float64), fake.astype(np.float64))
    real_balls, fake_balls = _find_balls(real, k), _find_balls(fake, k)
    around_fake, without_real = _count_balls(real_balls, between)
    around_real, without_fake = _count_balls(fake_balls, between.T)
    return {
        "precision": _share(around_fake > 0, (without_real > 0).mean(axis=1)),
        "recall": _swap(_share(around_real > 0, (without_fake > 0).mean(axis=1))),
        "density": _share(around_fake / k, without_real.mean(axis=1) / k),
        "coverage": _cover(real_balls, between),
    }


class _Balls(NamedTuple):
    """Balls around n images.

    Attributes:
        radius: (n,) distance to the k-th nearest other image.
        wider: (n,) distance to the next one, the radius when one of the k is omitted.
        owns: (n, n) matrix, 1 where column j is one of the k nearest of row i.
    """

    radius: Floats
    wider: Floats
    owns: NDArray[np.float32]


def _find_balls(x: Features, k: int) -> _Balls:
    distances = cdist(x.astype(np.float64), x.astype(np.float64))
    np.fill_diagonal(distances, np.inf)
    order = np.argsort(distances, axis=1, kind="stable")[:, : k + 1]
    near = np.take_along_axis(distances, order, axis=1)
    owns = np.zeros(distances.shape, np.float32)
    np.put_along_axis(owns, order[:, :k], 1, axis=1)
    return _Balls(near[:, k - 1], near[:, k], owns)


def _count_balls(balls: _Balls, between: Floats) -> tuple[Floats, Floats]:
    """Count the balls around each query (m,), and without the i-th image (n, m)."""
    inside = (between <= balls.radius[:, None]).astype(np.float32)
    inside_wider = (between <= balls.wider[:, None]).astype(np.float32)
    counts = inside.sum(axis=0)
    without = counts - inside + balls.owns.T @ (inside_wider - inside)
    return counts.astype(np.float64), without.astype(np.float64)


def _share(of_queries: NDArray[np.generic], without_balls: Floats) -> Influence:
    """Average over queries (x), which also depends on the balls (y)."""
    values = of_queries.astype(np.float64)
    without_queries = (values.sum() - values) / (len(values) - 1)
    return influence_of(float(values.mean()), without_queries, without_balls)


def _swap(influence: Influence) -> Influence:
    return Influence(influence.value, influence.of_y, influence.of_x)


def _cover(balls: _Balls, between: Floats) -> Influence:
    """Return the share of balls (y) with a query (x) inside."""
    n, queries = between.shape
    nearest = between.argmin(axis=1)
    two = np.partition(between, 1, axis=1)[:, :2]
    covered = (two[:, 0] <= balls.radius).astype(np.float64)
    wider = (two[:, 0] <= balls.wider).astype(np.float64)
    second = (two[:, 1] <= balls.radius).astype(np.float64)
    total = covered.sum()
    lost = np.bincount(nearest, weights=covered - second, minlength=queries)
    without_balls = (total - covered + (wider - covered) @ balls.owns) / (n - 1)
    return influence_of(float(total / n), (total - lost) / n, without_balls)

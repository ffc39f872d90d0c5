"""A mixture of Gaussians without covariances, which starts from k-means.

scikit-learn has one too, but takes over a second to import, half of the time in which
`inspect` looks at 2,000 images; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STARTS = 8  # of k-means; the likeliest mixture is kept
FLOOR = 1e-2  # added to each variance
ROUNDS = 100  # at most
STILL = 1e-3  # growth of the mean log-likelihood at which rounds end

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """Weights (k,), means (k, f) and variances (k, f) of k components."""

    weights: Rows
    means: Rows
    variances: Rows

    def score(self, x: Rows, squares: Rows | None = None) -> Rows:
        """Return the log-likelihood (n, k) of rows x (n, f) with each component.

        Args:
            x: (n, f) rows.
            squares: their squares, where they are known.
        """
        precise = 1 / self.variances
        distances = (
            (x**2 if squares is None else squares) @ precise.T
            - 2 * x @ (self.means * precise).T
            + (self.means**2 * precise).sum(axis=1)
        )
        spread = np.log(2 * np.pi * self.variances).sum(axis=1)
        return np.asarray(np.log(self.weights) - (distances + spread) / 2)

    def assign(self, x: Rows) -> NDArray[np.int64]:
        """Return the likeliest component (n,) of each row."""
        return np.asarray(self.score(x).argmax(axis=1), np.int64)


def fit_mixture(x: Rows, k: int, *, seed: int = 0) -> Mixture:
    """Fit a mixture of k components to rows x (n, f) by expectation maximisation.

    Example:
        >>> fit_mixture(np.array([[0.0], [0.1], [5.0], [5.1]]), 2).assign(
        ...     np.array([[0.0], [5.0]])
        ... ).size
        2
    """
    fits = [_fit_from(x, _start(x, k, seed + i)) for i in range(STARTS)]
    return max(fits, key=lambda fit: fit[0])[1]


def _start(x: Rows, k: int, seed: int) -> Rows:
    """Return the memberships (n, k) that k-means finds; random ones where it fails."""
    from scipy.cluster.vq import ClusterError, kmeans2  # slow to import

    try:
        found: Any = kmeans2(x, k, minit="++", missing="raise", seed=seed)[1]
    except ClusterError:  # a cluster lost its rows
        found = np.random.default_rng(seed).integers(k, size=len(x))
    return np.asarray(np.eye(k)[found])


def _fit_from(x: Rows, members: Rows) -> tuple[float, Mixture]:
    """Return the mean log-likelihood and the mixture that a start leads to."""
    before, squares = -np.inf, x**2
    for _ in range(ROUNDS):
        mixture = _maximise(x, squares, members)
        scores = mixture.score(x, squares)
        highest = scores.max(axis=1, keepdims=True)
        members = np.exp(scores - highest)
        sums = members.sum(axis=1, keepdims=True)
        members /= sums
        likelihood = float((highest + np.log(sums)).mean())
        if likelihood - before < STILL:
            break
        before = likelihood
    return likelihood, mixture


def _maximise(x: Rows, squares: Rows, members: Rows) -> Mixture:
    sizes = members.sum(axis=0) + 10 * np.finfo(float).eps
    means = (members.T @ x) / sizes[:, None]
    variances = (members.T @ squares) / sizes[:, None] - means**2
    return Mixture(sizes / len(x), means, np.maximum(variances, 0) + FLOOR)

"""A mixture of Gaussians without covariances, which starts from k-means.

scikit-learn has one too, but takes over a second to import, half of the time in which
`inspect` looks at 2,000 images; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.kmeans import find_means

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

    def score(self, x: Rows) -> Rows:
        """Return the log-likelihood (n, k) of rows x (n, f) with each component."""
        return self._score(_join_squares(x)).T

    def assign(self, x: Rows) -> NDArray[np.int64]:
        """Return the likeliest component (n,) of each row."""
        return np.asarray(self.score(x).argmax(axis=1), np.int64)

    def _score(self, joined: Rows) -> Rows:
        """Return what `score` does as (k, n), of rows and their squares (n, 2 f)."""
        precise = 1 / self.variances
        factors = np.concatenate([self.means * precise, -precise / 2], axis=1)
        constant = self.means**2 * precise + np.log(2 * np.pi * self.variances)
        offsets = np.log(self.weights) - constant.sum(axis=1) / 2
        return np.asarray(factors @ joined.T + offsets[:, None])


def fit_mixture(x: Rows, k: int, *, seed: int = 0) -> Mixture:
    """Fit a mixture of k components to rows x (n, f) by expectation maximisation.

    Example:
        >>> fit_mixture(np.array([[0.0], [0.1], [5.0], [5.1]]), 2).assign(
        ...     np.array([[0.0], [5.0]])
        ... ).size
        2
    """
    joined = _join_squares(x)
    fits = [_fit_from(joined, _start(x, k, seed + i)) for i in range(STARTS)]
    return max(fits, key=lambda fit: fit[0])[1]


def _join_squares(x: Rows) -> Rows:
    """Return (n, 2 f): the rows, and their squares."""
    return np.concatenate([x, x**2], axis=1)


def _start(x: Rows, k: int, seed: int) -> Rows:
    """Return the memberships (k, n) that k-means finds; random ones where it fails."""
    found = find_means(x, k, seed=seed)
    if found is None:
        found = np.random.default_rng(seed).integers(k, size=len(x))
    return np.eye(k)[:, found]


def _fit_from(joined: Rows, members: Rows) -> tuple[float, Mixture]:
    """Return the mean log-likelihood and the mixture that a start leads to."""
    before = -np.inf
    for _ in range(ROUNDS):
        mixture = _maximise(joined, members)
        scores = mixture._score(joined)
        highest = scores.max(axis=0)
        members = np.exp(scores - highest)
        sums = members.sum(axis=0)
        members /= sums
        likelihood = float((highest + np.log(sums)).mean())
        if likelihood - before < STILL:
            break
        before = likelihood
    return likelihood, mixture


def _maximise(joined: Rows, members: Rows) -> Mixture:
    sizes = members.sum(axis=1) + 10 * np.finfo(float).eps
    both = members @ joined / sizes[:, None]
    means, squares = both[:, : both.shape[1] // 2], both[:, both.shape[1] // 2 :]
    variances = np.maximum(squares - means**2, 0) + FLOOR
    return Mixture(sizes / len(joined), means, variances)

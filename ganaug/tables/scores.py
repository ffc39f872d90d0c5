"""Normal scores: a column's values spread as a normal distribution, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

MOST_KNOTS = 1000  # values of a column that are kept for the way back
SPIKE = 0.02  # share of rows from which one value keeps an interval of its own


@dataclass(frozen=True, eq=False)
class NormalScores:
    """The map from a column's values to normal quantiles, and its inverse.

    A value that many rows have, such as 0, owns an interval of scores, so that it comes
    out exactly. Scores beyond the column's range become its smallest or largest value:
    nothing is made up that no row has been near to.

    Attributes:
        values, middles: (k,) values in rising order, and the score of each.
        back, knots: (m,) values, and scores in rising order, for the way back.
    """

    values: Floats
    middles: Floats
    back: Floats
    knots: Floats

    def to_scores(self, values: Floats) -> Floats:
        """Return the scores of values (n,)."""
        return np.interp(values, self.values, self.middles)

    def to_values(self, scores: Floats) -> Floats:
        """Return the values of scores (n,)."""
        return np.interp(scores, self.knots, self.back)


def fit_scores(values: Floats) -> NormalScores:
    """Fit the scores of a column: Φ⁻¹ of each value's mean rank.

    Args:
        values: (n,) finite values of at least two kinds.

    Example:
        >>> scores = fit_scores(np.array([0.0, 0.0, 0.0, 5.0, 9.0]))
        >>> scores.to_values(scores.to_scores(np.array([0.0, 5.0]))).tolist()
        [0.0, 5.0]
        >>> scores.to_values(np.array([-9.0, -0.2])).tolist()
        [0.0, 0.0]
    """
    unique, counts = np.unique(values, return_counts=True)
    high = np.cumsum(counts) / len(values)
    low = high - counts / len(values)
    middle = (low + high) / 2
    wide = high - low >= max(SPIKE, 2 / len(values))
    kept = _thin(len(unique), wide)
    ends = np.stack([np.where(wide, low, middle), np.where(wide, high, middle)], axis=1)
    pairs = np.stack([unique, unique], axis=1)[kept].ravel()
    edge = 0.5 / len(values)
    knots = ndtri(np.clip(ends[kept].ravel(), edge, 1 - edge))
    return NormalScores(unique[kept], ndtri(middle[kept]), pairs, knots)


def _thin(n: int, wide: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return at most about MOST_KNOTS places of n, the wide ones and both ends too."""
    some = np.linspace(0, n - 1, min(n, MOST_KNOTS)).astype(np.int64)
    return np.union1d(some, np.flatnonzero(wide))

"""How strongly domain and class hang together: Cramér's V and its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 500  # of the bootstrap
LIMITS = (2.5, 97.5)  # percentiles of the interval


@dataclass(frozen=True)
class Association:
    """Cramér's V: 0 where domain and class are independent, 1 if one tells the other.

    Attributes:
        v: the value, corrected for chance.
        low, high: 95 % interval.
    """

    v: float
    low: float
    high: float


def measure_association(
    labels: NDArray[np.int64],
    domains: NDArray[np.int64],
    groups: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
) -> Association | None:
    """Measure Cramér's V, corrected for its bias (Bergsma 2013), with an interval.

    The interval is that of the bootstrap: images, or whole groups, are drawn 500 times.

    Args:
        labels: (n,) class indices.
        domains: (n,) domain indices, -1 where unknown; such images are left out.
        groups: (n,) group indices, or None.
        seed: seed of the draws.

    Returns:
        V and its interval, or None with fewer than two classes or domains.

    Example:
        >>> measure_association(np.repeat([0, 1], 50), np.repeat([0, 1], 50)).v
        1.0
    """
    known = domains >= 0
    if len(set(labels[known])) < 2 or len(set(domains[known])) < 2:
        return None
    k, d = int(labels.max()) + 1, int(domains.max()) + 1
    cells = labels[known] * d + domains[known]
    members = None
    if groups is not None:
        members = np.unique(groups[known], return_inverse=True)[1]
    whole = np.bincount(cells, minlength=k * d)
    generator = np.random.default_rng(seed)
    drawn = [
        cramers_v(_draw(whole, cells, members, generator).reshape(k, d))
        for _ in range(DRAWS)
    ]
    value = cramers_v(whole.reshape(k, d))
    low, high = np.percentile(drawn, LIMITS)
    return Association(
        round(value, 4), round(min(float(low), value), 4),
        round(max(float(high), value), 4),
    )  # fmt: skip


def cramers_v(counts: NDArray[np.int64]) -> float:
    """Return Cramér's V of a table (k, d), corrected for its bias; 0 without a table.

    φ² is χ²/n, less what it is on average without any association; the numbers of rows
    and columns are reduced accordingly (Bergsma, 2013, eq. 9 to 11).

    Example:
        >>> cramers_v(np.array([[10, 10], [10, 10]]))
        0.0
    """
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    k, d = counts.shape
    n = int(counts.sum())
    if min(k, d) < 2 or n < 2:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum() / n)
    phi2 = max(0.0, phi2 - (k - 1) * (d - 1) / (n - 1))
    rows, columns = (m - (m - 1) ** 2 / (n - 1) for m in (k, d))
    return float(min(1.0, np.sqrt(phi2 / max(1e-9, min(rows, columns) - 1))))


def _draw(
    whole: NDArray[np.int64],
    cells: NDArray[np.int64],
    members: NDArray[np.int64] | None,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Draw as many images, or groups, with replacement, and count their cells."""
    if members is None:
        return np.asarray(generator.multinomial(len(cells), whole / len(cells)))
    n = int(members.max()) + 1
    times = np.bincount(generator.integers(n, size=n), minlength=n)
    counts = np.bincount(cells, weights=times[members], minlength=len(whole))
    return counts.astype(np.int64)

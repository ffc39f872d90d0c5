"""Stream: an endless order of rows, all alike or even over parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
SAMPLINGS = ("natural", "balanced", "cells")  # what comes equally often


class Stream:
    """An endless order of rows that repeats none before all others had their turn.

    With parts, each draw chooses one of them by equal chance, and its next row.

    Args:
        n: number of rows.
        parts: (n,) number of each row's part, or None to shuffle all rows.
        rng: generator of the order.

    Example:
        >>> stream = Stream(4, None, np.random.default_rng(0))
        >>> sorted(stream.take(4).tolist())
        [0, 1, 2, 3]
    """

    def __init__(self, n: int, parts: Rows | None, rng: np.random.Generator) -> None:
        self.rng = rng
        own = [np.arange(n)]
        if parts is not None:
            own = [np.flatnonzero(parts == part) for part in np.unique(parts)]
        self.parts, self.shares = own, np.full(len(own), 1 / len(own))
        self.left: list[list[int]] = [[] for _ in self.parts]

    def take(self, n: int) -> Rows:
        """Return the next n rows."""
        chosen = self.rng.choice(len(self.parts), n, p=self.shares)
        return np.array([self._next(part) for part in chosen], np.int64)

    def _next(self, part: int) -> int:
        if not self.left[part]:
            self.left[part] = self.rng.permutation(self.parts[part]).tolist()
        return self.left[part].pop()


def number_parts(labels: Rows, domains: Rows | None, sampling: str) -> Rows | None:
    """Number the parts (n,) that come equally often under a recipe's sampling.

    Args:
        labels: (n,) classes from 0.
        domains: (n,) domains from 0, −1 for unknown ones; None where there are none.
        sampling: `natural`, `balanced` or `cells`, see `ganaug.recipe.Recipe`.

    Returns:
        Numbers of classes, or of classes in domains; None for `natural`.

    Example:
        >>> number_parts(np.array([0, 1, 1]), np.array([0, 0, 1]), "cells").tolist()
        [1, 4, 5]
    """
    if sampling == "natural":
        return None
    if sampling == "balanced" or domains is None:
        return labels
    return labels * (int(domains.max(initial=-1)) + 2) + domains + 1

"""Some of many images, where all would take too long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pick_some(n: int, most: int, seed: int = 0) -> NDArray[np.int64]:
    """Return indices of at most `most` of n images, ascending.

    Example:
        >>> pick_some(3, 5), len(pick_some(9, 5))
        (array([0, 1, 2]), 5)
    """
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))

"""Thinning: fewer rows of many, so that measuring them does not take too long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def thin(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """Keep at most `most` rows, evenly spaced, as sets are often sorted by content.

    Args:
        rows: (n, …) array.
        most: largest number of rows, from 1 up.

    Example:
        >>> thin(np.arange(10), 4)
        array([0, 3, 6, 9])
        >>> thin(np.arange(3), 4)
        array([0, 1, 2])
    """
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]

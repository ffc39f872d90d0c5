"""Fewer of many, so that what is measured on all does not take too long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def thin(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """Keep at most n rows, evenly spaced: sets are often sorted by what they show.

    Args:
        rows: (n, …).
        most: from 1 up.

    Example:
        >>> thin(np.arange(10), 4)
        array([0, 3, 6, 9])
        >>> thin(np.arange(3), 4)
        array([0, 1, 2])
    """
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]

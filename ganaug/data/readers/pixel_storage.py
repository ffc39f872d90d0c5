"""Storage of pixels: in memory, or in a temporary file when there are many."""

from __future__ import annotations

import math
import tempfile

import numpy as np
from numpy.typing import NDArray

MAPPED_FROM = 1 << 30  # bytes; a larger array is kept in a file


def allocate_pixels(
    shape: tuple[int, ...], *, large: int = MAPPED_FROM
) -> NDArray[np.uint8]:
    """Make a writable uint8 array of zeros, memory-mapped above `large` bytes.

    The file behind a map has no name and goes when the map does, or the process.

    Example:
        >>> allocate_pixels((2, 8, 8, 1)).shape
        (2, 8, 8, 1)
    """
    if math.prod(shape) <= large:
        return np.zeros(shape, np.uint8)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.uint8, "w+", shape=shape)

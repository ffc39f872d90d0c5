"""Storage of pixels: in memory, or in a temporary file when there are many."""

from __future__ import annotations

import math
import os
import tempfile

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError

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
    size = math.prod(shape)
    with tempfile.TemporaryFile() as file:
        try:
            _reserve(file.fileno(), size)
            return np.memmap(file, np.uint8, "r+", shape=shape)
        except OSError as error:
            raise DataError(
                f"the images need {size / 1e9:.1f} GB in {tempfile.gettempdir()} "
                f"({error.strerror}); free some space there, set TMPDIR to a larger "
                "folder, or take fewer or smaller images"
            ) from error


def _reserve(file: int, size: int) -> None:
    """Reserve the file's blocks: a disk that fills up later would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.ftruncate(file, size)

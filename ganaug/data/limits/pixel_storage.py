"""Storage of pixels: in memory, or in a temporary file when there are many."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError

MAPPED_FROM = 1 << 28  # bytes; a larger array is kept in a file
CHUNK = 4096  # images that are copied or counted at a time


def allocate_pixels(
    shape: tuple[int, ...], *, large: int | None = None
) -> NDArray[np.uint8]:
    """Make a writable uint8 array of zeros, memory-mapped above MAPPED_FROM bytes.

    The file behind a map has no name and goes when the map does, or the process.

    Example:
        >>> allocate_pixels((2, 8, 8, 1)).shape
        (2, 8, 8, 1)
    """
    if math.prod(shape) <= (MAPPED_FROM if large is None else large):
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


def gather_pixels(
    images: NDArray[np.uint8], rows: NDArray[np.int64] | NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Copy some rows of an array of images, memory-mapped where they are many.

    Args:
        images: (n, …) array.
        rows: (m,) indices, or (n,) a mask.

    Example:
        >>> gather_pixels(np.zeros((5, 8, 8, 1), np.uint8), np.array([4, 0])).shape
        (2, 8, 8, 1)
    """
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    found = allocate_pixels((len(rows), *images.shape[1:]))
    for some in chunk_rows(len(rows)):
        np.take(images, rows[some], axis=0, out=found[some])
    return found


def chunk_rows(n: int) -> Iterator[slice]:
    """Yield slices that cover n rows, some thousand at a time.

    Example:
        >>> [(part.start, part.stop) for part in chunk_rows(5000)]
        [(0, 4096), (4096, 5000)]
    """
    return (slice(i, min(n, i + CHUNK)) for i in range(0, n, CHUNK))


def _reserve(file: int, size: int) -> None:
    """Reserve the file's blocks: a disk that fills up later would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.ftruncate(file, size)

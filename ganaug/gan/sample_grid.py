"""Pictures of what a generator draws: a row per class, as one PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.files import write_whole

PIXELS = 640  # the grid is enlarged by whole factors up to about this width


def tile_images(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """(n, h, w, c) images → (rows·h, columns·w, c), row by row, black where none is.

    Example:
        >>> tile_images(np.ones((3, 2, 2, 1), np.uint8), 2).shape
        (4, 4, 1)
    """
    n, h, w, c = images.shape
    rows = -(-n // columns)
    padded = np.zeros((rows * columns, h, w, c), np.uint8)
    padded[:n] = images
    tiles = padded.reshape(rows, columns, h, w, c).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * h, columns * w, c)


def save_grid(path: Path, images: NDArray[np.uint8], columns: int) -> None:
    """Write the tiled images as a PNG, enlarged by a whole factor without smoothing."""
    tiled = tile_images(images, columns)
    factor = max(1, PIXELS // tiled.shape[1])
    picture = Image.fromarray(tiled.squeeze(2) if tiled.shape[2] == 1 else tiled)
    picture = picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )
    write_whole(path, lambda hidden: picture.save(hidden, format="PNG"))

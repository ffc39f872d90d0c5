"""Sample grids: a generator's images in one PNG, a row per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.files import write_whole

GRID_PIXELS = 800  # width up to which a grid is enlarged, by a whole factor
TILE_GAP = 2  # pixels between two images, after enlarging
GAP_GREY = 128  # grey of the gaps


def tile_images(
    images: NDArray[np.uint8], columns: int, gap: int = 0
) -> NDArray[np.uint8]:
    """Arrange images (n, h, w, c) in one image, (rows·(h+gap), columns·(w+gap), c).

    Example:
        >>> tile_images(np.ones((3, 2, 2, 1), np.uint8), 2).shape
        (4, 4, 1)
    """
    n, h, w, c = images.shape
    rows = -(-n // columns)
    padded = np.full((rows * columns, h + gap, w + gap, c), GAP_GREY, np.uint8)
    padded[:n, :h, :w] = images
    tiles = padded.reshape(rows, columns, h + gap, w + gap, c).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * (h + gap), columns * (w + gap), c)


def save_grid(path: Path, images: NDArray[np.uint8], columns: int) -> None:
    """Write the tiled images as a PNG, enlarged by a whole factor without smoothing."""
    factor = max(1, GRID_PIXELS // (images.shape[2] * columns))
    large = images.repeat(factor, axis=1).repeat(factor, axis=2)
    tiled = tile_images(large, columns, TILE_GAP)
    image = Image.fromarray(tiled.squeeze(2) if tiled.shape[2] == 1 else tiled)
    write_whole(path, lambda hidden: image.save(hidden, format="PNG"))

"""Sizes: the common one of a set, and the change of an image to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.limits.pixel_storage import allocate_pixels, gather_pixels

Size = tuple[int, int]  # (height, width)

SHORTEST_SIDE = 2  # pixels, that a network can work on
LARGEST_SIDE = 1 << 16  # pixels, of sizes that a file may name
MOST_PIXELS = 1 << 25  # of an image of a size that a file names


def check_size(size: Size) -> None:
    """Raise ValueError for a size that no image of ours has.

    Example:
        >>> check_size((8, 10**6))
        Traceback (most recent call last):
        ValueError: images of 8 × 1,000,000 pixels are not possible
    """
    height, width = size
    sides = min(size) >= 1 and max(size) <= LARGEST_SIDE
    if not sides or height * width > MOST_PIXELS:
        raise ValueError(f"images of {height:,} × {width:,} pixels are not possible")


def common_size(sizes: Sequence[Size]) -> Size:
    """Return the median height and the median width of a set.

    Example:
        >>> common_size([(10, 20), (12, 20), (30, 40)])
        (12, 20)
    """
    height, width = np.median(np.asarray(sizes), axis=0)
    return max(1, round(float(height))), max(1, round(float(width)))


def fit_inside(size: Size, max_side: int) -> Size:
    """Reduce `size` in proportion until no side is above `max_side`.

    The shorter side stays at SHORTEST_SIDE, in very long images.

    Example:
        >>> fit_inside((300, 600), 200), fit_inside((4, 600), 32)
        ((100, 200), (2, 32))
    """
    longest = max(size)
    if longest <= max_side:
        return size
    height, width = (
        max(min(SHORTEST_SIDE, side), round(side * max_side / longest)) for side in size
    )
    return height, width


def resize_images(
    images: NDArray[np.uint8],
    size: Size,
    *,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.uint8]:
    """Resize n images, one after the other, as `resize_pixels` does.

    Images that have the size already are returned as they are, without a copy.

    Args:
        images: (n, h, w, c) uint8, c in 1, 3, 4; an array or a memory map.
        size: (height, width) wanted.
        rows: (m,) indices of the images wanted, None for all of them.

    Returns:
        (n or m, height, width, c) uint8.

    Example:
        >>> resize_images(np.zeros((5, 8, 8, 3), np.uint8), (4, 2)).shape
        (5, 4, 2, 3)
    """
    if images.shape[1:3] == size:
        if rows is None:
            return np.ascontiguousarray(images)
        return gather_pixels(images, rows)
    chosen = np.arange(len(images)) if rows is None else rows
    resized = allocate_pixels((len(chosen), *size, images.shape[3]))
    for i, row in enumerate(chosen):
        resized[i] = resize_pixels(images[row], size)
    return resized


def resize_pixels(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Resize one image: antialiased, colours weighted by their opacity.

    Args:
        pixels: (h, w, c) uint8, c in 1, 3, 4.
        size: (height, width) wanted.

    Returns:
        (height, width, c) uint8.

    Example:
        >>> resize_pixels(np.full((8, 8, 3), 7, np.uint8), (4, 2)).shape
        (4, 2, 3)
    """
    if pixels.shape[:2] == size:
        return pixels
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    return np.asarray(resample(image, size)).reshape(*size, pixels.shape[2])


def resample(image: Image.Image, size: Size) -> Image.Image:
    """Resize a PIL image of any mode: the one way in which ganaug resizes.

    Example:
        >>> resample(Image.new("L", (8, 8)), (4, 2)).size
        (2, 4)
    """
    if (image.height, image.width) == size:
        return image
    return image.resize((size[1], size[0]), Image.Resampling.LANCZOS, reducing_gap=3.0)

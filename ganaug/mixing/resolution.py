"""Resolution: real and synthetic images as sharp as each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.resize import resize_pixels
from ganaug.mixing.image_format import MODES, find_kind

Size = tuple[int, int]  # (height, width)


def is_coarser(grid: Size, size: Size) -> bool:
    """Whether images of that size lose detail on the grid."""
    return grid[0] < size[0] or grid[1] < size[1]


def coarsen(image: Any, grid: Size) -> Any:
    """The image reduced to the grid and enlarged to its own size again.

    Args:
        image: a PIL image, array or tensor, see `find_kind`.
        grid: sides that are smaller than the grid's stay as they are.

    Returns:
        An image of the same kind and size.

    Example:
        >>> coarsen(torch.rand(3, 32, 32), (8, 8)).shape
        torch.Size([3, 32, 32])
    """
    if isinstance(image, Image.Image):
        size = image.height, image.width
        return enlarge(enlarge(image, _reduced(size, grid)), size)
    kind = find_kind(image)
    pixels = np.asarray(image)
    if kind.layout == "chw":
        pixels = pixels.transpose(1, 2, 0)
    pixels = pixels.reshape(*kind.size, -1)
    for size in (_reduced(kind.size, grid), kind.size):
        pixels = _resize(pixels, size)
    if kind.layout == "chw":
        pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    pixels = pixels.reshape(image.shape)
    return torch.from_numpy(pixels.copy()) if torch.is_tensor(image) else pixels


def enlarge(picture: Image.Image, size: Size) -> Image.Image:
    """The picture at that size, resampled as `resize_pixels` does."""
    if (picture.height, picture.width) == size:
        return picture
    if picture.mode not in MODES.values():
        picture = picture.convert("RGB")
    return picture.resize(
        (size[1], size[0]), Image.Resampling.LANCZOS, reducing_gap=3.0
    )


def _reduced(size: Size, grid: Size) -> Size:
    return min(size[0], grid[0]), min(size[1], grid[1])


def _resize(pixels: NDArray[Any], size: Size) -> NDArray[Any]:
    """(h, w, c) uint8 or floats at another size; floats stay in [0, 1]."""
    if pixels.dtype == np.uint8:
        return resize_pixels(pixels, size)
    planes = [
        _resize_plane(plane, size)
        for plane in np.moveaxis(pixels, 2, 0).astype(np.float32)
    ]
    return np.stack(planes, axis=2).clip(0, 1).astype(pixels.dtype)


def _resize_plane(plane: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    picture = Image.fromarray(plane).resize(
        (size[1], size[0]), Image.Resampling.LANCZOS, reducing_gap=3.0
    )
    return np.asarray(picture)

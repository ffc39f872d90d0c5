"""Resolution: real and synthetic images made equally sharp."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ganaug.data.resize import resample, resize_pixels
from ganaug.mixing.real.image_format import MODES, find_format

Size = tuple[int, int]  # (height, width)


def is_coarser(grid: Size, size: Size) -> bool:
    """Whether images of that size lose detail on the grid."""
    return grid[0] < size[0] or grid[1] < size[1]


def coarsen(image: Any, grid: Size) -> Any:
    """Reduce an image to the GAN's grid and enlarge it to its own size again.

    Args:
        image: a PIL image, array or tensor, see `find_format`.
        grid: (height, width); sides that are smaller than these stay as they are.

    Returns:
        An image of the same format and size.

    Example:
        >>> coarsen(torch.rand(3, 32, 32), (8, 8)).shape
        torch.Size([3, 32, 32])
    """
    if isinstance(image, Image.Image):
        size = image.height, image.width
        return enlarge(enlarge(image, _reduced(size, grid)), size)
    found = find_format(image)
    pixels = np.asarray(image)
    if found.layout == "chw":
        pixels = pixels.transpose(1, 2, 0)
    pixels = pixels.reshape(*found.size, -1)
    for size in (_reduced(found.size, grid), found.size):
        pixels = _resize(pixels, size)
    if found.layout == "chw":
        pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    pixels = pixels.reshape(image.shape)
    return torch.from_numpy(pixels.copy()) if torch.is_tensor(image) else pixels


def enlarge(image: Image.Image, size: Size) -> Image.Image:
    """Resize a PIL image; palettes and other modes become RGB first."""
    known = image.mode in MODES.values() or (image.height, image.width) == size
    return resample(image if known else image.convert("RGB"), size)


def _reduced(size: Size, grid: Size) -> Size:
    return min(size[0], grid[0]), min(size[1], grid[1])


def _resize(pixels: NDArray[Any], size: Size) -> NDArray[Any]:
    """Resize pixels (h, w, c), uint8 or floats; floats stay in [0, 1]."""
    if pixels.dtype == np.uint8:
        return resize_pixels(pixels, size)
    planes = [
        _resize_plane(plane, size)
        for plane in np.moveaxis(pixels, 2, 0).astype(np.float32)
    ]
    return np.stack(planes, axis=2).clip(0, 1).astype(pixels.dtype)


def _resize_plane(plane: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
    return np.asarray(resample(Image.fromarray(plane), size))

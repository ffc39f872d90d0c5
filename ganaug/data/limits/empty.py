"""Pixels without data: their value by GDAL's tag, and what stands in their place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GDAL_NODATA = 42113  # TIFF tag, as text


def find_empty(image: Image.Image) -> float | None:
    """Return the value of pixels without data of an open TIFF, if it names one."""
    tags = getattr(image, "tag_v2", None)
    text = tags.get(GDAL_NODATA) if tags is not None else None
    try:
        return float(str(text).strip("\0 ")) if text is not None else None
    except ValueError:
        return None


def fill_empty(pixels: NDArray[Any], empty: float) -> NDArray[Any]:
    """Give pixels without data the least value of the others.

    Example:
        >>> fill_empty(np.array([[-9999.0, 2.0, 3.0]]), -9999.0).tolist()
        [[2.0, 2.0, 3.0]]
    """
    if math.isnan(empty):
        without = np.isnan(pixels)
    else:
        without = pixels == np.array(empty).astype(pixels.dtype)
    if not without.any() or without.all():
        return pixels
    return np.where(without, pixels[~without].min(), pixels)

"""The user's own range of values, which synthetic images of scaled sets go back to."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.data.readers.arrays import HAIR
from ganaug.data.readers.intensity import Range
from ganaug.mixing.real.image_format import MODES, find_format
from ganaug.mixing.real.look import spread_rows
from ganaug.mixing.real.real_set import RealSet

logger = logging.getLogger(__name__)


def find_own_range(given: Any, real: RealSet, scale: Range | None) -> Range | None:
    """Find the range that synthetic images are brought to; None leaves them as drawn.

    A real set whose values lie in the range that the GAN's images were scaled from has
    not been scaled, so synthetic images are scaled back. One with values beyond it has
    been scaled already, and the log says so.

    Args:
        given: the real set as the user gave it.
        real: the same, opened.
        scale: range of grey levels that all values were scaled from, or None.
    """
    if scale is None or (isinstance(given, LabelledImages) and given.scaled):
        return None
    if scale[0] < 0 or scale[1] > 255:
        return None  # of more than 8 bits, which only scaled images do not have
    values = [_find_values(real.read(row)[0]) for row in spread_rows(len(real.targets))]
    low, high = min(v[0] for v in values), max(v[1] for v in values)
    if scale[0] - 255 * HAIR <= low and high <= scale[1] + 255 * HAIR:
        return scale
    logger.warning(
        f"the GAN learned from values {scale[0]:g} to {scale[1]:g} scaled to 0 to 255 "
        f"(--scale), and the real set has {low:g} to {high:g}: it is taken for scaled "
        "already, and synthetic images stay as drawn"
    )
    return None


def scale_back(image: Image.Image, to: Range) -> Image.Image:
    """Bring grey levels 0 to 255 into a range, rounded; an alpha channel stays.

    Example:
        >>> grey = Image.fromarray(np.array([[0, 120, 255]], np.uint8))
        >>> np.asarray(scale_back(grey, (0, 16))).tolist()
        [[0, 8, 16]]
    """
    low, high = to
    levels = np.rint(low + np.arange(256) * (high - low) / 255).astype(int).tolist()
    colours = [band for band in image.getbands() if band != "A"]
    kept = list(range(256)) * (len(image.getbands()) - len(colours))
    return image.point(levels * len(colours) + kept)


def _find_values(image: Any) -> tuple[float, float]:
    """Return the least and the largest value of an image's colours in grey levels."""
    found = find_format(image)
    pixels = np.asarray(image)
    if found.mode == MODES[4]:
        pixels = np.moveaxis(pixels, found.layout.index("c"), -1)[..., :3]
    top = 255 if pixels.dtype.kind == "f" else 1
    return top * float(pixels.min()), top * float(pixels.max())

"""Deep intensities (16-bit, 32-bit, float): one range for a whole set, to 8 bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError

PERCENTILES = (0.1, 99.9)
SAMPLED_PIXELS = 4_000_000

Pixels = NDArray[Any]


def find_range(images: Iterable[Pixels], *, count: int) -> tuple[float, float] | None:
    """Find the 0.1 and 99.9 percentiles of a set, from a sample of its pixels.

    Args:
        images: arrays of any numeric type and shape, one at a time.
        count: number of images; it sets how many pixels each contributes.

    Returns:
        (low, high); the least and the largest value where both percentiles are one
        value, as in sparse images; None where there are no images.

    Raises:
        DataError: a value is NaN or infinite.

    Example:
        >>> find_range([np.array([[0, 100], [100, 100]], np.uint16)], count=1)[1]
        100.0
    """
    quota = max(64, SAMPLED_PIXELS // max(1, count))
    generator = np.random.default_rng(0)
    samples, ends = [], []
    for image in images:
        samples.append(_sample(image, quota, generator))
        ends += [image.min(), image.max()]
    if not samples:
        return None
    low, high = np.percentile(np.concatenate(samples), PERCENTILES)
    if low == high:
        low, high = min(ends), max(ends)
    return float(low), float(high)


def say_range(intensity_range: tuple[float, float], *, given: bool) -> str:
    """Say a range in words, and what its ends are.

    Example:
        >>> say_range((12.0, 4000.0), given=True)
        '12 to 4000 (the range given)'
    """
    low, high = intensity_range
    ends = "the range given" if given else "0.1–99.9 %, or all if these are equal"
    return f"{low:g} to {high:g} ({ends})"


def to_eight_bits(
    pixels: Pixels, intensity_range: tuple[float, float]
) -> NDArray[np.uint8]:
    """Scale values so that the range's ends become 0 and 255, and clip the rest.

    Example:
        >>> to_eight_bits(np.array([0, 500, 1000, 9999]), (0, 1000)).tolist()
        [0, 128, 255, 255]
    """
    low, high = intensity_range
    scale = 255.0 / (high - low) if high > low else 255.0
    with np.errstate(over="ignore"):  # what is beyond all numbers is clipped as well
        scaled = pixels.astype(np.float32)
        scaled -= low  # in place: an image may take a good part of the memory
        scaled *= scale
    scaled += 0.5
    np.floor(scaled, out=scaled)
    np.clip(scaled, 0, 255, out=scaled)
    return scaled.astype(np.uint8)


def _sample(image: Pixels, quota: int, generator: np.random.Generator) -> Pixels:
    values = image.ravel()
    if values.size > quota:
        values = values[generator.integers(values.size, size=quota)]
    if not np.isfinite(values).all():
        raise DataError("intensities must be finite, but some are NaN or infinite")
    return values

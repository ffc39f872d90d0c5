"""Deep intensities (16-bit, 32-bit, float): one range for a whole set, to 8 bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError

PERCENTILES = (0.1, 99.9)
FAR, FEWEST_OTHERS = 4.0, 50  # ranges, values
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
    return survey_range(images, count=count)[0]


def survey_range(
    images: Iterable[Pixels], *, count: int
) -> tuple[tuple[float, float] | None, float | None]:
    """Find the range as `find_range` does, and a value that is left out of it.

    One value at either end that is far from all others stands for no data, such as
    -9999: further away than FAR times the range of the others.

    Example:
        >>> survey_range([np.array([-9999.0] * 9 + [*range(100)])], count=1)[1]
        -9999.0
    """
    quota = max(64, SAMPLED_PIXELS // max(1, count))
    generator = np.random.default_rng(0)
    samples, ends = [], []
    for image in images:
        samples.append(_sample(image, quota, generator))
        ends += [image.min(), image.max()]
    if not samples:
        return None, None
    values = np.concatenate(samples)
    left_out = _find_far(values)
    if left_out is not None:
        values = values[values != left_out]
    low, high = np.percentile(values, PERCENTILES)
    if low == high:
        low, high = min(ends), max(ends)
    return (float(low), float(high)), left_out


def _find_far(values: Pixels) -> float | None:
    """Return a repeated value at an end, far from the others, if there is one.

    Whole numbers have none, since their ends are often true; nor is 0 one.
    """
    if values.dtype.kind != "f":
        return None
    for end in (min(values.min(), 0), max(values.max(), 0)):
        others = values[values != end]
        if len(others) < FEWEST_OTHERS or len(values) - len(others) < 2:
            continue
        low, high = float(others.min()), float(others.max())
        gap = max(low - float(end), float(end) - high)
        if high > low and gap > FAR * (high - low):
            return float(end)
    return None


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

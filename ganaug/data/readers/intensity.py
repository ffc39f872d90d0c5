"""Intensities (16-bit, 32-bit, float, or all): one range for a whole set, to 8 bits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import ConfigError, DataError

AUTO = "auto"  # scale: the set's own range
PERCENTILES = (0.1, 99.9)
FAR, FEWEST_OTHERS = 4.0, 50  # ranges, values
SAMPLED_PIXELS = 4_000_000
SLAB = 1 << 20  # values that are scaled at one time

Pixels = NDArray[Any]
Range = tuple[float, float]


@dataclass(frozen=True)
class Scaling:
    """Which values of a set are scaled to 8 bits, and from which range.

    Attributes:
        given: the range, or None for the set's own.
        whole: whether values of 8 bits are scaled as well; else only deeper ones are.
    """

    given: Range | None = None
    whole: bool = False


DEEP_ONLY = Scaling()  # from their own range


def choose_scaling(
    intensity_range: Range | None = None, scale: str | Range | None = None
) -> Scaling:
    """Choose what `load_images` was asked for.

    Raises:
        ConfigError: the scale is neither a range nor `auto`, or both are given.

    Example:
        >>> choose_scaling(scale="0:16")
        Scaling(given=(0.0, 16.0), whole=True)
    """
    if scale is None:
        return Scaling(intensity_range)
    if intensity_range is not None:
        raise ConfigError("intensity_range and scale exclude each other; give one")
    return Scaling(None if scale == AUTO else read_range(scale), whole=True)


def read_range(scale: str | Range) -> Range:
    """Read a range that is written as LOWEST:HIGHEST; take a pair as it is.

    Raises:
        ConfigError: it is no range.

    Example:
        >>> read_range("0:16"), read_range((0, 1))
        ((0.0, 16.0), (0.0, 1.0))
    """
    words = scale.split(":") if isinstance(scale, str) else scale
    try:
        low, high = map(float, words)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ConfigError(
            f"--scale {scale} is not a range of values; give auto, or LOWEST:HIGHEST, "
            "such as 0:16"
        )
    return low, high


def write_range(scale: str | Range | None) -> str | None:
    """Write a range as `read_range` reads it.

    Example:
        >>> write_range((0.0, 16.0)), write_range((0.1, 1 / 3)), write_range("auto")
        ('0:16', '0.1:0.3333333333333333', 'auto')
    """
    if scale is None or isinstance(scale, str):
        return scale
    return ":".join(
        f"{end:g}" if float(f"{end:g}") == end else repr(float(end)) for end in scale
    )


def find_range(
    images: Iterable[Pixels], *, count: int, whole: bool = False
) -> Range | None:
    """Find the 0.1 and 99.9 percentiles of a set, from a sample of its pixels.

    Args:
        images: arrays of any numeric type and shape, one at a time.
        count: number of images; it sets how many pixels each contributes.
        whole: whether the least and the largest value are wanted instead.

    Returns:
        (low, high); the least and the largest value where both percentiles are one
        value, as in sparse images; None where there are no images.

    Raises:
        DataError: a value is NaN or infinite.

    Example:
        >>> find_range([np.array([[0, 100], [100, 100]], np.uint16)], count=1)[1]
        100.0
    """
    return survey_range(images, count=count, whole=whole)[0]


def survey_range(
    images: Iterable[Pixels], *, count: int, whole: bool = False
) -> tuple[Range | None, float | None]:
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
        ends = [values.min(), values.max()]
    low, high = np.percentile(values, PERCENTILES)
    if low == high or whole:
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


def say_range(intensity_range: Range, scaling: Scaling) -> str:
    """Say a range in words, and what its ends are.

    Example:
        >>> say_range((12.0, 4000.0), Scaling(given=(12.0, 4000.0)))
        '12 to 4000 (the range given)'
    """
    low, high = intensity_range
    ends = "0.1–99.9 %, or all if these are equal"
    if scaling.given is not None:
        ends = "the range given"
    elif scaling.whole:
        ends = "the lowest and the highest value"
    return f"{low:g} to {high:g} ({ends})"


def to_eight_bits(pixels: Pixels, intensity_range: Range) -> NDArray[np.uint8]:
    """Scale values so that the range's ends become 0 and 255, and clip the rest.

    Example:
        >>> to_eight_bits(np.array([0, 500, 1000, 9999]), (0, 1000)).tolist()
        [0, 128, 255, 255]
    """
    scaled = np.empty(pixels.shape, np.uint8)
    values = max(1, pixels[:1].size)
    rows = max(1, SLAB // values)  # as floats, all would take four times the memory
    for start in range(0, len(pixels), rows):
        scaled[start : start + rows] = _scale(
            pixels[start : start + rows], intensity_range
        )
    return scaled


def _scale(pixels: Pixels, intensity_range: Range) -> NDArray[np.uint8]:
    low, high = intensity_range
    scale = 255.0 / (high - low) if high > low else 255.0
    with np.errstate(over="ignore"):  # what is beyond all numbers is clipped as well
        scaled = pixels.astype(np.float32)
        scaled -= low
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

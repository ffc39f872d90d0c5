"""Gain words: figures of a gain in readable form."""

from __future__ import annotations

import math

from ganaug.gain.fitting.adapting import (
    BLENDED,
    CONSISTENT,
    SELF_TRAINED,
    SETTLED,
)
from ganaug.gain.judgement.statistics import Interval
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    ORACLE,
    PLACEBO,
    PLAIN_ARM,
    SHUFFLED,
    STANDARD,
    STYLE,
    SYNTHETIC,
)

MEANINGS = {
    PLAIN_ARM: "the real images without augmentation",
    STANDARD: "real images with the best classical augmentation",
    EVEN: "the same, with each class in each domain drawn equally often",
    OPPONENT: "the best recipe with real images only, chosen in each split",
    SYNTHETIC: "the same recipe with synthetic images mixed in",
    PLACEBO: "the same with real images in place of the synthetic ones",
    SHUFFLED: "the same with images of a translator that learned shuffled domains",
    STYLE: "styled images mixed in, and no other augmentation",
    ORACLE: "the same recipe with further real images mixed in",
    SELF_TRAINED: "trained in rounds, also on the unlabelled images of whose class the "
    "last round was surest",
    CONSISTENT: "learns for strongly changed unlabelled images what it guesses for "
    "the images themselves",
    SETTLED: "batch normalisation estimated anew on the unlabelled images",
    BLENDED: "the same, with labelled images blended with unlabelled ones",
}


def say_points(share: float) -> str:
    """Say a gain in points, with its sign; with two digits if one would show 0.

    Example:
        >>> say_points(0.0123), say_points(-0.004), say_points(0.0004), say_points(0)
        ('+1.2', '−0.4', '+0.04', '0.0')
    """
    points = 100 * share
    digits = 2 if 0 < abs(points) < 0.05 else 1
    rounded = round(points, digits)
    if not rounded:
        return "0.0"
    return f"{rounded:+.{digits}f}".replace("-", "−")


def say_range(interval: Interval) -> str:
    """Return the limits of an interval in points.

    Example:
        >>> from ganaug.gain.judgement.statistics import paired_interval
        >>> say_range(paired_interval([0.01, 0.02, 0.03]))
        '−0.5 to +4.5'
    """
    if not math.isfinite(interval.low):
        return "no interval"
    return f"{say_points(interval.low)} to {say_points(interval.high)}"


def keep_together(text: str) -> str:
    """Replace the space before a per cent sign by one that does not break.

    Example:
        >>> keep_together("25 % synthetic")
        '25\\xa0% synthetic'
    """
    return text.replace(" %", "\xa0%")


def say_percent(share: float | None) -> str:
    """Say a share in per cent, without the sign.

    Example:
        >>> say_percent(0.9567), say_percent(None)
        ('95.7', '–')
    """
    return "–" if share is None else f"{100 * share:.1f}"

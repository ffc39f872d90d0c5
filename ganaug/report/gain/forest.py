"""The forest plot: gains over each arm, with intervals and a dot for every split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from ganaug.gain.judgement.statistics import ROUNDING, Interval
from ganaug.gain.judgement.verdict import Verdict, say_margin
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    PLACEBO,
    PLAIN_ARM,
    SHUFFLED,
    STANDARD,
    STYLE,
    SYNTHETIC,
    title_arm,
)
from ganaug.report.charts import INK, PAPER, REAL, SOFT, draw_svg
from ganaug.report.charts import SYNTHETIC as COLOUR
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import say_points, say_range

ROWS = {
    PLAIN_ARM: "no augmentation (plain)",
    STANDARD: "classical augmentation (standard)",
    EVEN: "the same with cells drawn evenly",
    OPPONENT: "best training without them",
    STYLE: "styled images alone (style)",
    PLACEBO: "real images in their place (placebo)",
    SHUFFLED: "a translator of shuffled domains",
}
DECIDING = (OPPONENT, PLACEBO)
FOREST_SIZE = (4.7, 3.5)  # inches; readable on a phone, not huge on a desktop
SPLITS_SHOWN = 100  # most splits in the table


def describe_gains(material: GainMaterial) -> dict[str, Any]:
    """Return the plot, a row per arm, and the gain of every split."""
    result = material.result
    gains = {arm: result.gains[arm] for arm in ROWS if arm in result.gains}
    dots = {arm: material.subtract(SYNTHETIC, arm) for arm in gains}
    kind = result.verdict.kind
    splits = sorted(set().union(*dots.values()))
    return {
        "svg": draw_forest(gains, dots, result.verdict),
        "metric": result.verdict.metric,
        "images": result.verdict.images,
        "margin": say_margin(result.verdict.margin),
        "rows": [
            _describe_row(arm, kind, gain, dots[arm]) for arm, gain in gains.items()
        ],
        "arms": [title_arm(arm, kind) for arm in gains],
        "several": len(splits) > 1,
        "splits": [
            (k + 1, [_say_dot(dots[arm].get(k)) for arm in gains])
            for k in splits[:SPLITS_SHOWN]
        ],
        "flat": [
            title_arm(arm, kind)
            for arm, own in dots.items()
            if is_flat(list(own.values()))
        ],
        "hidden": max(0, len(splits) - SPLITS_SHOWN),
    }


def is_flat(gains: Sequence[float]) -> bool:
    """Whether several splits all gave the same gain.

    Example:
        >>> is_flat([0.01, 0.01]), is_flat([0.01, 0.02]), is_flat([0.01])
        (True, False, False)
    """
    return len(gains) > 1 and max(gains) - min(gains) < ROUNDING


def draw_forest(
    gains: Mapping[str, Interval],
    dots: Mapping[str, Mapping[int, float]],
    verdict: Verdict,
) -> Markup:
    """Draw the gain over each arm, from top to bottom, in points.

    Args:
        gains: arm → interval of the gain over it.
        dots: arm → split → gain.
        verdict: verdict with the margin to shade.
    """
    arms = list(gains)

    def draw(axes: Axes) -> None:
        margin = 100 * verdict.margin
        axes.axvspan(-margin, margin, color=SOFT, alpha=0.14, linewidth=0)
        axes.axvline(0, color=INK, linewidth=1)
        for row, arm in enumerate(arms):
            _draw_row(axes, row, arm, gains[arm], list(dots[arm].values()))
        axes.set_xlim(*_find_limits(gains, dots, margin))
        axes.set_ylim(len(arms) - 0.3, -0.62)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(f"points of {verdict.metric} gained with {verdict.images}")
        axes.xaxis.set_major_locator(MaxNLocator(6, min_n_ticks=3))
        axes.xaxis.set_major_formatter(_say_tick)

    said = "; ".join(
        f"over {ROWS[arm]} {say_points(gain.mean)} points ({say_range(gain)})"
        for arm, gain in gains.items()
    )
    return draw_svg(draw, f"Gains with their 95 % intervals: {said}", size=FOREST_SIZE)


def _draw_row(
    axes: Axes, row: int, arm: str, gain: Interval, dots: list[float]
) -> None:
    """Draw a label, the interval below it, and the splits as dots at the bottom."""
    colour = COLOUR if arm in DECIDING else REAL
    # keeps the grid and the margin from crossing the words
    behind = {"facecolor": PAPER, "linewidth": 0, "pad": 1.5}
    words: dict[str, Any] = {
        "va": "center", "fontsize": 9.5, "bbox": behind,
        "transform": blended_transform_factory(axes.transAxes, axes.transData),
    }  # fmt: skip
    axes.text(0, row - 0.36, ROWS[arm], ha="left", color=SOFT, **words)
    figure = f"{say_points(gain.mean)} ({say_range(gain)})"
    axes.text(1, row - 0.36, figure, ha="right", color=INK, **words)
    if math.isfinite(gain.low):
        ends = [100 * gain.low, 100 * gain.high]
        axes.plot(ends, [row, row], color=colour, linewidth=2.4, marker="|", ms=8)
    axes.plot([100 * gain.mean], [row], color=colour, marker="D", ms=6)
    at = 100 * np.array(dots)
    style: dict[str, Any] = {"marker": "o", "ms": 4.5, "ls": "none", "mew": 0}
    axes.plot(at, np.full(len(at), row + 0.26), color=colour, alpha=0.6, **style)


def _find_limits(
    gains: Mapping[str, Interval],
    dots: Mapping[str, Mapping[int, float]],
    margin: float,
) -> tuple[float, float]:
    """Return axis limits that contain everything drawn, with some room."""
    values = [100 * v for gain in gains.values() for v in (gain.low, gain.high)]
    values += [100 * v for own in dots.values() for v in own.values()]
    finite = [v for v in values if math.isfinite(v)]
    low, high = min(-1.5 * margin, *finite, -0.1), max(1.5 * margin, *finite, 0.1)
    room = 0.04 * (high - low)
    return low - room, high + room


def _say_tick(value: float, _: object) -> str:
    return f"{value:+g}".replace("-", "−") if value else "0"


def _describe_row(
    arm: str, kind: str, gain: Interval, dots: Mapping[int, float]
) -> dict[str, Any]:
    better = sum(value > 0 for value in dots.values())
    return {
        "arm": title_arm(arm, kind),
        "deciding": arm in DECIDING,
        "gain": say_points(gain.mean),
        "range": say_range(gain),
        "p": "< 0.001" if gain.p < 0.001 else f"{gain.p:.3f}",
        "better": f"{better} of {len(dots)}",
    }


def _say_dot(value: float | None) -> str:
    return "–" if value is None else say_points(value)

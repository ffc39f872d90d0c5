"""Diagnostics: figures that alarms watch, and the chosen generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from ganaug.gan.monitoring.alarms import ALARMS, LASTING_IF_RARE
from ganaug.gan.monitoring.snapshot_selection import describe_choices
from ganaug.report.charts import HURTS, SOFT, SYNTHETIC
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.training_log import Log, curve
from ganaug.report.run.training.alarms import list_alarms
from ganaug.report.run.training.curves import draw_over_images

WIDE = 30  # ratio of largest to smallest value above which only decades are ticks
MANY = 12  # most points of a line that are marked
FAINT = 0.4  # opacity of lines where each class has one
Line = tuple[list[tuple[int, float]], list[int]]  # (images, value) points, alarms


@dataclass(frozen=True)
class Chart:
    """A chart of one figure of the diagnoses.

    Attributes:
        name: name of the figure in metrics.jsonl.
        title: title above the chart.
        upwards: name of the vertical axis.
        text: explanation below the chart.
        goal: value to mark with a dashed line, or None.
        log: whether the vertical axis is logarithmic.
    """

    name: str
    title: str
    upwards: str
    text: str
    goal: float | None = None
    log: bool = False


CHARTS = (
    Chart(
        "diversity",
        "Variety within a class",
        "diversity",
        "How different synthetic images of one class are from each other, compared "
        "with real ones (dashed). Near 0 the generator has collapsed: it repeats "
        "itself.",
        goal=1.0,
    ),
    Chart(
        "gradient",
        "The generator’s gradient",
        "norm",
        "How strongly the critic’s judgement changes the generator, in one batch. If "
        "it falls by orders of magnitude, the generator no longer learns. A few images "
        "that pass for real can hide this; then look at the margin.",
        log=True,
    ),
    Chart(
        "margin",
        "The critic’s margin",
        "logits",
        "How much higher the critic scores real images than synthetic ones; at 0 "
        "(dashed) it cannot tell them apart. If it stays above 5, the critic is very "
        "sure, and some losses then give the generator no gradient.",
        goal=0.0,
    ),
    Chart(
        "gap",
        "The critic’s gap",
        "standard deviations",
        "How much higher the critic scores its training images than held-out real "
        "images. Far above 0 (dashed) it knows its training images by heart.",
        goal=0.0,
    ),
)


def describe_diagnostics(material: RunMaterial) -> dict[str, Any] | None:
    """Return charts of the diagnoses, and the chosen snapshot."""
    logs = material.logs
    charts = [
        {"title": chart.title, "text": chart.text, "svg": svg}
        for chart in CHARTS
        if (svg := _draw(chart, logs)) is not None
    ]
    if not charts:
        return None
    run = material.run
    assert run is not None  # without one there are no logs
    return {
        "charts": charts,
        "several": len(logs) > 1,
        "diagnoses": max(len(log.diagnoses) for log in logs),
        "least": LASTING_IF_RARE,
        "alarms": len(list_alarms(material)),
        "choice": describe_choices(run.folders),
    }


def _draw(chart: Chart, logs: list[Log]) -> Markup | None:
    lines = _list_lines(chart, logs)
    if not lines:
        return None

    def draw(axes: Axes) -> None:
        if chart.log:
            _set_log_scale(axes, [value for points, _ in lines for _, value in points])
        if chart.goal is not None:
            axes.axhline(chart.goal, color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
        for points, rang in lines:
            _draw_line(axes, points, rang, faint=len(lines) > 1)

    return draw_over_images(draw, chart.upwards, _label(chart, lines))


def _list_lines(chart: Chart, logs: list[Log]) -> list[Line]:
    """Return each network's points, and the moments when an alarm about them rang."""
    lines = []
    for log in logs:
        points = curve(log.diagnoses, chart.name)
        if chart.log:
            points = [point for point in points if point[1] > 0]
        if points:
            lines.append((points, _find_alarms(log, chart)))
    return lines


def _label(chart: Chart, lines: list[Line]) -> str:
    latest = ", ".join(f"{points[-1][1]:.3g}" for points, _ in lines[:10])
    label = f"{chart.title} in training; at the end {latest}"
    rang = sorted({at for _, some in lines for at in some})
    if rang:
        label += "; an alarm rang after " + ", ".join(f"{at:,}" for at in rang[:10])
    return label


def _draw_line(
    axes: Axes, points: list[tuple[int, float]], rang: list[int], *, faint: bool
) -> None:
    at, values = zip(*points, strict=True)
    axes.plot(
        at,
        values,
        color=SYNTHETIC,
        linewidth=1.0 if faint else 1.6,
        alpha=FAINT if faint else 1.0,
        marker="o" if len(at) <= MANY else None,
        markersize=4,
    )
    for images in rang:
        axes.axvline(images, color=HURTS, linewidth=1.2)
        if images in at:
            value = values[at.index(images)]
            axes.plot([images], [value], color=HURTS, marker="o", markersize=8)


def _find_alarms(log: Log, chart: Chart) -> list[int]:
    """Return the numbers of images seen when an alarm about this figure rang."""
    names = {alarm.name for alarm in ALARMS.values() if alarm.reads == chart.name}
    return [row["images"] for row in log.alarms if row.get("alarm") in names]


def _set_log_scale(axes: Axes, values: list[float]) -> None:
    steps = (1.0,) if max(values) > WIDE * min(values) else (1.0, 2.0, 5.0)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")

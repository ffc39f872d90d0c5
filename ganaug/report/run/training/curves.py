"""Curves: losses, diversity and distance over the training, as inline SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ganaug.report.charts import REAL, SOFT, SYNTHETIC, draw_svg
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.training_log import Log, curve

SIZE, FONT = (4.4, 3.0), 12.5  # inches; 1/72 inch
SMOOTH = 9  # reports that the bold line averages
NETWORKS = {REAL: "critic", SYNTHETIC: "generator"}


def describe_curves(material: RunMaterial) -> dict[str, Any] | None:
    """Return the charts that the run's log has numbers for."""
    logs = material.logs
    charts = []
    for draw in (_draw_losses, _draw_diversity, _draw_distance):
        chart = draw(logs)
        if chart is not None:
            charts.append(chart)
    if not charts:
        return None
    return {
        "charts": charts,
        "several": len(logs) > 1,
        "rolled_back": [at for log in logs for at in log.rolled_back],
    }


def draw_over_images(draw: Callable[[Axes], None], upwards: str, label: str) -> Markup:
    """Draw a chart over the images seen; `upwards` names the vertical axis."""

    def draw_all(axes: Axes) -> None:
        draw(axes)
        axes.set_xlabel("real images seen")
        axes.set_ylabel(upwards)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        if axes.get_yscale() == "linear":
            axes.yaxis.set_major_locator(MaxNLocator(4))

    return draw_svg(draw_all, label, size=SIZE, font=FONT)


def _draw_losses(logs: list[Log]) -> dict[str, Any] | None:
    lines = []
    for name, colour in (("d_loss", REAL), ("g_loss", SYNTHETIC)):
        lines += [(curve(log.reports, name), colour) for log in logs]
    lines = [(points, colour) for points, colour in lines if len(points) > 1]
    if not lines:
        return None

    def draw(axes: Axes) -> None:
        for points, colour in lines:
            at, values = np.array(points).T
            axes.plot(at, values, color=colour, linewidth=0.7, alpha=0.3)
            (bold,) = axes.plot(at, _smooth(values), color=colour, linewidth=1.6)
            bold.set_label(NETWORKS[colour])
        handles = {line.get_label(): line for line in axes.get_lines()}
        names = list(NETWORKS.values())
        axes.legend([handles[name] for name in names], names, ncols=2, loc="upper left")
        axes.margins(y=0.2)

    return {
        "title": "Losses",
        "text": (
            "How hard each network’s task is for it: the critic tells real images from "
            "synthetic ones, the generator tries to draw images that pass for real. "
            "Steady lines mean an even contest; neither line should reach zero."
        ),
        "svg": draw_over_images(
            draw, "loss", "Losses of the critic and of the generator"
        ),
    }


def _draw_diversity(logs: list[Log]) -> dict[str, Any] | None:
    """Draw the snapshots' diversity, unless the diagnoses show it more often."""
    if all(0 < len(log.snapshots) <= len(log.diagnoses) for log in logs):
        return None
    return _draw_figure(
        logs,
        "diversity",
        "Diversity",
        "How different synthetic images of one class are from each other, compared "
        "with real ones: 1 (dashed) means as various as real ones, near 0 means always "
        "the same image.",
        goal=1.0,
    )


def _draw_distance(logs: list[Log]) -> dict[str, Any] | None:
    return _draw_figure(
        logs,
        "distance",
        "Distance",
        "How far the synthetic images lie from held-out real ones (kernel distance, in "
        "a fixed network's features): lower is better.",
        goal=0.0,
    )


def _draw_figure(
    logs: list[Log], name: str, title: str, text: str, *, goal: float
) -> dict[str, Any] | None:
    lines = [curve(log.snapshots, name) for log in logs]
    lines = [points for points in lines if points]
    if not lines:
        return None

    def draw(axes: Axes) -> None:
        axes.axhline(goal, color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
        for points in lines:
            at, values = np.array(points).T
            axes.plot(at, values, color=SYNTHETIC, linewidth=1.6, marker="o", ms=4)
        low, high = axes.get_ylim()
        axes.set_ylim(min(0, low), high)

    latest = ", ".join(f"{points[-1][1]:.3g}" for points in lines[:10])
    return {
        "title": title,
        "text": text,
        "svg": draw_over_images(
            draw, name, f"{title} at each snapshot; at the end {latest}"
        ),
    }


def _smooth(values: Iterable[float]) -> Any:
    """Return a moving average that keeps the length, shorter windows at the ends."""
    values = np.asarray(values, float)
    window = np.ones(min(SMOOTH, len(values)))
    total = np.convolve(values, window, "same")
    return total / np.convolve(np.ones(len(values)), window, "same")

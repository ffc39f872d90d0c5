"""Curves: losses, diversity and distance over the training, as inline SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ganaug.report.sources import Sources
from ganaug.report.training_log import Log, curve

SIZE = (4.4, 3.0)  # inches at 72 units each
SMOOTH = 9  # reports that a bold line averages
# stand-ins that become the page's own colours, light or dark
COLOURS = {
    "#010203": "var(--ink)",
    "#010204": "var(--soft)",
    "#010205": "var(--line)",
    "#010206": "var(--real)",
    "#010207": "var(--synthetic)",
}
INK, SOFT, LINE, REAL, SYNTHETIC = COLOURS
NETWORKS = {REAL: "critic", SYNTHETIC: "generator"}
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 12.5,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def describe_curves(sources: Sources) -> dict[str, Any] | None:
    """The charts that the run's log has numbers for."""
    logs = sources.logs
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
            "How hard each network finds its task: the critic tells real from "
            "synthetic images, the generator tries to be mistaken for real. Steady "
            "lines mean an even contest; neither is meant to reach zero."
        ),
        "svg": _to_svg(draw, "loss", "Losses of the critic and of the generator"),
    }


def _draw_diversity(logs: list[Log]) -> dict[str, Any] | None:
    return _draw_figure(
        logs,
        "diversity",
        "Diversity",
        "How different synthetic images of one class are from each other, measured "
        "against real ones: 1 (dashed) is as various, near 0 means always the same "
        "image.",
        goal=1.0,
    )


def _draw_distance(logs: list[Log]) -> dict[str, Any] | None:
    return _draw_figure(
        logs,
        "distance",
        "Distance",
        "How far the synthetic images lie from real ones that the GAN did not see "
        "(kernel distance, in a fixed network's features): lower is better.",
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
        "svg": _to_svg(draw, name, f"{title} at each snapshot; at the end {latest}"),
    }


def _smooth(values: Iterable[float]) -> Any:
    """A moving average that keeps the length, shorter windows at the ends."""
    values = np.asarray(values, float)
    window = np.ones(min(SMOOTH, len(values)))
    total = np.convolve(values, window, "same")
    return total / np.convolve(np.ones(len(values)), window, "same")


def _to_svg(draw: Any, upwards: str, label: str) -> Markup:
    """A figure as SVG with the page's colours and fonts.

    Args:
        draw: draws on the axes.
        upwards: what the vertical axis shows.
        label: describes the figure to who cannot see it.
    """
    # equal ids in two figures of a page would be mistaken for each other
    style: Any = {**STYLE, "svg.hashsalt": label}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_xlabel("real images seen")
        axes.set_ylabel(upwards)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(length=0)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _adapt(buffer.getvalue(), label)


def _adapt(svg: str, label: str) -> Markup:
    """Leave only the drawing: fonts, width and colours are the page's."""
    head, _, body = svg[svg.index("<svg") :].partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r' id="[a-z0-9.]+_\d+"', "", body)  # the same in every figure
    body = re.sub(r"; font-family: [^;\"]*", "", body)
    for stand_in, colour in COLOURS.items():
        body = body.replace(stand_in, colour)
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    opening = f'<svg class="chart" role="img" aria-label="{Markup.escape(label)}"'
    return Markup(f"{opening} {box[0]} {xlink}>{body}")

"""Charts: matplotlib figures as inline SVG in the page's own colours and fonts."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SIZE = (4.4, 2.7)  # inches at 72 units each
# placeholder colours → the page's own colours, light or dark
COLOURS = {
    "#010203": "var(--ink)",
    "#010204": "var(--soft)",
    "#010205": "var(--line)",
    "#010206": "var(--real)",
    "#010207": "var(--synthetic)",
    "#010208": "var(--paper)",
    "#010209": "var(--hurts)",
}
INK, SOFT, LINE, REAL, SYNTHETIC, PAPER, HURTS = COLOURS
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
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


def draw_svg(
    draw: Callable[[Axes], None],
    label: str,
    *,
    size: tuple[float, float] = SIZE,
    font: float = 10,
) -> Markup:
    """Return a figure as SVG.

    Args:
        draw: function to call with empty axes.
        label: description of the figure for those who don't see it.
        size: (width, height) in inches at 72 units each; the page scales it.
        font: size of the text, in the same units.

    Example:
        >>> draw_svg(lambda axes: None, "Nothing")[:30]
        Markup('<svg class="chart" role="img" ')
    """
    # two figures on one page must not share ids
    style: Any = {**STYLE, "font.size": font, "svg.hashsalt": label}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.tick_params(length=0)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _adapt(buffer.getvalue(), label)


def _adapt(svg: str, label: str) -> Markup:
    """Remove fonts, width and colours, which the page decides."""
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

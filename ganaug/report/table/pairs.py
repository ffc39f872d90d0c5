"""Pairs of columns: how they hang together, real beside synthetic."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ganaug.report.charts import SOFT, SYNTHETIC, draw_svg
from ganaug.report.table.material import RowMaterial
from ganaug.synth.made.real_rows import RealRows
from ganaug.tables.columns import Category

FARTHEST = 6  # pairs that are named
MOST_DOTS = 3000


def describe_pairs(material: RowMaterial) -> dict[str, Any] | None:
    """Return a chart of all correlations, and the pairs that differ most."""
    real = material.real
    if real is None or len(material.made) < 3 or real.matrix.shape[1] < 2:
        return None
    one = correlate(real.matrix, material.weights)
    other = correlate(material.matrix, np.ones(len(material.made)))
    left, right = np.triu_indices(len(one), 1)
    names, owners = _name_entries(real)
    apart = owners[left] != owners[right]  # categories of one column exclude each other
    x, y = one[left, right], other[left, right]
    sure = apart & np.isfinite(x) & np.isfinite(y)
    if not sure.any():
        return None
    left, right, x, y = left[sure], right[sure], x[sure], y[sure]
    order = np.argsort(-np.abs(x - y))

    def draw(axes: Axes) -> None:
        axes.plot([-1, 1], [-1, 1], color=SOFT, linewidth=1)
        some = order[:: max(1, len(order) // MOST_DOTS)]
        axes.plot(x[some], y[some], ".", color=SYNTHETIC, alpha=0.6)
        axes.set_xlabel("correlation in real rows")
        axes.set_ylabel("in synthetic rows")
        axes.set_xlim(-1.05, 1.05)
        axes.set_ylim(-1.05, 1.05)

    return {
        "chart": draw_svg(
            draw,
            "Correlations of pairs of columns, real and synthetic",
            size=(4.2, 3.6),
        ),
        "count": len(x),
        "difference": float(np.abs(x - y).mean()),
        "rows": [
            (names[left[k]], names[right[k]], float(x[k]), float(y[k]))
            for k in order[:FARTHEST]
        ],
    }


def correlate(
    matrix: NDArray[np.float32], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weighted correlations (width, width); NaN where a column is constant.

    Example:
        >>> rows = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.1]], np.float32)
        >>> round(float(correlate(rows, np.ones(3))[0, 1]), 2)
        1.0
    """
    shares = weights / weights.sum()
    centred = matrix - shares @ matrix
    covariance = (centred * shares[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    spread[spread < 1e-6] = np.nan
    return np.asarray(covariance / np.outer(spread, spread), np.float64)


def _name_entries(real: RealRows) -> tuple[list[str], NDArray[np.int64]]:
    """Return the name of each entry of a row, and the number of its column."""
    encoder = real.encoder
    scores, blocks = [], []
    for k, column in enumerate(encoder.columns):
        if hasattr(column, "scores"):
            scores.append((str(column.name), k))
        levels = column.levels if isinstance(column, Category) else ("there", "missing")
        for size in column.blocks:
            blocks += [(f"{column.name}: {level}", k) for level in levels[:size]]
    names = [*scores, *blocks]
    return [name for name, _ in names], np.array([k for _, k in names], np.int64)

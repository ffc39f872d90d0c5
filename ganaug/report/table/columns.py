"""Columns: each one's values, real beside synthetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ganaug.report.charts import REAL, SYNTHETIC, draw_svg
from ganaug.report.table.material import RowMaterial
from ganaug.synth.made.real_rows import RealRows
from ganaug.tables.columns import Carried, Category, Number, read_numbers

SHOWN = 12  # charts
BINS = 16
LEVELS = 10  # bars of a chart of categories

Floats = NDArray[np.float64]


def describe_columns(material: RowMaterial) -> dict[str, Any] | None:
    """Return charts of the columns that differ most, and the distances of all."""
    real = material.real
    if real is None or not len(material.made):
        return None
    drawn = [c for c in real.encoder.columns if not isinstance(c, Carried)]
    measured = [(_measure(material, real, column), column) for column in drawn]
    measured.sort(key=lambda pair: -pair[0])
    rows = [
        {
            "name": str(column.name),
            "distance": distance,
            "chart": _draw(material, real, column) if k < SHOWN else None,
        }
        for k, (distance, column) in enumerate(measured)
    ]
    carried = [(str(name), why) for name, why in real.encoder.carried.items()]
    return {"rows": rows, "shown": min(SHOWN, len(rows)), "carried": carried}


def _measure(material: RowMaterial, real: RealRows, column: Number | Category) -> float:
    """Return the largest gap of distributions, or half of all gaps of shares."""
    name = column.name
    if isinstance(column, Category):
        a, b = _count_levels(material, real, column)
        return float(np.abs(a - b).sum() / 2)
    x, y = read_numbers(real.table[name]), read_numbers(material.made[name])
    points = np.unique(np.concatenate([x, y]))
    points = points[~np.isnan(points)]
    ones = np.ones(len(y))
    gaps = _accumulate(x, material.weights, points) - _accumulate(y, ones, points)
    return float(np.abs(gaps).max(initial=0.0))


def _accumulate(values: Floats, weights: Floats, points: Floats) -> Floats:
    there = ~np.isnan(values)
    order = np.argsort(values[there])
    total = np.concatenate([[0.0], np.cumsum(weights[there][order])])
    places = np.searchsorted(values[there][order], points, side="right")
    return np.asarray(total[places] / max(total[-1], 1e-12))


def _count_levels(
    material: RowMaterial, real: RealRows, column: Category
) -> tuple[Floats, Floats]:
    """Return the share of each level among real rows and among new ones."""
    one = column.encode(real.table[column.name])[1][0]
    other = column.encode(material.made[column.name])[1][0]
    shares = material.weights @ one
    return np.asarray(shares / max(shares.sum(), 1e-12)), other.mean(axis=0)


def _draw(material: RowMaterial, real: RealRows, column: Number | Category) -> Markup:
    def draw(axes: Axes) -> None:
        if isinstance(column, Category):
            _draw_levels(axes, material, real, column)
        else:
            _draw_numbers(axes, material, real, column)
        axes.set_yticks([])
        axes.grid(visible=False)

    name = str(column.name)
    return draw_svg(draw, f"Values of {name}, real and synthetic", size=(3.4, 1.7))


def _draw_numbers(
    axes: Axes, material: RowMaterial, real: RealRows, column: Number
) -> None:
    x, y = real.table[column.name], material.made[column.name]
    times = pd.api.types.is_datetime64_any_dtype(x.dtype)
    a, b = read_numbers(x), read_numbers(y)
    there, new = ~np.isnan(a), ~np.isnan(b)
    edges = np.histogram_bin_edges(a[there], BINS)
    axes.hist(
        a[there], edges.tolist(), weights=material.weights[there], density=True,
        color=REAL, alpha=0.45,
    )  # fmt: skip
    axes.hist(
        b[new], edges.tolist(), density=True, histtype="step", color=SYNTHETIC,
        linewidth=1.8,
    )  # fmt: skip
    if times:
        axes.set_xticks([edges[0], edges[-1]], [str(x.min())[:10], str(x.max())[:10]])


def _draw_levels(
    axes: Axes, material: RowMaterial, real: RealRows, column: Category
) -> None:
    a, b = _count_levels(material, real, column)
    order = np.argsort(-a)[:LEVELS]
    at = np.arange(len(order))
    axes.bar(at, a[order], 0.8, color=REAL, alpha=0.45)
    axes.bar(at, b[order], 0.8, fill=False, edgecolor=SYNTHETIC, linewidth=1.8)
    names = ["missing" if pd.isna(column.levels[k]) else str(column.levels[k])
             for k in order]  # fmt: skip
    axes.set_xticks(at, [name[:8] for name in names])

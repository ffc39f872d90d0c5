"""Nearness: new rows beside the nearest real ones, and what classifiers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ganaug.report.charts import HURTS, REAL, SYNTHETIC, draw_svg
from ganaug.report.table.material import Labels, RowMaterial
from ganaug.tables.synthesis import AGREEMENT, DISTANCE, ORIGIN

FARTHEST = 3.0  # distances beyond are drawn there
CLOSEST = 5  # rows that are shown
COLUMNS = 8  # columns of these


def describe_nearness(material: RowMaterial) -> dict[str, Any] | None:
    """Return a chart of distances to real rows, and the closest new rows."""
    real = material.real
    if real is None or not len(material.made):
        return None
    made = material.figures[DISTANCE].to_numpy(np.float64)
    own, limit = real.judge.ratios, real.judge.ratio

    def draw(axes: Axes) -> None:
        edges = np.linspace(0, FARTHEST, 25).tolist()
        shown = [np.clip(values, 0, FARTHEST) for values in (own, made)]
        axes.hist(shown[0], edges, density=True, color=REAL, alpha=0.45)
        axes.hist(
            shown[1],
            edges,
            density=True,
            histtype="step",
            color=SYNTHETIC,
            linewidth=1.8,
        )
        axes.axvline(limit, color=HURTS, linewidth=1.2)
        axes.set_xlabel("distance to the nearest real row, over the usual one")
        axes.set_yticks([])

    names = list(material.made.columns[:COLUMNS])
    order = np.argsort(made)[:CLOSEST]
    origins = material.figures[ORIGIN].to_numpy(np.int64) - 1
    rows = [
        {
            "class": material.classes[material.labels[k]],
            "distance": float(made[k]),
            "made": [_write(material.made[name].iloc[k]) for name in names],
            "real": [_write(real.table[name].iloc[origins[k]]) for name in names],
        }
        for k in order
        if 0 <= origins[k] < len(real.table)
    ]
    return {
        "chart": draw_svg(draw, "Distances to the nearest real row", size=(4.6, 2.4)),
        "limit": limit,
        "below": float((made <= limit).mean()),
        "below_real": float((own <= limit).mean()) if len(own) else 0.0,
        "names": names,
        "rows": rows,
        "hidden": material.made.shape[1] - len(names),
    }


def describe_agreement(material: RowMaterial) -> dict[str, Any] | None:
    """Return, for each class, how sure the cross-fitted classifiers are of its rows."""
    real = material.real
    if real is None or not real.judge.models:
        return None
    rows = list_agreement(
        material.classes,
        material.figures[AGREEMENT].to_numpy(np.float64),
        material.labels,
        real.judge.own,
        real.labels,
        material.file.values["tallies"],
    )
    return {"rows": rows, "unit": "rows"}


def list_agreement(
    classes: Sequence[str],
    made: NDArray[np.float64],
    labels: Labels,
    own: NDArray[np.float64],
    real_labels: Labels,
    tallies: Mapping[str, Mapping[str, int]],
) -> list[dict[str, Any]]:
    """List each class's mean agreement, synthetic and real, and its candidates.

    Args:
        classes: names.
        made: (m,) agreement of what was made.
        labels: (m,) its classes.
        own: (n, k) probabilities of the real ones, out of fold.
        real_labels: (n,) their classes.
        tallies: class → what became of its candidates.
    """
    rows = []
    for k, name in enumerate(classes):
        new, old = made[labels == k], own[real_labels == k, k]
        tally = tallies.get(name, {})
        rows.append(
            {
                "name": name,
                "rows": len(new),
                "real_rows": len(old),
                "made": float(new.mean()) if len(new) else None,
                "real": float(old.mean()),
                **{part: tally.get(part, 0) for part in PARTS},
            }
        )
    return rows


def _write(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return str(value).removesuffix(" 00:00:00")


PARTS = ("drawn", "wrong", "copies", "forced")

"""Scores: how fluent new texts are, and what classifiers say, beside real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ganaug.report.charts import HURTS, REAL, SYNTHETIC, draw_svg
from ganaug.report.table.nearness import list_agreement
from ganaug.report.text.material import TextMaterial
from ganaug.text.synthesis import AGREEMENT, FLUENCY

BINS = 24


def describe_fluency(material: TextMaterial) -> dict[str, Any] | None:
    """Return a chart of likelihoods, real beside synthetic."""
    real = material.real
    if real is None or not len(real.judge.fluent.models) or not material.texts:
        return None
    made = material.figures[FLUENCY].to_numpy(np.float64)
    own, least = real.judge.fluent.own, real.judge.fluent.least

    def draw(axes: Axes) -> None:
        every = np.concatenate([own, made])
        edges = np.linspace(every.min(), every.max() + 1e-6, BINS).tolist()
        axes.hist(own, edges, density=True, color=REAL, alpha=0.45)
        axes.hist(
            made, edges, density=True, histtype="step", color=SYNTHETIC, linewidth=1.8
        )
        axes.axvline(least, color=HURTS, linewidth=1.2)
        axes.set_xlabel("log-probability per token")
        axes.set_yticks([])

    return {
        "chart": draw_svg(draw, "Fluency of real and synthetic texts", size=(4.6, 2.4)),
        "least": least,
        "below": float((made < least).mean()),
    }


def describe_agreement(material: TextMaterial) -> dict[str, Any] | None:
    """Return, for each class, how sure cross-fitted classifiers are of its texts."""
    real = material.real
    if real is None or not real.judge.rows.models:
        return None
    rows = list_agreement(
        material.classes,
        material.figures[AGREEMENT].to_numpy(np.float64),
        material.labels,
        real.judge.rows.own,
        real.labels,
        material.file.values["tallies"],
    )
    return {"rows": rows, "unit": "texts"}

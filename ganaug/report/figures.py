"""Figures: what `ganaug evaluate` measured, each beside its real-against-real floor."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.report.sources import Sources

NAME = "evaluation.csv"
ALL = "all"  # stands for all classes together
NUMBERS = ("value", "low", "high", "floor")


@dataclass(frozen=True)
class Metric:
    """How a metric is explained: its name, what it means, which way is better."""

    title: str
    meaning: str
    better: str = ""


METRICS = {
    "kernel": Metric(
        "Kernel distance",
        "How far apart the two clouds of images lie (KID).",
        "lower",
    ),
    "frechet": Metric(
        "Fréchet distance",
        "The same with a bell curve laid over each cloud (FID).",
        "lower",
    ),
    "precision": Metric(
        "Precision", "Share of synthetic images that look real.", "higher"
    ),
    "recall": Metric(
        "Recall", "Share of real images that the GAN could have drawn.", "higher"
    ),
    "density": Metric(
        "Density", "How closely synthetic images crowd around real ones.", "higher"
    ),
    "coverage": Metric(
        "Coverage", "Share of real images with a synthetic one nearby.", "higher"
    ),
    "diversity": Metric(
        "Diversity", "How various a class's images are; real ones have 1.", "higher"
    ),
    "cas": Metric(
        "Usefulness (CAS)",
        "Accuracy of a classifier trained on synthetic images alone, on real ones.",
        "higher",
    ),
    "ct": Metric(
        "Copying (C_T)",
        "Far below zero: nearer to training images than new real images are.",
    ),
    "authenticity": Metric(
        "Authenticity",
        "Share of images further from a real image than its own neighbour is.",
        "higher",
    ),
}


def describe_figures(sources: Sources) -> dict[str, Any] | None:
    """Overall figures with their place on a line, and a table by class."""
    if sources.store is None:
        return None
    rows = read_evaluation(sources.store.path)
    overall = [_describe(row) for row in rows if row["class"] == ALL]
    classes = [_describe(row) for row in rows if row["class"] != ALL]
    columns = list(dict.fromkeys((row["title"], row["features"]) for row in classes))
    cells = {(row["class"], row["title"], row["features"]): row for row in classes}
    return {
        "overall": overall,
        "columns": columns,
        "classes": list(dict.fromkeys(row["class"] for row in classes)),
        "cells": cells,
        "references": list(dict.fromkeys(filter(None, (r["reference"] for r in rows)))),
    }


def read_evaluation(store: Path) -> list[dict[str, Any]]:
    """Rows of evaluation.csv with numbers as floats, or None where there are none.

    Raises:
        StoreError: the file is no such table.
    """
    path = store / NAME
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as opened:
        table = csv.DictReader(opened)
        if not {"class", "metric", "value"} <= set(table.fieldnames or ()):
            raise StoreError(f"{path} is damaged; make it again: ganaug evaluate STORE")
        rows: list[dict[str, Any]] = [dict(row) for row in table]
    for row in rows:
        row |= {name: _number(row.get(name)) for name in NUMBERS}
        row |= {name: row.get(name) or "" for name in ("features", "reference")}
    return rows


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    metric = METRICS.get(row["metric"], Metric(row["metric"], ""))
    known = [row[name] for name in NUMBERS if row[name] is not None]
    low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
    room = (high - low) * 1.08 or 1.0

    def place(name: str) -> float | None:
        return None if row[name] is None else round(100 * (row[name] - low) / room, 2)

    return {
        **row,
        "title": metric.title,
        "meaning": metric.meaning,
        "better": metric.better,
        "places": {name: place(name) for name in NUMBERS},
    }


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None

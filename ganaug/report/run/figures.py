"""Figures that `ganaug evaluate` measured, as shares of what real images reach."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import open_file, refuse_damage
from ganaug.report.run.reading.material import RunMaterial
from ganaug.spreadsheets import unshield

EVALUATION_FILE = "evaluation.csv"
ALL_CLASSES = "all"  # stands for all classes together
NUMBERS = ("value", "low", "high", "floor")


@dataclass(frozen=True)
class Metric:
    """The explanation of a metric: title, meaning, and which values are better."""

    title: str
    meaning: str
    better: str = ""


METRICS = {
    "kernel": Metric(
        "Kernel distance",
        "How far the synthetic images lie from the real ones as a whole (KID).",
        "lower",
    ),
    "frechet": Metric(
        "Fréchet distance",
        "The same, with both sets of images taken as normally distributed (FID).",
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
        "Accuracy on real images of a classifier trained on synthetic images only.",
        "higher",
    ),
    "ct": Metric(
        "Copying (C_T)",
        "Far below zero, synthetic images are nearer to training images than held-out "
        "real images are; far above zero, they are farther away.",
    ),
    "authenticity": Metric(
        "Authenticity",
        "Share of images that are not near copies. If real images reach far more, some "
        "look copied.",
    ),
}
# feature space → title, meaning
SPACES = {
    "random": (
        "Seen by a random network",
        "A fixed network that was never trained, so it prefers no kind of image.",
    ),
    "classifier": (
        "Seen by classifiers",
        "Networks that were trained to tell the classes of the real images apart.",
    ),
    "pixels": ("Put to use", "A classifier learns from the images themselves."),
}


def describe_figures(material: RunMaterial) -> dict[str, Any] | None:
    """Return overall figures with bars and a table by class, for each feature space."""
    if material.store is None:
        return None
    rows = [_describe(row) for row in read_evaluation(material.store.path)]
    names = dict.fromkeys(row["features"] for row in rows)
    return {
        "spaces": [
            _describe_space(name, [row for row in rows if row["features"] == name])
            for name in names
        ],
        "references": list(dict.fromkeys(filter(None, (r["reference"] for r in rows)))),
    }


def _describe_space(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    title, meaning = SPACES.get(name, (f"Seen by {name}" if name else "", ""))
    classes = [row for row in rows if row["class"] != ALL_CLASSES]
    return {
        "title": title or "All images",
        "meaning": meaning,
        "overall": [row for row in rows if row["class"] == ALL_CLASSES],
        "classes": list(dict.fromkeys(row["class"] for row in classes)),
        "columns": list(dict.fromkeys(row["title"] for row in classes)),
        "cells": {(row["class"], row["title"]): row for row in classes},
    }


EVALUATE_AGAIN = "make it again: ganaug evaluate STORE"


def read_evaluation(store: Path) -> list[dict[str, Any]]:
    """Read the rows of evaluation.csv; missing numbers are None.

    Raises:
        StoreError: the file is damaged.
    """
    path = store / EVALUATION_FILE
    if not path.is_file():
        return []
    with refuse_damage(path, StoreError, EVALUATE_AGAIN), open_file(path) as opened:
        text = io.TextIOWrapper(opened, "utf-8", "surrogateescape", newline="")
        try:
            table = csv.DictReader(text)
            rows: list[dict[str, Any]] = list(table)
        except csv.Error as error:
            raise ValueError(str(error)) from error
        if not {"class", "metric", "value"} <= set(table.fieldnames or ()):
            raise ValueError("it lacks the columns class, metric and value")
        for row in rows:
            if None in (row.get("class"), row.get("metric"), row.get("value")):
                raise ValueError("a row lacks its class, metric or value")
            row["class"] = unshield(row["class"])
    for row in rows:
        row |= {name: _number(row.get(name)) for name in NUMBERS}
        row |= {name: row.get(name) or "" for name in ("features", "reference")}
    return rows


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    metric = METRICS.get(row["metric"], Metric(row["metric"], ""))
    share = find_share(row, metric.better)
    return {
        **row,
        "title": metric.title,
        "meaning": metric.meaning,
        "better": metric.better,
        "share": share,
        "unclear": metric.better == "lower" and _is_between(row),
        "width": 0 if share is None else round(100 * min(1.0, share), 1),
    }


def _is_between(row: dict[str, Any]) -> bool:
    """Whether the interval contains the figure of real images."""
    low, real, high = (row[name] for name in ("low", "floor", "high"))
    return None not in (low, real, high) and bool(low <= real <= high)


def find_share(row: dict[str, Any], better: str) -> float | None:
    """Return the share of what real images reach, at least 0; None without a scale.

    Where higher is better, it is the value divided by that of real images; for a
    distance it is the other way round.

    Example:
        >>> find_share({"value": 0.4, "floor": 0.8}, "higher")
        0.5
        >>> find_share({"value": 0.04, "floor": 0.01}, "lower")
        0.25
    """
    value, real = row["value"], row["floor"]
    if value is None or real is None or not better:
        return None
    if better == "lower" and value <= max(0.0, real):
        return 1.0  # real images' own distance may be estimated below 0
    above, below = (value, real) if better == "higher" else (real, value)
    return max(0.0, above / below) if below > 0 and real > 0 else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None

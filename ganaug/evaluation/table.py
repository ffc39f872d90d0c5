"""The table of an evaluation: one row per class, metric and feature space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ganaug.metrics.jackknife import Estimate, Influence

if TYPE_CHECKING:
    import pandas as pd

OVERALL = "all"
SHARE, POSITIVE = (0.0, 1.0), (0.0, math.inf)
# bounds of the metrics' values; other metrics have none
RANGES = {
    "precision": SHARE, "recall": SHARE, "coverage": SHARE, "cas": SHARE,
    "authenticity": SHARE, "density": POSITIVE, "diversity": POSITIVE,
    "frechet": POSITIVE,
}  # fmt: skip

# metric → what it measures, in words
MEANINGS = {
    "kernel": "distance to real images",
    "frechet": "distance to real images",
    "precision": "share that looks like real images",
    "recall": "share of real images that look like these",
    "density": "how many real images are around each one",
    "coverage": "share of real images with one nearby",
    "diversity": "variety in a class, real images having 1",
    "cas": "accuracy of a classifier trained on them",
    "ct": "below −2: nearer to training images than unseen ones are",
    "authenticity": "share that are not near copies",
}


class Counts(NamedTuple):
    """Numbers of images that a figure was measured on."""

    synthetic: int
    real: int


class Row(NamedTuple):
    """One row of the table; figures that were not measured are NaN.

    Attributes:
        class_name: name of a class, or `all`; the table's column `class`.
        metric: name of the metric.
        features: feature space, or `pixels`.
        value, low, high: figure and its 95 % interval, cut off at the metric's bounds,
            see `RANGES`.
        floor: figure for real images in place of the synthetic ones.
        synthetic, real: numbers of images used.
    """

    class_name: str
    metric: str
    features: str
    value: float
    low: float
    high: float
    floor: float
    synthetic: int
    real: int


def make_row(
    class_name: str,
    metric: str,
    features: str,
    *,
    found: Influence | None,
    floor: float | None,
    counts: Counts,
) -> Row:
    """Make a row; a figure that was not measured becomes NaN.

    Example:
        >>> missing = {"found": None, "floor": None, "counts": Counts(50, 7)}
        >>> make_row("cat", "ct", "random", **missing).real
        7
    """
    nothing = Estimate(math.nan, math.nan, math.nan)
    bounds = RANGES.get(metric, (-math.inf, math.inf))
    estimate = nothing if found is None else found.estimate()
    estimate = Estimate(*np.clip(estimate, *bounds).tolist())
    below = math.nan if found is None or floor is None else float(floor)
    return Row(class_name, metric, features, *estimate, below, *counts)


def tabulate(rows: list[Row], classes: tuple[str, ...]) -> pd.DataFrame:
    """Sort rows into a table: overall first, then class by class."""
    import pandas as pd

    order = {name: k for k, name in enumerate(classes)} | {OVERALL: -1}
    # a stable sort, which keeps the order of feature spaces and metrics
    ordered = sorted(rows, key=lambda row: order[row.class_name])
    table = pd.DataFrame(ordered, columns=list(Row._fields))
    return table.rename(columns={"class_name": "class"})

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
# what values a metric can have; the others have no bounds
RANGES = {
    "precision": SHARE, "recall": SHARE, "coverage": SHARE, "cas": SHARE,
    "authenticity": SHARE, "density": POSITIVE, "diversity": POSITIVE,
    "frechet": POSITIVE,
}  # fmt: skip


class Counts(NamedTuple):
    """Numbers of images that a figure was measured on."""

    synthetic: int
    real: int


class Row(NamedTuple):
    """One line of the table; NaN stands for what was not measured.

    Attributes:
        class_name: a class, or `all`; the table's column `class`.
        metric: the metric's name.
        features: the feature space, or `pixels`.
        value, low, high: the figure and its 95 % interval, cut off at the metric's
            range, see `RANGES`: a share's limits lie in [0, 1].
        floor: the figure of real images in place of the synthetic ones.
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
    # stable: the sort keeps feature spaces and metrics as they came
    ordered = sorted(rows, key=lambda row: order[row.class_name])
    table = pd.DataFrame(ordered, columns=list(Row._fields))
    return table.rename(columns={"class_name": "class"})

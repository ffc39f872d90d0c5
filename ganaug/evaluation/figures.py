"""Figures that compare synthetic with real features: distance, manifold, diversity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.evaluation.table import Row, make_row
from ganaug.evaluation.views import Space
from ganaug.metrics.diversity import diversity_influence
from ganaug.metrics.frechet import frechet_distance, frechet_influence
from ganaug.metrics.jackknife import Influence, average_influences
from ganaug.metrics.kernel import kernel_influence
from ganaug.metrics.manifold import NEAREST, measure_manifold
from ganaug.metrics.thinning import thin

MOST = 1000  # images of a sample that are compared at a time

Features = NDArray[np.float32]
Found = dict[str, Influence]  # by metric, those that are defined
Measure = Callable[[Features, Features], Found]


class Comparison(NamedTuple):
    """A way to compare synthetic with real features.

    Attributes:
        names: of the metrics that it gives.
        fewest: images that each sample needs.
        measure: (synthetic, real) → influences.
        floor: the same without influences, where that is much quicker.
        pooled: whether classes are put together for the overall figure; otherwise
            this is the mean over classes.
    """

    names: tuple[str, ...]
    fewest: int
    measure: Measure
    floor: Measure | None = None
    pooled: bool = True


def compare_space(space: Space) -> list[Row]:
    """Every comparison, overall and for every class, in one feature space."""
    return [
        row
        for cell, labels in space.cells
        for comparison in COMPARISONS
        for row in _compare(comparison, space, cell, labels)
    ]


def _compare(
    comparison: Comparison, space: Space, cell: str, labels: Sequence[int]
) -> list[Row]:
    groups = [labels] if comparison.pooled else [(k,) for k in labels]
    found = [_measure_group(comparison, space, group) for group in groups]
    rows = []
    for name in comparison.names:
        known = [figures[name] for figures in found if name in figures]
        whole = average_influences([pair[0] for pair in known]) if known else None
        floor = float(np.mean([pair[1] for pair in known])) if known else None
        row = make_row(cell, name, space.name, whole, floor, space.count(labels))
        rows.append(row)
    return rows


def _measure_group(
    comparison: Comparison, space: Space, labels: Sequence[int]
) -> dict[str, tuple[Influence, float]]:
    """Influence and floor of each metric that is defined, as means over the views."""
    samples = [
        [
            thin(s.of(*labels), MOST)
            for s in (view.synthetic, view.floor, view.reference)
        ]
        for view in space.views
    ]
    if min(len(part) for parts in samples for part in parts) < comparison.fewest:
        return {}
    found = [comparison.measure(synthetic, real) for synthetic, _, real in samples]
    below = [
        (comparison.floor or comparison.measure)(other, real)
        for _, other, real in samples
    ]
    return {
        name: (
            average_influences([f[name] for f in found], shared_y=space.apart),
            float(np.mean([f[name].value for f in below])),
        )
        for name in comparison.names
        if all(name in f for f in found)
    }


def _measure_kernel(synthetic: Features, real: Features) -> Found:
    return {"kernel": kernel_influence(synthetic, real)}


def _measure_frechet(synthetic: Features, real: Features) -> Found:
    return {"frechet": frechet_influence(synthetic, real)}


def _value_frechet(synthetic: Features, real: Features) -> Found:
    value = frechet_distance(synthetic, real)
    return {"frechet": Influence(value, np.empty(0), np.empty(0))}


def _measure_diversity(synthetic: Features, real: Features) -> Found:
    found = diversity_influence(synthetic, real)
    return {} if found is None else {"diversity": found}


MANIFOLDS = ("precision", "recall", "density", "coverage")
COMPARISONS = (
    Comparison(("kernel",), 3, _measure_kernel),
    Comparison(("frechet",), 3, _measure_frechet, _value_frechet),
    Comparison(MANIFOLDS, NEAREST + 2, measure_manifold),
    Comparison(("diversity",), 3, _measure_diversity, pooled=False),
)

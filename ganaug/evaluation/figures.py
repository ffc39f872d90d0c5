"""Figures that compare synthetic with real features: distance, manifold, diversity."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.evaluation.feature_space import FeatureSpace, NetworkFeatures
from ganaug.evaluation.table import Row, make_row
from ganaug.metrics.diversity import diversity_influence
from ganaug.metrics.frechet import frechet_distance, frechet_influence
from ganaug.metrics.jackknife import Influence, average_influences
from ganaug.metrics.kernel import kernel_influence
from ganaug.metrics.manifold import NEAREST, measure_manifold
from ganaug.metrics.thinning import thin

MOST_COMPARED = 1000  # most images of a sample

Features = NDArray[np.float32]
Found = dict[str, Influence]  # by metric, those that are defined
Figure = tuple[Influence, float]  # with its floor
Measure = Callable[[Features, Features], Found]


class Comparison(NamedTuple):
    """A way to compare synthetic with real features.

    Attributes:
        names: names of its metrics.
        fewest: fewest images of each sample.
        measure: function (synthetic, real) → influences.
        floor: faster function for the floor, which needs no influences, or None.
        pooled: whether the overall figure compares all classes together; otherwise it
            is the mean over classes.
    """

    names: tuple[str, ...]
    fewest: int
    measure: Measure
    floor: Measure | None = None
    pooled: bool = True


def compare_space(space: FeatureSpace) -> list[Row]:
    """Make every comparison, overall and for every class, in one feature space."""
    return [
        row
        for name, labels in space.groups
        for comparison in COMPARISONS
        for row in _compare(comparison, space, group=name, labels=labels)
    ]


def _compare(
    comparison: Comparison, space: FeatureSpace, *, group: str, labels: Sequence[int]
) -> list[Row]:
    groups = [labels] if comparison.pooled else [(k,) for k in labels]
    measured = [_measure_group(comparison, space, own) for own in groups]
    rows = []
    for name in comparison.names:
        known = [figures[name] for figures in measured if name in figures]
        value, floor = _average(known) if known else (None, None)
        counts = space.count(labels)
        rows.append(
            make_row(group, name, space.name, found=value, floor=floor, counts=counts)
        )
    return rows


def _average(figures: list[Figure]) -> Figure:
    """Average over classes."""
    values, floors = zip(*figures, strict=True)
    return average_influences(values), float(np.mean(floors))


def _measure_group(
    comparison: Comparison, space: FeatureSpace, labels: Sequence[int]
) -> dict[str, Figure]:
    """Measure each metric that is defined, and its floor, as means over networks."""
    samples = [_thin_samples(net, labels) for net in space.networks]
    if min(map(len, itertools.chain(*samples))) < comparison.fewest:
        return {}
    measure_floor = comparison.floor or comparison.measure
    found = [comparison.measure(synthetic, real) for synthetic, _, real in samples]
    floors = [measure_floor(other, real) for _, other, real in samples]
    defined = set(comparison.names).intersection(*found)
    return {
        name: (
            average_influences([f[name] for f in found], shared_y=space.apart),
            float(np.mean([f[name].value for f in floors])),
        )
        for name in comparison.names
        if name in defined
    }


def _thin_samples(net: NetworkFeatures, labels: Sequence[int]) -> list[Features]:
    """Return synthetic, floor and reference features of these classes."""
    samples = (net.synthetic, net.floor, net.reference)
    return [thin(sample.of(*labels), MOST_COMPARED) for sample in samples]


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

"""Jackknife: intervals of a figure of two samples, from omitting each image in turn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.floating]
Floats = NDArray[np.float64]

LEAVE_OUTS = 50  # parts of a sample that are omitted in turn, without a formula


class Estimate(NamedTuple):
    """A figure and its interval."""

    value: float
    low: float
    high: float


class Influence(NamedTuple):
    """A figure and how much each image moves it.

    Attributes:
        value: the figure, of all images.
        of_x, of_y: influence of each image of either sample; the sum of all squares is
            the jackknife variance of the value. Empty for a sample that is taken as
            given.
    """

    value: float
    of_x: Floats
    of_y: Floats

    @property
    def error(self) -> float:
        """Jackknife standard error; 0 if both samples are taken as given.

        Example:
            >>> Influence(1.0, np.array([3.0]), np.array([4.0])).error
            5.0
        """
        return math.sqrt((self.of_x**2).sum() + (self.of_y**2).sum())

    def estimate(self, *, level: float = 0.95) -> Estimate:
        """Return the value ± Student's quantile × standard error (Tukey, 1958).

        The degrees of freedom are those of the smaller sample. Intervals never come
        from resampling with replacement: a repeated image would be its own neighbour.

        Example:
            >>> influence_of(5.0, np.array([4.0, 6.0]), np.array([])).estimate().low < 5
            True
        """
        sizes = [len(part) for part in (self.of_x, self.of_y) if len(part) > 1]
        if not sizes:
            return Estimate(self.value, math.nan, math.nan)
        from scipy import stats  # takes .6 s

        reach = float(stats.t.ppf((1 + level) / 2, min(sizes) - 1)) * self.error
        return Estimate(self.value, self.value - reach, self.value + reach)


def influence_of(value: float, without_x: Floats, without_y: Floats) -> Influence:
    """Return the influence, given the figure's values without each image in turn."""
    return Influence(value, _center(without_x), _center(without_y))


def measure_influence(
    metric: Callable[[Features, Features], float],
    x: Features,
    y: Features,
    *,
    parts: int = LEAVE_OUTS,
) -> Influence:
    """Measure each image's influence on any figure, by computing it again without.

    Args:
        metric: (n, d), (m, d) → number; it must be defined with fewer images too.
        x: (n, d) features.
        y: (m, d) features.
        parts: number of random parts that a larger sample is omitted in, one part at a
            time (the delete-a-group jackknife; Kott, 2001).

    Example:
        >>> x, y = np.array([[1.0], [2.0], [3.0]]), np.zeros((3, 1))
        >>> influence = measure_influence(lambda a, b: a.mean() - b.mean(), x, y)
        >>> round(float((influence.of_x**2).sum()), 6) == round(1 / 3, 6)
        True
    """
    without_x = [metric(x[keep], y) for keep in _leave_out(len(x), parts)]
    without_y = [metric(x, y[keep]) for keep in _leave_out(len(y), parts)]
    return influence_of(metric(x, y), np.array(without_x), np.array(without_y))


def average_influences(
    influences: Sequence[Influence], *, shared_y: bool = False
) -> Influence:
    """Return the influence on the mean of several figures, such as one per network.

    Args:
        influences: one per figure; their x samples have no image in common.
        shared_y: whether their y samples are the same images in the same order;
            otherwise these have none in common either.

    Example:
        >>> one = Influence(1.0, np.array([2.0]), np.array([4.0]))
        >>> average_influences([one, one]).of_x
        array([1., 1.])
    """
    assert influences
    of_x = np.concatenate([i.of_x for i in influences]) / len(influences)
    if shared_y:
        of_y = np.mean([i.of_y for i in influences], axis=0)
    else:
        of_y = np.concatenate([i.of_y for i in influences]) / len(influences)
    return Influence(float(np.mean([i.value for i in influences])), of_x, of_y)


def _center(without: Floats) -> Floats:
    if len(without) < 2:
        return np.empty(0)
    scale = math.sqrt((len(without) - 1) / len(without))
    return np.asarray(scale * (without - without.mean()))


def _leave_out(n: int, parts: int) -> list[NDArray[np.int64]]:
    """Return the rows that stay when each part is omitted; parts are single if few."""
    everything = np.arange(n)
    if n > parts:
        everything = np.random.default_rng(n).permutation(n)
    return [
        np.setdiff1d(everything, part)
        for part in np.array_split(everything, min(n, parts))
    ]

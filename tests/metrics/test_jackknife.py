"""Intervals: against the textbook's formula, and how often they cover."""

import math

import numpy as np
import pytest
from scipy import stats

from ganaug.metrics.jackknife import (
    Influence,
    average_influences,
    influence_of,
    measure_influence,
)


def mean_apart(x, y):
    return float(x.mean() - y.mean())


def test_a_difference_of_means_has_the_known_error():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 1)), rng.normal(size=(7, 1))
    estimate = measure_influence(mean_apart, x, y).estimate()
    error = math.sqrt(x.var(ddof=1) / 12 + y.var(ddof=1) / 7)
    reach = stats.t.ppf(0.975, 6) * error
    assert estimate.value == pytest.approx(mean_apart(x, y))
    assert estimate.low == pytest.approx(estimate.value - reach)
    assert estimate.high == pytest.approx(estimate.value + reach)


def test_parts_give_about_the_same_error():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(400, 1)), rng.normal(size=(300, 1))
    known = x.var(ddof=1) / 400 + y.var(ddof=1) / 300
    found = measure_influence(mean_apart, x, y, parts=50)
    assert len(found.of_x) == len(found.of_y) == 50
    ratio = ((found.of_x**2).sum() + (found.of_y**2).sum()) / known
    assert 0.7 < ratio < 1.4


def test_intervals_of_a_mean_cover_it():
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        low, high = measure_influence(
            mean_apart, rng.exponential(size=(20, 1)), rng.exponential(size=(20, 1))
        ).estimate()[1:]
        covered += low <= 0 <= high
    assert covered >= 0.9 * 300


@pytest.mark.parametrize("shared", [False, True])
def test_average_over_networks_is_the_jackknife_of_the_average(shared):
    rng = np.random.default_rng(3)
    x = [rng.normal(size=(n, 1)) for n in (5, 8)]
    y = rng.normal(size=(6, 1))
    influences = [
        measure_influence(mean_apart, x[0], y),
        measure_influence(mean_apart, x[1], y**3),
    ]
    found = average_influences(influences, shared_y=shared)
    if shared:
        both = measure_influence(lambda a, _: (-a.mean() - (a**3).mean()) / 2, y, y)
        np.testing.assert_allclose(found.of_y, both.of_x)
    else:
        assert len(found.of_y) == 12
    variance = sum((i.of_x**2).sum() for i in influences) / 4
    assert (found.of_x**2).sum() == pytest.approx(variance)


def test_no_interval_without_images():
    for empty in (np.empty(0), np.ones(1)):
        estimate = influence_of(3.0, empty, empty).estimate()
        assert estimate.value == 3
        assert math.isnan(estimate.low)
        assert math.isnan(estimate.high)
    same = Influence(1.0, np.zeros(5), np.empty(0)).estimate()
    assert same == (1, 1, 1)

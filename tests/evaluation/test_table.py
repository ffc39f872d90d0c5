import math

import numpy as np
import pytest

from ganaug.evaluation.table import Counts, make_row, tabulate
from ganaug.metrics.jackknife import Influence

WIDE = np.full(4, 5.0)  # each of four images moves the figure by 5


def make(metric, value, of_x=WIDE):
    found = Influence(value, of_x, np.empty(0))
    return make_row(
        "cat", metric, "random", found=found, floor=0.5, counts=Counts(4, 4)
    )


@pytest.mark.parametrize(
    ("metric", "low", "high"),
    [
        ("precision", 0, 1),
        ("recall", 0, 1),
        ("coverage", 0, 1),
        ("cas", 0, 1),
        ("authenticity", 0, 1),
        ("density", 0, 0.9 + 3.182 * 10),
        ("kernel", 0.9 - 3.182 * 10, 0.9 + 3.182 * 10),
        ("ct", 0.9 - 3.182 * 10, 0.9 + 3.182 * 10),
    ],
)
def test_an_interval_ends_where_its_metric_does(metric, low, high):
    row = make(metric, 0.9)
    assert (row.value, row.floor) == (0.9, 0.5)
    assert (row.low, row.high) == pytest.approx((low, high), abs=0.01)


def test_an_interval_inside_the_range_and_an_unknown_one_stay():
    row = make("recall", 0.5, np.full(4, 0.01))
    assert (row.low, row.high) == pytest.approx((0.436, 0.564), abs=0.001)
    row = make("recall", 0.5, np.empty(0))
    assert row.value == 0.5
    assert math.isnan(row.low)
    assert math.isnan(row.high)


def test_classes_come_in_their_order_after_the_whole():
    rows = [make("recall", 0.5)._replace(class_name=name) for name in ("b", "all", "a")]
    table = tabulate(rows, ("b", "a"))
    assert table["class"].tolist() == ["all", "b", "a"]
    assert list(table.columns)[:4] == ["class", "metric", "features", "value"]

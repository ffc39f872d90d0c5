"""Figures: numbers, places on a line, and tables that are no tables."""

import numpy as np
import pytest

from ganaug.errors import StoreError
from ganaug.report.run.figures import _describe, describe_figures, read_evaluation
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.store.store import Store

HEADER = "class,metric,features,value,low,high,floor,synthetic,real,reference\n"


def test_numbers_are_read_and_gaps_are_none(tmp_path):
    rows = "all,kernel,random,0.5,0.25,nan,,10,5,held out\nb,new,,inf,x,,0,1,1,\n"
    (tmp_path / "evaluation.csv").write_text(HEADER + rows)
    first, second = read_evaluation(tmp_path)
    assert (first["value"], first["low"], first["high"]) == (0.5, 0.25, None)
    assert [second[name] for name in ("value", "low", "floor")] == [None, None, 0.0]
    assert _describe(second)["title"] == "new"


@pytest.mark.parametrize(
    ("metric", "value", "floor", "share"),
    [
        ("recall", 0.6, 0.8, 0.75), ("density", 1.2, 1.0, 1.2),
        ("frechet", 0.04, 0.01, 0.25), ("frechet", 0.01, 0.04, 1.0),
        ("kernel", -0.01, -0.02, 1.0), ("kernel", 0.01, -0.02, None),
        ("recall", 0.0, 0.8, 0.0), ("recall", 0.5, 0.0, None),
        ("ct", 3.0, 0.0, None), ("recall", None, 0.8, None),
        ("recall", 1.0, None, None),
    ],
)  # fmt: skip
def test_shares_of_what_real_images_reach(metric, value, floor, share):
    row = dict.fromkeys(("low", "high"))
    found = _describe({**row, "metric": metric, "value": value, "floor": floor})
    assert found["share"] == (None if share is None else pytest.approx(share))
    assert found["width"] == pytest.approx(100 * min(1, share or 0))


@pytest.mark.parametrize(
    ("low", "unclear"), [(0.005, True), (0.02, False), (None, False)]
)
def test_a_distance_within_its_interval_is_no_difference(low, unclear):
    row = {"metric": "kernel", "value": 0.03, "low": low, "high": 0.05, "floor": 0.01}
    assert _describe(row)["unclear"] == unclear
    assert not _describe({**row, "metric": "recall"})["unclear"]


def test_each_feature_space_has_its_own_figures(tmp_path):
    rows = "all,kernel,random,1,,,,9,9,\na,kernel,random,2,,,,9,9,\n"
    rows += "all,kernel,resnet18,3,,,,9,9,\n"
    (tmp_path / "evaluation.csv").write_text(HEADER + rows)
    store = Store(tmp_path, None, np.array([], np.str_), np.array([], np.int64))
    spaces = describe_figures(RunMaterial(tmp_path, None, store, None, None))["spaces"]
    titles = ["Seen by a random network", "Seen by resnet18"]
    assert [space["title"] for space in spaces] == titles
    assert [space["overall"][0]["value"] for space in spaces] == [1, 3]
    assert spaces[0]["cells"]["a", "Kernel distance"]["value"] == 2
    assert spaces[1]["classes"] == []


def test_a_missing_or_damaged_table(tmp_path):
    assert read_evaluation(tmp_path) == []
    (tmp_path / "evaluation.csv").write_text("kernel: 3\n")
    with pytest.raises(StoreError, match="make it again"):
        read_evaluation(tmp_path)

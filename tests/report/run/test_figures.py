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


def test_places_keep_order_and_stay_on_the_line():
    row = {"metric": "ct", "value": -2.0, "low": -3.0, "high": -1.0, "floor": 0.5}
    places = _describe(row)["places"]
    ordered = [places[name] for name in ("low", "value", "high", "floor")]
    assert ordered == sorted(ordered)
    assert min(ordered) >= 0
    assert max(ordered) <= 100
    nothing = dict.fromkeys(("value", "low", "high", "floor"))
    assert set(_describe({"metric": "x", **nothing})["places"].values()) == {None}


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

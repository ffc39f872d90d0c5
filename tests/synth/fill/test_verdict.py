"""The verdict on filled cells, from rows of a manifest."""

import math

import pytest

from ganaug.synth.fill.verdict import judge_cells
from ganaug.synth.request import Target
from ganaug.synth.store.manifest import Row
from ganaug.synth.verdict.record import StoreVerdict

CELLS = [("cat", "day"), ("cat", "night"), ("dog", "day"), ("dog", "night")]
TARGETS = [Target(name, 10, domain=domain) for name, domain in CELLS]
FILTERS = ("label", "domain", "realism", "copy", "duplicate")


def make_rows(reasons):
    """Make rows: for each cell a dict filter → rejected, with "" for kept ones."""
    rows = []
    for (name, domain), counts in zip(CELLS, reasons, strict=True):
        for reason, n in counts.items():
            rows += [
                Row("", name, 0, 0, 0, "", "", kept=int(not reason), reason=reason,
                    domain=domain)
            ] * n  # fmt: skip
    return rows


def judge(*reasons, filters=FILTERS):
    return judge_cells(make_rows(reasons), TARGETS, filters)


GOOD = {"": 10, "label": 1, "domain": 1}


def test_cells_that_were_kept_are_good():
    found = judge(GOOD, GOOD, GOOD, {"": 10, "duplicate": 30})
    assert found.word == "good"
    assert found.kept == pytest.approx(0.87, abs=0.01)
    assert [cell.word for cell in found.cells] == ["good"] * 4
    assert found.cells[3].reason is None
    assert found.cells[0].class_kept == pytest.approx(11 / 12, abs=1e-3)
    assert found.cells[0].reached == pytest.approx(10 / 11, abs=1e-3)
    again = StoreVerdict.from_dict(found.to_dict())
    assert again.cells == found.cells
    assert math.isnan(again.variety)


def test_repeats_are_said_but_not_blamed():
    found = judge(GOOD, GOOD, GOOD, {"": 3, "duplicate": 300})
    assert found.word == "good"
    assert found.cells[3].reason == "only 3 of 10: others would repeat these"


def test_an_empty_cell_makes_a_store_poor():
    found = judge(GOOD, GOOD, GOOD, {"domain": 200})
    assert found.word == "poor"
    assert found.classes["dog"].word == "poor"
    assert "1 of 4 cells has no images (dog in night)" in found.sentence


def test_a_poor_cell_leaves_it_usable():
    found = judge(GOOD, GOOD, GOOD, {"": 10, "label": 90})
    assert found.word == "usable"
    assert found.cells[3].reason == "10 % kept their class"
    assert found.classes["dog"].reason == "in night: 10 % kept their class"


def test_without_a_label_filter_it_is_usable_at_best():
    found = judge(GOOD, GOOD, GOOD, GOOD, filters=())
    assert found.word == "usable"
    assert "no filter has checked the labels" in found.sentence
    assert math.isnan(found.cells[0].class_kept)
    assert judge({}, {}, {}, {}) is None

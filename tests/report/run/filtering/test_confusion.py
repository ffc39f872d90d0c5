"""Confusion: shares by row, the most frequent mistakes first, many classes listed."""

import pytest

from ganaug.report.run.filtering.confusion import MOST_CLASSES, describe_confusion
from ganaug.synth.screening import Screening


class Material:
    """What the section reads of a RunMaterial."""

    def __init__(self, classes, recognised):
        self.classes = classes
        self.screening = Screening(recognised=recognised)


def test_rows_add_up_and_mistakes_are_sorted():
    counts = {"a": {"a": 8, "b": 2}, "b": {"b": 5, "c": 4, "a": 1}}
    found = describe_confusion(Material(("a", "b", "c"), counts))
    assert [name for name, _ in found["rows"]] == ["a", "b"]
    for name, cells in found["rows"]:
        assert sum(cell["share"] for cell in cells) == pytest.approx(1)
        assert [cell["own"] for cell in cells] == [name == k for k in "abc"]
    assert found["pairs"] == [(0.4, "b", "c"), (0.2, "a", "b"), (0.1, "b", "a")]
    assert found["judged"] == 20
    assert found["right"] == pytest.approx(0.65)


def test_many_classes_are_a_list_and_none_is_nothing():
    names = tuple(f"k{n}" for n in range(MOST_CLASSES + 1))
    counts = {name: {name: 9, "k0": 1} for name in names}
    found = describe_confusion(Material(names, counts))
    assert found["rows"] == []
    assert len(found["pairs"]) == MOST_CLASSES
    assert describe_confusion(Material(names, {})) is None

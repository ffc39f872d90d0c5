"""The benchmark of gains with a head start: what a line says."""

from benchmarks.head_start_gain import ARMS, count_started, list_cells
from ganaug.recipe import Recipe

LINE = {
    "row": "a → b", "seed": "0", **dict.fromkeys(ARMS, "0.5"), "synthetic": "0.52",
    "opponent started": "1", "synthetic started": "2", "mean": "0.02",
    "low": "-0.01", "high": "0.05", "verdict": "cannot tell",
}  # fmt: skip


def test_splits_that_started_are_counted():
    said = [Recipe().say(), Recipe(start="parent").say(), Recipe(start="parent").say()]
    assert count_started(said) == 2


def test_one_split_has_no_interval():
    two = list_cells({**LINE, "splits": "2"})
    assert two[3:9] == ["50.0", "50.0", "1", "50.0", "52.0", "2"]
    assert two[9:] == ["+2.0 (-1.0 to +5.0)", "cannot tell"]
    assert list_cells({**LINE, "splits": "1"})[9] == "+2.0 (no interval)"

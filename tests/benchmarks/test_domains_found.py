"""The benchmark of domains that nobody wrote down, on tiny cases."""

import numpy as np

from benchmarks.domains_found import (
    Found,
    judge,
    put_together,
    read_rows,
    summarise,
    write_rows,
)
from ganaug import load_images
from ganaug.data.images import LabelledImages


def test_cases_are_judged_and_tabulated(tmp_path):
    found = [
        judge(load_images("digits-domains"), "digits-domains", "domains", "0"),
        Found("mnist", "closed", "all", 9, 1, "", 1, "", ""),
        Found("mnist", "closed", "half", 9, 1, "", 2, "", "domains"),
        Found("a + b", "sources", "0", 9, 2, 1.0, 1, "", "sources"),
    ]
    assert found[0].chosen == found[0].truth == 4
    assert found[0].index == found[0].known > 0.8
    domains, closed, sources = summarise(found, "A machine.")
    assert domains.rows[0][3:5] == ["1 of 1", "4"]
    assert closed.rows == [["mnist", "2", "half: domains"]]
    assert "1 of 2 have a proposal" in closed.protocol
    assert sources.rows == [["sources", "1", "a + b"]]
    write_rows(tmp_path / "a.csv", [], found)
    write_rows(tmp_path / "a.csv", read_rows(tmp_path / "a.csv")[:2], found[2:])
    assert [row["case"] for row in read_rows(tmp_path / "a.csv")] == [
        "0", "all", "half", "0"
    ]  # fmt: skip


def test_two_sets_have_one_form():
    def make(side, channels):
        pixels = np.full((12, side, side, channels), side, np.uint8)
        return LabelledImages(pixels, np.arange(12) % 3, ("a", "b", "c"))

    joined = put_together(make(8, 1), make(40, 3))
    assert joined.images.shape == (24, 32, 32, 3)
    assert np.bincount(joined.labels).tolist() == [4] * 6
    assert joined.domains.tolist() == [0] * 12 + [1] * 12

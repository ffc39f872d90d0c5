"""Kept: computed once, kept whole, and only with the settings that began them."""

import json
import time

import numpy as np
import pytest

from ganaug.errors import RunError
from ganaug.gain.kept import Kept


def test_a_cell_is_computed_once(tmp_path):
    calls = []

    def make():
        calls.append(1)
        return {"p": np.arange(3.0)}

    for _ in range(2):
        found = Kept(tmp_path / "g", {"seed": 1}).once_arrays("split-00/final", make)
        assert found["p"].tolist() == [0, 1, 2]
    assert calls == [1]


def test_values_survive_and_every_cell_is_told(tmp_path):
    told = []
    kept = Kept(tmp_path / "g", {"seed": 1}, told.append)
    assert kept.once("a", lambda: {"loss": 0.5}) == {"loss": 0.5}
    assert kept.once("a", lambda: {"loss": 0.7}) == {"loss": 0.5}
    assert told == ["a", "a"]


def test_a_cell_that_fails_leaves_nothing(tmp_path):
    kept = Kept(tmp_path / "g", {})
    with pytest.raises(ZeroDivisionError):
        kept.once("a", lambda: {"loss": 1 / 0})
    assert kept.once("a", lambda: {"loss": 2}) == {"loss": 2}


def test_other_settings_and_other_folders_are_refused(tmp_path):
    begun = Kept(tmp_path / "g", {"seed": 1, "classifier": "small"})
    begun.once("a", dict)
    with pytest.raises(RunError, match=r"other settings \(seed\); give the same again"):
        Kept(tmp_path / "g", {"seed": 2, "classifier": "small"})
    (tmp_path / "h").mkdir()
    (tmp_path / "h" / "thesis.txt").write_text("x")
    with pytest.raises(RunError, match="is not empty"):
        Kept(tmp_path / "h", {})
    assert [p.name for p in (tmp_path / "h").iterdir()] == ["thesis.txt"]
    assert json.loads((tmp_path / "g" / "settings.json").read_text())["seed"] == 1


def test_nothing_is_begun_before_a_cell_is_done(tmp_path):
    first = Kept(tmp_path / "g", {"budget": 1})
    with pytest.raises(ZeroDivisionError):
        first.once("estimate", lambda: {"minutes": 1 / 0})
    assert not (tmp_path / "g").exists()
    other = Kept(tmp_path / "g", {"budget": 2})
    assert other.once("estimate", lambda: {"minutes": 2}) == {"minutes": 2}


def test_a_cell_that_was_cut_off_goes_on_beside_what_it_wrote(tmp_path):
    def train():
        (tmp_path / "g" / "gans").mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Kept(tmp_path / "g", {}).once_arrays("pool", train)
    found = Kept(tmp_path / "g", {}).once_arrays("pool", lambda: {"x": np.ones(1)})
    assert found["x"].tolist() == [1]


def test_minutes_add_up_over_calls(tmp_path):
    def work():
        time.sleep(0.06)
        return {}

    first = Kept(tmp_path / "g", {})
    assert first.minutes == 0
    first.once("a", work)
    once = Kept(tmp_path / "g", {})
    assert once.minutes >= 0.001
    once.once("a", work)
    assert once.minutes == first.minutes
    once.once("b", work)
    assert once.minutes >= 0.002


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b"7"])
def test_a_damaged_result_is_one_line_and_says_what_to_delete(tmp_path, data):
    kept = Kept(tmp_path / "gain", {"seed": 0})
    kept.once("a", lambda: {"loss": 0.5})
    kept.once_arrays("b", lambda: {"x": np.zeros(3)})
    for name in ("a.json", "b.npz"):
        (tmp_path / "gain" / "cells" / name).write_bytes(data)
    with pytest.raises(RunError, match=r"a\.json is damaged: .*; delete it and run"):
        kept.once("a", dict)
    with pytest.raises(RunError, match=r"b\.npz is damaged: .*; delete it and run"):
        kept.once_arrays("b", dict)


def test_an_altered_result_is_noticed_and_an_old_one_is_read(tmp_path):
    kept = Kept(tmp_path / "gain", {"seed": 0})
    kept.once("a", lambda: {"loss": 0.5, "odd": float("nan")})
    file = tmp_path / "gain" / "cells" / "a.json"
    assert kept.once("a", dict)["loss"] == 0.5
    file.write_text(file.read_text().replace("0.5", "0.4"))
    with pytest.raises(RunError, match=r"a\.json was altered; delete it"):
        kept.once("a", dict)
    file.write_text('{"loss": 0.3}')  # as an earlier version wrote it
    assert kept.once("a", dict) == {"loss": 0.3}

"""What the gain benchmark keeps of a split: enough for its table, on any machine."""

import csv
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.gain import records, suite
from benchmarks.gain.problems import Cell
from benchmarks.gain.records import (
    find_rows,
    holm,
    keep_split,
    merge_table,
    read_rows,
    read_split,
    restore_split,
)
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import summarise
from ganaug.gain.judgement.scores import list_networks, measure_interval
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, PLAIN_ARM, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.recipes import PLAIN

CLASSES, ASKED = 3, {"steps": 300, "minutes": 4}


@pytest.fixture
def cell():
    return Cell("shapes", 5)


def make_split(number, n=41):
    """Draw probabilities at random, of four networks where ensembles are requested."""
    rng = np.random.default_rng(number)
    networks = dict.fromkeys((PLAIN_ARM, "standard", PLACEBO, "oracle"), 2)
    networks |= {OPPONENT: 4, SYNTHETIC: 4}
    labels = rng.permutation(np.arange(n) % CLASSES)
    predictions = {
        arm: rng.dirichlet(np.ones(CLASSES), (k, n)).astype(np.float32)
        + np.eye(CLASSES, dtype=np.float32)[labels] * 0.3
        for arm, k in networks.items()
    }
    recipes = {arm: replace(PLAIN, policy="rand") for arm in networks}
    return SplitResult(number, labels, predictions, recipes, np.array([7, 8, 9]))


def keep_and_read(cell, result, folder):
    keep_split(cell, result, ASKED, 12.3, folder)
    return read_split(cell, result.number, result.labels, CLASSES, ASKED, folder)


def test_a_kept_split_has_the_same_hits_and_intervals(cell, tmp_path):
    results = [make_split(k) for k in range(3)]
    labels = results[0].labels
    results = [replace(result, labels=labels) for result in results]
    found = [keep_and_read(cell, result, tmp_path) for result in results]
    for one, other in zip(results, found, strict=True):
        old, new = list_networks(one), list_networks(other)
        assert old.keys() == new.keys()
        for arm in old:
            hits = [p.argmax(axis=2) == labels for p in (old[arm], new[arm])]
            assert np.array_equal(*hits), arm
    assert found[1].recipes == results[1].recipes
    assert found[1].kept.tolist() == [7, 8, 9]
    for shared in (False, True):
        old, new = (
            measure_interval(r, SYNTHETIC, OPPONENT, 0.0, shared=shared)
            for r in (results, found)
        )
        assert old == new


def test_a_network_that_failed_stays_failed(cell, tmp_path):
    result = make_split(0)
    result.predictions[SYNTHETIC][1] = np.nan
    found = keep_and_read(cell, result, tmp_path)
    fine = np.isfinite(found.predictions[SYNTHETIC]).all(axis=(1, 2))
    assert fine.tolist() == [True, False, True, True]


def test_a_split_run_again_replaces_its_rows(cell, tmp_path):
    for number in (1, 0, 1):
        keep_split(cell, make_split(number), ASKED, 1.0, tmp_path)
    with open(find_rows(cell, tmp_path), newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["split"] for row in rows] == ["0"] * 6 + ["1"] * 6
    hits = make_split(1).predictions[PLACEBO].argmax(axis=2) == make_split(1).labels
    recalls = [hits[:, make_split(1).labels == k].mean() for k in range(CLASSES)]
    (row,) = [r for r in rows if r["split"] == "1" and r["arm"] == PLACEBO]
    assert float(row["balanced_accuracy"]) == pytest.approx(np.mean(recalls), abs=1e-5)


def test_rows_that_did_not_come_along_are_made_again(cell, tmp_path):
    for number in (0, 1):
        keep_split(cell, make_split(number), ASKED, 7.4, tmp_path)
    path = find_rows(cell, tmp_path)
    before = path.read_text()
    lines = before.splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("1,")))
    found = keep_and_read(cell, make_split(0), tmp_path)
    restore_split(cell, found, tmp_path)
    assert len(list(read_rows(path))) == 6
    labels = make_split(1).labels
    kept = read_split(cell, 1, labels, CLASSES, ASKED, tmp_path)
    restore_split(cell, kept, tmp_path)
    assert path.read_text().replace(",12,", ",7,") == before
    assert ',1000,7,"Commit' in before


def test_splits_of_other_settings_are_not_mixed(cell, tmp_path):
    result = make_split(0)
    keep_split(cell, result, ASKED, 1.0, tmp_path)
    with pytest.raises(SystemExit, match=r"'minutes': 3.*give the same"):
        read_split(cell, 0, result.labels, CLASSES, ASKED | {"minutes": 3}, tmp_path)
    assert read_split(cell, 1, result.labels, CLASSES, ASKED, tmp_path) is None


def test_the_row_of_more_splits_stays(tmp_path):
    columns = ("cell", "splits", "p", "p, Holm")
    rows = [("a", "7", ".5", ""), ("b", "2", ".1", "")]
    merge_table("core", columns, rows, tmp_path)
    rows = [("a", "3", ".9", ""), ("b", "3", ".2", "")]
    table = merge_table("core", columns, rows, tmp_path)
    kept = list(read_rows(tmp_path / "gain_core.csv"))
    assert kept == list(table.values())
    assert [tuple(row.values())[1:] for row in kept] == [
        ("7", ".5", "0.500000"),
        ("3", ".2", "0.400000"),
    ]


def test_holm_by_hand():
    # sorted .005 .01 .03 .04: × 4, 3, 2, 1 = .02 .03 .06 .04, never falling
    found = holm([0.01, 0.04, 0.03, 0.005])
    np.testing.assert_allclose(found, [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1, 1])
    assert holm([]).shape == (0,)


def test_the_table_is_made_of_kept_splits(cell, tmp_path):
    results = [make_split(k, n=400) for k in range(4)]
    kept = [keep_and_read(cell, result, tmp_path) for result in results]
    old, new = (
        suite.make_row(
            cell,
            summarise(
                r, Design(
                    overlap=0.1, margin=0.01, pretrained_run=False,
                    classifier="a test", classes=("a", "b", "c"),
                ), path=tmp_path,
            ),
        )
        for r in (results, kept)
    )  # fmt: skip
    assert old == new
    assert len(new) == len(suite.COLUMNS)


def test_only_the_splits_asked_for_are_run(cell, monkeypatch, capsys):
    def refuse(*_):
        raise RuntimeError("it runs")

    monkeypatch.setattr(suite, "find_labels", lambda *_: np.zeros(3, np.int64))
    monkeypatch.setattr(suite, "read_split", lambda *_, **__: None)
    monkeypatch.setattr(suite, "open_kept", refuse)
    options = suite.read_options("core", ["--only", "3", "4"])
    problem = SimpleNamespace(data=SimpleNamespace(classes="abc"))
    assert suite.run_one(cell, problem, 5, options) is None
    with pytest.raises(RuntimeError, match="it runs"):
        suite.run_one(cell, problem, 3, options)
    with pytest.raises(SystemExit):
        suite.read_options("core", ["--only", "10"])
    assert "numbered from 0 to 9" in capsys.readouterr().err


def test_what_split_0_tunes_is_everybodys(cell, tmp_path, monkeypatch):
    path = tmp_path / "results" / "optimisation.json"
    path.parent.mkdir()
    monkeypatch.setattr(suite, "find_optimisation", lambda _: path)
    assert records.find_optimisation(cell, tmp_path).name == path.name
    first, second, third = (Kept(tmp_path / name, {}) for name in "abc")
    suite.share_optimisation(cell, 0, first)
    first.once("optimisation", lambda: {"learning_rate": 0.25})
    with pytest.raises(SystemExit, match="split 0 of shapes-5 tunes"):
        suite.share_optimisation(cell, 3, first)
    suite.share_optimisation(cell, 0, first)
    suite.share_optimisation(cell, 3, second)
    assert second.once("optimisation", dict) == {"learning_rate": 0.25}
    third.once("optimisation", lambda: {"learning_rate": 0.5})
    with pytest.raises(SystemExit, match="was begun with"):
        suite.share_optimisation(cell, 3, third)

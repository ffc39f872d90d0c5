"""The stability suites as commands: cells are kept, pages are written from them."""

import csv
import json

import pytest

from benchmarks.stability import __main__ as stability
from benchmarks.stability.cells import keep
from benchmarks.stability.toy import MIXTURES, cell_path


def test_table_is_written_from_finished_cells(tmp_path):
    page = tmp_path / "stability.md"
    words = ["--suite=toy", "--part", "modes", "--row", "bce", "--steps=2", "--seeds=2"]
    words += ["--work", str(tmp_path / "cells"), "--out", str(page)]
    stability.main(words)
    written = page.read_text(encoding="utf-8")
    assert "| uniform noise (control) |" in written
    assert "| bce " in written
    assert (tmp_path / "stability_grid.png").stat().st_size > 1_000
    with open(tmp_path / "results" / "stability_toy.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["problem"], row["seed"]) for row in rows] == [
        ("grid", "0"), ("grid", "1"), ("ring", "0"), ("ring", "1"),
    ]  # fmt: skip
    stability.main([*words, "--table-only"])
    assert page.read_text(encoding="utf-8") == written


def test_a_cell_of_other_settings_is_no_answer(tmp_path):
    def measure(steps, **more):
        return keep(
            tmp_path / "a.json", lambda: {"modes": 3}, request={"steps": steps}, **more
        )

    assert measure(5)["steps"] == 5
    assert measure(5)["modes"] == 3
    for table_only in (True, False):
        with pytest.raises(SystemExit, match="steps=5, not 6; delete"):
            measure(6, table_only=table_only)


def test_remedies_stand_in_the_order_in_which_they_help(tmp_path):
    modes = {
        "bce-ns": 3, "bce-ns + pack=2": 4, "bce-ns + R1, R2": 8, "wgan-gp": 5,
        "wgan + R1, R2": 7, "default + pack=2": 6,
    }  # fmt: skip
    for row, n in modes.items():
        for problem in MIXTURES:
            path = cell_path(tmp_path, row, problem)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"modes": [n, n + 1]}))
    words = ["--part", "remedies", "--work", str(tmp_path), "--out"]
    stability.main([*words, str(tmp_path / "page.md")])
    page = (tmp_path / "page.md").read_text()
    rows = [[c.strip() for c in line.split("|")[1:-1]] for line in page.splitlines()]
    rows = [row for row in rows if len(row) == 4]
    assert rows[2] == ["nothing", "3.5 and 3.5", "5.5 and 5.5", "–"]
    assert rows[3] == ["R1, R2", "8.5 and 8.5", "7.5 and 7.5", "–"]
    assert rows[4] == ["pack=2", "4.5 and 4.5", "–", "6.5 and 6.5"]
    assert page.startswith("# Stability\n\nWhat goes wrong")


def test_gradients_of_a_discriminator_ahead(tmp_path):
    words = ["--part", "ahead", "--seeds=2", "--steps=10"]
    page = tmp_path / "stability.md"
    stability.main([*words, "--work", str(tmp_path), "--out", str(page)])
    with open(tmp_path / "results" / "stability_ahead.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 4 * 2 * 2 * 2
    assert all(float(row["norm"]) > 0 for row in rows)


def test_runs_wait_for_a_plan(tmp_path):
    page = tmp_path / "page.md"
    words = [
        "--suite=real",
        "--table-only",
        "--work",
        str(tmp_path),
        "--out",
        str(page),
    ]
    stability.main(words)
    assert not page.exists()


def test_a_part_of_the_other_suite_is_refused(capsys):
    with pytest.raises(SystemExit):
        stability.main(["--suite=real", "--part=modes"])
    assert "which has stacked, equal, conditions" in capsys.readouterr().err

"""The first look: paired sets, its interval, and cells that are kept."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from benchmarks.gain import first_look

ROOT = Path(__file__).resolve().parents[3]


def test_it_draws_paired_sets(tmp_path):
    options = first_look.read_options(["--per-class", "20"])
    one, same, other = (
        first_look.read_problem("digits", s, options) for s in (0, 0, 1)
    )
    assert np.array_equal(one.train[0], same.train[0])
    assert not np.array_equal(one.train[0], other.train[0])
    assert np.bincount(one.train[1]).tolist() == [20] * 10
    assert len(one.train[1]) + len(one.test[1]) == 1797


def test_its_interval_equals_scipy():
    real, both = np.array([80.0, 82, 79, 85, 81]), np.array([83.0, 82, 84, 86, 85])
    low, high = stats.ttest_rel(both, real).confidence_interval(0.95)
    row = first_look.make_rows("digits", np.stack([real, both], axis=1))[1]
    assert row[5] == f"{(both - real).mean():+.2f}"
    assert row[6] == f"{low:+.2f} … {high:+.2f}"


def test_it_goes_on_from_its_cells(tmp_path, capsys, monkeypatch):
    cells = tmp_path / "gain.csv"
    words = ["--seeds", "2", "--csv", str(cells), "--data-dir", str(tmp_path)]
    options = first_look.read_options(words)
    for seed in range(2):
        for arm, accuracy in (
            (first_look.REAL, 0.8),
            (first_look.BOTH, 0.81 + 0.01 * seed),
        ):
            found = {"accuracy": accuracy, "gan_images": 0, "seconds": 0}
            key = first_look.make_key("digits", seed, arm, options)
            first_look.append_cell(cells, {**key, **found})
    monkeypatch.setattr(first_look, "score", None)  # nothing may be trained again
    first_look.main(words)
    said = capsys.readouterr()
    assert "+1.50" in said.out
    assert "Zalando Research" in said.err


@pytest.mark.slow
def test_it_runs_end_to_end(tmp_path):
    cells = tmp_path / "gain.csv"
    words = [
        "--sets=digits",
        "--seeds=1",
        "--images=6400",
        "--synthetic=4",
        "--steps=4",
    ]
    subprocess.run(
        [sys.executable, "-m", "benchmarks.gain", *words, "--csv", cells],
        cwd=ROOT,
        check=True,
    )
    with open(cells, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["arm"] for row in rows] == ["real", "real + synthetic"]

"""The benchmark of tables: splits, figures, and how arms are compared."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.tables import MADE, OURS, _make_sections, compare, list_arms
from benchmarks.tables_rows import FEWEST, TABLES, measure_fidelity, read_problem


@pytest.mark.parametrize("name", ["breast cancer", "wine", "made, 100 to 1"])
def test_rare_classes_have_eight_training_rows(name):
    problem = read_problem(name, 1)
    assert np.bincount(problem.y).min() == FEWEST
    rows = set(map(tuple, problem.x.to_numpy()))
    assert not rows & set(map(tuple, problem.x_test.to_numpy()))


def test_categories_leave_the_samplers_that_can_treat_them():
    problem = read_problem("like covtype", 0)
    assert len(np.unique(problem.y)) == 7
    assert "SMOTENC" in list_arms(problem, 0)
    assert "SMOTE" not in list_arms(problem, 0)
    assert set(TABLES) >= {"digits", "like covtype"}


def test_real_rows_are_faithful_and_noise_is_not():
    problem = read_problem("breast cancer", 0)
    spare = problem.x_test.iloc[::2], problem.y_test[::2]
    again = pd.concat([problem.x, spare[0]]), np.concatenate([problem.y, spare[1]])
    noise = pd.concat([problem.x, spare[0] * 0 + 1e6]), again[1]
    good, bad = (measure_fidelity(problem, *rows) for rows in (again, noise))
    assert good["columns"] < 0.2 < 0.9 < bad["columns"]


MEANS = {"nothing": 0.5, "SMOTE": 0.6, OURS: 0.7, "CTGAN": 0.9}


def make_results():
    random, rows = np.random.default_rng(0), []
    for seed in range(10):
        for arm, mean in {
            "nothing": 0.5,
            "SMOTE": 0.6,
            OURS: 0.7,
            "CTGAN": 0.9,
        }.items():
            value = mean + random.normal(0, 0.01)
            rows.append(["wine", seed, arm, "tree", "accuracy", value])
        rows.append(["wine", seed, OURS, MADE, "columns", 0.1])
    frame = pd.DataFrame(
        rows, columns=["table", "seed", "arm", "classifier", "figure", "value"]
    )
    machine = "Commit 1a; AMD, 2 CPU cores; torch 2, threads: 1."
    return frame.assign(seconds=1.0, overlap=1.0, machine=machine)


def test_the_best_other_arm_is_the_opponent_and_ctgan_is_apart():
    (row,) = compare(make_results()).to_dict("records")
    assert row["best"] == "SMOTE"
    assert row["interval"].mean == pytest.approx(0.1, abs=0.02)
    assert row["interval"].overlap == 1
    assert row["p"] < 0.05


def test_the_page_counts_what_the_rows_say():
    results = make_results()
    first, *others = _make_sections(results, compare(results))
    assert "Of 1 rows GANSampler is significantly better" in first.protocol
    assert "on 1, significantly worse on 0" in first.protocol
    titles = [section.title for section in others]
    assert titles == [
        "All arms: accuracy", "How like real rows", "Seconds of processor time",
    ]  # fmt: skip

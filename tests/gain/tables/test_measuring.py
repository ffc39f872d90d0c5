"""The gain of GAN rows on a table: arms, splits, words, resume."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from ganaug_cli.main import run
from sklearn.ensemble import RandomForestClassifier

from ganaug.errors import ConfigError, DataError, RunError
from ganaug.gain.judgement.arm_gains import GAN, judge_arms
from ganaug.gain.tables import arms
from ganaug.gain.tables.arms import Part, score_arms
from ganaug.gain.tables.measuring import RESULT, measure_row_gain
from ganaug.tables.settings import TableConfig

TINY = TableConfig(images=64, features=8)


@pytest.fixture(autouse=True)
def one_quick_classifier(monkeypatch):
    quick = {
        "random forest": lambda weighted, seed: RandomForestClassifier(
            5, random_state=seed, class_weight="balanced" if weighted else None
        )
    }
    monkeypatch.setattr(arms, "CLASSIFIERS", quick)


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(0)
    y = np.array(["well"] * 30 + ["ill"] * 10)
    table = pd.DataFrame(
        {
            "age": random.normal(size=40) + 2 * (y == "ill"),
            "sex": random.choice(["f", "m"], 40),
            "y": y,
        }
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_every_arm_is_tested_on_the_same_rows():
    random = np.random.default_rng(0)
    x = pd.DataFrame({"x": random.normal(size=60), "k": random.choice(["a", "b"], 60)})
    y = np.repeat([0, 1], [45, 15])
    x["x"] += 6 * y
    part = Part(x[::2], y[::2], x[1::2].assign(k="new"), y[1::2])
    (scores,) = score_arms(part, config=TINY, categories=[]).values()
    assert set(scores) == {
        "nothing", "class weights", "rows repeated", "rows between neighbours", GAN,
    }  # fmt: skip
    assert min(scores.values()) > 0.9


@pytest.mark.parametrize(
    ("gains", "word"),
    [
        ([0.05, 0.06, 0.05, 0.06, 0.05], "helps"),
        ([-0.05, -0.06, -0.05, -0.06, -0.05], "hurts"),
        ([0.001, -0.001, 0.001, -0.001, 0.0], "no difference"),
        ([0.1, -0.1, 0.2, -0.1, 0.0], "cannot tell"),
    ],
)
def test_words_are_those_of_the_verdict(gains, word):
    scores = [
        {"tree": {"nothing": 0.5, "class weights": 0.7, GAN: 0.7 + gain}}
        for gain in gains
    ]
    (found,) = judge_arms(scores, 0.01, overlap=0.25)
    assert (found.word, found.opponent) == (word, "class weights")
    assert found.interval.overlap == 0.25
    assert found.interval.mean == pytest.approx(np.mean(gains))
    assert "against class weights" in found.sentence


def test_the_same_call_goes_on_and_another_is_refused(table, tmp_path):
    out = tmp_path / "gain"
    first = measure_row_gain(table, "y", out, splits=2, config=TINY)
    kept = json.loads((out / RESULT).read_text())["splits"]
    again = measure_row_gain(table, "y", out, splits=2, config=TINY)
    assert again == first
    more = measure_row_gain(table, "y", out, splits=3, config=TINY)
    assert json.loads((out / RESULT).read_text())["splits"][:2] == kept
    assert more[0].interval.n == 3
    with pytest.raises(RunError, match="other data or another request"):
        measure_row_gain(table, "y", out, splits=2, config=TINY.replace(seed=1))
    with pytest.raises(ConfigError, match="give 2 to 100"):
        measure_row_gain(table, "y", out, splits=1, config=TINY)
    table.write_text("x,y\n1,a\n2,a\n3,a\n4,b\n5,b\n")
    with pytest.raises(DataError, match="2 rows of b; a gain needs two classes"):
        measure_row_gain(table, "y", tmp_path / "other", config=TINY)


def test_the_command_prints_a_verdict_per_classifier(
    table, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    words = ["ganaug", "gain", "t.csv", "--label-column", "y", "--splits", "2"]
    monkeypatch.setattr(sys, "argv", [*words, "--hide-cells"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert "--hide-cells is for images" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(TableConfig.__init__, "__kwdefaults__", {
        **TableConfig.__init__.__kwdefaults__, "images": 64, "features": 8,
    })  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "rows between neighbours" in said
    assert "For random forest, " in said
    assert (tmp_path / "t-gain" / RESULT).is_file()

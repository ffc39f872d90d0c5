"""The benchmark of texts: draws of training texts, and how arms are compared."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import text
from benchmarks.text import UNEVEN, Row, _make_sections, compare, draw_part
from ganaug.gain.judgement.arm_gains import GAN


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(text, "MORE_TESTS", 50)
    rows = [("train", f"text {k} of {c}", c) for c in "abcdef" for k in range(120)]
    rows += [("test", f"NA {c}", c) for c in "abcdef"]
    table = pd.DataFrame(rows, columns=["split", "text", "label"])
    table.to_csv(tmp_path / "six.csv", index=False)
    return tmp_path


def test_runs_draw_other_texts_of_the_training_part(data):
    parts = [draw_part(Row("six", (5,), 40), data, run) for run in (0, 0, 1)]
    assert parts[0].texts == parts[1].texts != parts[2].texts
    for part in parts:
        assert np.bincount(part.labels).tolist() == [5] * 6
        assert len(part.unlabelled) == 40
        assert not set(part.texts) & set(part.unlabelled)
        assert not set(part.texts) & set(part.test)
        assert {f"NA {c}" for c in "abcdef"} < set(part.test)


def test_each_class_is_rare_in_one_run(data):
    counts = [
        np.bincount(draw_part(Row("six", UNEVEN), data, run).labels) for run in range(6)
    ]
    assert (np.sort(counts, axis=0) == np.sort(UNEVEN)[:, None]).all()


def test_a_run_measures_only_the_classifiers_that_are_missing(monkeypatch, tmp_path):
    asked = []

    def score(part, *, classifiers, **others):
        asked.append(classifiers)
        return {name: {"nothing": 0.5} for name in classifiers}

    monkeypatch.setattr(text, "RESULTS", tmp_path / "results" / "text.csv")
    monkeypatch.setattr(text, "draw_part", lambda *words: None)
    monkeypatch.setattr(text, "score_arms", score)
    for names in (["tree"], ["tree", "forest"], ["forest"]):
        text.measure("trec6-10", 0, tmp_path, names)
    assert asked == [["tree"], ["forest"]]
    assert [r["classifier"] for r in text.read_results()] == ["tree", "forest"]


def test_the_page_says_what_the_results_say():
    means = {"nothing": 0.5, "EDA": 0.6, GAN: 0.7}
    random = np.random.default_rng(0)
    rows = [
        ("trec6-10", run, arm, "tree", mean + random.normal(0, 0.01))
        for run in range(5)
        for arm, mean in means.items()
    ]
    columns = ["row", "run", "arm", "classifier", "balanced_accuracy"]
    frame = pd.DataFrame(rows, columns=columns)
    (found,) = compare(frame).to_dict("records")
    assert found["best"] == "EDA"
    assert found["to_nothing"].mean == pytest.approx(0.2, abs=0.02)
    machine = "Commit 1a; AMD, 2 CPU cores; torch 2, threads: 1."
    differences, arms = _make_sections(frame.assign(seconds=1.0, machine=machine))
    assert "better than nothing on 1, worse on 0" in differences.protocol
    assert "Not run: sst2-10" in differences.protocol
    assert arms.rows[0][:2] == ("trec6-10", "tree")

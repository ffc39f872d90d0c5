import json
import math
from dataclasses import replace

import pytest

from ganaug.errors import StoreError
from ganaug.synth.store.meta import Meta, read_meta, write_meta
from ganaug.synth.verdict.record import ClassVerdict, StoreVerdict

ONE = ClassVerdict("poor", "its images are alike", 0.5, 0.1, math.nan, 1.0)
VERDICT = StoreVerdict(
    "usable", "Usable: for most.", "ganaug synth", 0.5, 0.1, 0.2, 1.0, {"cat": ONE}
)
SIZE = {"height": 8, "width": 8, "channels": 1}
META = Meta(
    generator_sha256="", data_digest="", config=SIZE, class_to_idx={"cat": 0},
    folders={"cat": "cat"}, size=(8, 8), data_size=(8, 8), seed=0, versions={},
    engine={},
)  # fmt: skip


def test_a_verdict_survives_meta_json(tmp_path):
    write_meta(tmp_path, replace(META, verdict=VERDICT))
    text = (tmp_path / "meta.json").read_text()
    assert "NaN" not in text
    found = read_meta(tmp_path).verdict
    assert found.sentence == VERDICT.sentence
    assert math.isnan(found.classes["cat"].recall)
    assert found.classes["cat"].reason == ONE.reason


def test_a_store_without_verdict_reads_as_before(tmp_path):
    write_meta(tmp_path, META)
    assert "verdict" not in json.loads((tmp_path / "meta.json").read_text())
    assert read_meta(tmp_path).verdict is None


def test_an_odd_word_in_meta_json_is_damage(tmp_path):
    write_meta(tmp_path, replace(META, verdict=VERDICT))
    path = tmp_path / "meta.json"
    path.write_text(path.read_text().replace('"usable"', '"splendid"'))
    with pytest.raises(StoreError, match="no such verdict: 'splendid'"):
        read_meta(tmp_path)


def test_words_are_ordered():
    reached = [VERDICT.reaches(word) for word in ("poor", "usable", "good")]
    assert reached == [True, True, False]

"""Screening: from its own file, from the manifest, and from damaged files."""

import json

import numpy as np
import pytest

from ganaug.errors import StoreError
from ganaug.report.run.reading.screening import summarise_screening
from ganaug.synth.screening import ClassScreening, CopyTest, Screening
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import Meta
from ganaug.synth.store.store import Store


def make_store(folder, rows=()):
    meta = Meta(
        generator_sha256="", data_digest="", config={}, class_to_idx={"a": 0, "b": 1},
        folders={"a": "a", "b": "b"}, size=(8, 8), data_size=(8, 8), seed=0,
        versions={}, engine={},
    )  # fmt: skip
    table = folder / manifest.MANIFEST_FILE
    manifest.start_manifest(table)
    manifest.append_rows(table, rows)
    return Store(folder, meta, np.array([], np.str_), np.array([], np.int64))


def test_an_unscreened_store_has_nothing(tmp_path):
    row = manifest.Row("a/000000.png", "a", 0, 0, 0, "", "")
    assert summarise_screening(make_store(tmp_path, [row])) == Screening()


def test_rejected_rows_are_counted(tmp_path):
    kept = manifest.Row("a/000000.png", "a", 0, 0, 0, "", "")
    rejected = kept._replace(path="", kept=0, reason="label")
    rows = [kept, kept, rejected, rejected._replace(class_name="b", label=1, reason="")]
    classes = summarise_screening(make_store(tmp_path, rows)).classes
    assert classes == (
        ClassScreening("a", 2, 2, 3, {"label": 1}),
        ClassScreening("b", 0, 0, 1, {"no reason given": 1}),
    )


def test_the_file_comes_first(tmp_path):
    store = make_store(tmp_path)
    found = {
        "format": 1,
        "classes": {"a": {"wanted": 5, "accepted": 4, "rejected": {"copy": 2, "x": 0}}},
        "closest": [{"path": "a/0.png", "real": 1}],
        "memorisation": {"too_close": 0.5, "ct": {"a": {"z": -1}, "b": {"z": None}}},
    }
    (tmp_path / "screening.json").write_text(json.dumps(found))
    screening = summarise_screening(store)
    assert screening.classes == (ClassScreening("a", 5, 4, 6, {"copy": 2, "x": 0}),)
    assert screening.classes[0].reasons == {"copy": 2}
    assert screening.too_close == 0.5
    assert screening.copy_tests == (CopyTest("a", -1.0), CopyTest("b", None))
    (tmp_path / "screening.json").write_text('{"format": 1}')
    assert summarise_screening(store) == Screening()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 1, "classes": 3}', '{"format": 1, "closest": [1]}']
)
def test_damage_is_one_line(tmp_path, text):
    (tmp_path / "screening.json").write_text(text)
    with pytest.raises(StoreError, match="is damaged"):
        summarise_screening(make_store(tmp_path))


def test_newer_formats_are_refused(tmp_path):
    (tmp_path / "screening.json").write_text('{"format": 2}')
    with pytest.raises(StoreError, match="newer format"):
        summarise_screening(make_store(tmp_path))

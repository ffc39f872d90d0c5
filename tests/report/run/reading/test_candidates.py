"""Candidates: rejected ones from each class in turn, the weakest accepted first."""

from types import SimpleNamespace

import numpy as np

from ganaug.report.run.reading.candidates import REJECTED, WEAKEST, pick_candidates
from ganaug.synth.store import manifest
from ganaug.synth.store.store import Store


def pick(folder, rows):
    table = folder / manifest.MANIFEST_FILE
    manifest.start_manifest(table)
    manifest.append_rows(table, rows)
    meta = SimpleNamespace(folders={"a": "a", "b": "b"})
    return pick_candidates(Store(folder, meta, np.array([]), np.array([], np.int64)))


def test_rejected_ones_come_from_each_class_in_turn(tmp_path):
    row = manifest.Row("", "a", 0, 0, 0, "", "", kept=0, reason="label")
    rows = [row._replace(place=k) for k in range(20)]
    rows += [row._replace(class_name="b", label=1, place=k) for k in range(2)]
    rows += [row._replace(reason="copy", place=30), row._replace(reason="", place=31)]
    found = pick(tmp_path, rows).rejected
    assert set(found) == {"label", "copy"}
    names = "".join(each.class_name for each in found["label"])
    assert names == "abab" + "a" * (REJECTED - 4)
    assert [each.place for each in found["label"][:4]] == [0, 0, 1, 1]


def test_the_weakest_accepted_come_first(tmp_path):
    scores = np.random.default_rng(0).permutation(300)
    row = manifest.Row("", "a", 0, 0, 0, "", "", realism_score="1")
    rows = [
        row._replace(label_score=str(k), place=k, path=f"a/{k:06d}.png")
        for k in scores.tolist()
    ]
    rows.append(row._replace(label_score="-1", kept=0, reason="label"))
    found = pick(tmp_path, rows).weakest["a"]
    assert [row.place for _, row in found["label"]] == list(range(WEAKEST))
    assert [score for score, _ in found["realism"]] == [1.0] * WEAKEST

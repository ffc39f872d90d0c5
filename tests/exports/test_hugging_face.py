"""Exports as Hugging Face's `datasets` and `huggingface_hub` read them, offline."""

import numpy as np
import pytest
from stores import save_untrained

from ganaug.exports.stores import export_store
from ganaug.synth.store.manifest import append_rows, start_manifest
from ganaug.synth.synthesis import synthesize

pytestmark = pytest.mark.filterwarnings("default")  # of the libraries


@pytest.fixture(scope="module")
def load():
    """Return `datasets.load_dataset`, which `conftest.py` keeps from the network."""
    return pytest.importorskip("datasets").load_dataset


def check(table, store):
    """Compare a table's synthetic rows with the store, pixel for pixel."""
    assert table.features["label"].names == list(store.classes)
    rows = [row for row in table if row["synthetic"]]
    assert len(rows) == len(store)
    for i, row in enumerate(rows):
        assert (np.asarray(row["image"]) == store.image(i)).all()
        assert row["label"] == store.labels[i]
        assert row["class"] == store.classes[store.labels[i]]


def test_imagefolder(load, store, real, tmp_path):
    out = export_store(
        store, tmp_path / "o", format="imagefolder", real=True, data=real
    )
    table = load("imagefolder", data_dir=str(out), split="train")
    assert len(table) == len(store) + 12
    check(table, store)
    check(load(str(out), split="train"), store)
    assert not any(table["held_out"][:12])
    assert table["held_out"][12:] == [None] * len(store)


def test_a_folder_of_the_same_name_is_not_taken_from_the_cache(load, store, tmp_path):
    for place, size in (("a", 5), ("b", 3)):
        out = tmp_path / place / "pets"
        part = synthesize(
            save_untrained(tmp_path / f"{place} run"), tmp_path / f"{place} store",
            per_class=size, filters=None, device="cpu",
        )  # fmt: skip
        export_store(part, out, format="imagefolder")
        check(load(str(out), split="train"), part)


def test_odd_names_of_classes(load, tmp_path):
    names = ("a[1]", "T-shirt/top", "ü b", "=1+1", "#x?", "{y}", "README.md")
    run = save_untrained(tmp_path / "run", classes=names)
    odd = synthesize(run, tmp_path / "s", per_class=1, filters=None, device="cpu")
    out = export_store(odd, tmp_path / "o", format="imagefolder")
    check(load("imagefolder", data_dir=str(out), split="train"), odd)


def test_parquet_with_soft_labels(load, store, tmp_path):
    soft = tmp_path / "soft"
    for path in [p for p in store.path.rglob("*") if p.is_file()]:
        copy = soft / path.relative_to(store.path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    meta = (soft / "meta.json").read_text().replace('"hard"', '"soft"')
    (soft / "meta.json").write_text(meta)
    rows = [row._replace(soft_label="0.5 0.25 0.25") for row in store.read_rows()]
    (soft / "manifest.csv").unlink()
    start_manifest(soft / "manifest.csv")
    append_rows(soft / "manifest.csv", rows)
    out = export_store(soft, tmp_path / "a.parquet", format="parquet")
    table = load("parquet", data_files=str(out), split="train")
    check(table, store)
    assert table["soft_label"][0] == [0.5, 0.25, 0.25]
    with np.load(export_store(soft, tmp_path / "a.npz", format="npz")) as arrays:
        assert (arrays["soft_labels"] == np.float32([0.5, 0.25, 0.25])).all()


def test_web_dataset(load, store, tmp_path):
    out = export_store(store, tmp_path / "o", format="webdataset")
    table = load(str(out), split="train")
    found = {row["__key__"]: row for row in table}
    for i, key in enumerate(sorted(found)):
        assert (np.asarray(found[key]["png"]) == store.image(i)).all()
        assert found[key]["cls"] == store.labels[i]


def test_the_card_is_one_that_the_hub_reads(store, tmp_path):
    from huggingface_hub import DatasetCard

    out = export_store(
        store, tmp_path / "my pets", format="imagefolder", license="cc-by-4.0"
    )
    card = DatasetCard.load(out / "README.md")
    head = card.data.to_dict()
    assert (head["license"], head["pretty_name"]) == ("cc-by-4.0", "my pets")
    assert head["task_categories"] == ["image-classification"]
    assert head["size_categories"] == ["n<1K"]
    assert "| ant | 0 | 5 | 0 |" in card.text
    assert "must not be used for" in card.text

"""Exports of stores, as far as ganaug, pandas and Pillow read them."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from ganaug.data.load import load_images
from ganaug.errors import ConfigError, DataError, MissingExtraError, StoreError
from ganaug.exports.selection import Selection
from ganaug.exports.stores import FORMATS, export_store
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.store import Store

OTHERS = (np.zeros((9, 8, 12, 3), np.uint8), np.arange(9) % 3)


def read_pixels(store):
    return np.stack([store.image(i) for i in range(len(store))])


def test_a_class_folder_has_the_stores_own_files(store, tmp_path):
    out = export_store(store, tmp_path / "out", format="imagefolder")
    for path in store.paths:
        assert (out / "train" / path).read_bytes() == (store.path / path).read_bytes()
    rows = pd.read_parquet(out / "train" / "metadata.parquet")
    assert rows["file_name"].tolist() == store.paths.tolist()
    assert rows["label"].tolist() == store.labels.tolist()
    assert rows["synthetic"].all()
    assert len(ImageFolder(out / "train")) == len(store)
    assert rows.columns.tolist() == [
        "file_name", "label", "class", "synthetic", "seed", "index",
    ]  # fmt: skip


@pytest.mark.parametrize("real_too", [False, True])
def test_npz_is_read_again_pixel_for_pixel(store, real, tmp_path, real_too):
    own = {"real": True, "data": real} if real_too else {}
    out = export_store(store, tmp_path / "a.npz", format="npz", **own)
    found = load_images(out)
    with np.load(out) as arrays:
        synthetic = arrays["synthetic"]
        about = json.loads(str(arrays["about"]))
        held = arrays["held_out"].sum() if real_too else 0
    assert found.classes == store.classes
    assert (found.images[synthetic] == read_pixels(store)).all()
    assert (found.labels[synthetic] == store.labels).all()
    assert about["generator_sha256"] == store.meta.generator_sha256
    if real_too:
        images = load_images(real)
        assert (found.images[~synthetic] == images.images).all()
        assert (found.labels[~synthetic] == images.labels).all()
        assert held == 0, "classes under 10 images hold none out"


def test_real_images_get_the_size_of_the_synthetic_ones(store, real, tmp_path):
    big = tmp_path / "pets"
    for path in real.rglob("*.png"):
        copy = big / path.relative_to(real)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as image:
            image.resize((24, 16)).save(copy)
    # the store was made from the small ones
    with pytest.raises(DataError, match="other images"):
        export_store(store, tmp_path / "a", format="npz", real=True, data=big)
    own = load_images(big)
    selection = Selection(store, RealImages(own, np.arange(12), np.arange(0), ""))
    shapes = {example.read_pixels().shape for example in selection}
    assert own.size == (16, 24)
    assert shapes == {(8, 12, 3)}


def test_a_csv_names_the_files_where_they_are(store, real, tmp_path):
    out = export_store(
        store, tmp_path / "sub" / "all.csv", format="csv", real=True, data=real
    )
    found = load_images(out)
    table = pd.read_csv(out)
    assert table.columns[:3].tolist() == ["path", "label", "synthetic"]
    assert table["synthetic"].dtype == bool
    assert table["synthetic"].sum() == len(store)
    new = table["synthetic"].to_numpy()
    assert (found.images[new] == read_pixels(store)).all()
    assert (found.images[~new] == load_images(real).images).all()
    assert not table["path"].str.startswith("/").any()


def test_a_csv_of_real_images_in_no_files_is_refused(store, real, tmp_path):
    images = load_images(real)
    memory = (images.images, [images.classes[k] for k in images.labels])
    with pytest.raises(ConfigError, match="in none"):
        export_store(store, tmp_path / "a.csv", format="csv", real=True, data=memory)
    assert not list(tmp_path.iterdir()), "nothing is left"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"format": "parqet"}, ConfigError, "did you mean parquet"),
        ({"license": "do what you like"}, ConfigError, "is no identifier"),
        ({"data": "digits"}, ConfigError, "need real=True"),
        ({"real": True}, DataError, "from memory"),
        ({"real": True, "data": OTHERS}, DataError, "other images"),
        ({"store": "nowhere"}, StoreError, "nowhere does not exist"),
    ],
)
def test_what_cannot_be_exported_is_refused(store, tmp_path, changes, error, message):
    given = {"store": store, "format": "npz", **changes}
    with pytest.raises(error, match=message):
        export_store(given.pop("store"), tmp_path / "out", **given)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_overwritten(store, tmp_path, format):  # noqa: A002
    out = tmp_path / "out"
    out.write_text("precious")
    with pytest.raises(StoreError, match="is there already"):
        export_store(store, out, format=format)
    assert out.read_text() == "precious"
    with pytest.raises(StoreError, match="lies in the store"):
        export_store(store, store.path / "more", format=format)


def test_a_damaged_image_ends_the_export_and_leaves_nothing(store, real, tmp_path):
    folder = tmp_path / "copy"
    for path in [p for p in store.path.rglob("*") if p.is_file()]:
        copy = folder / path.relative_to(store.path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (folder / str(store.paths[3])).write_bytes(b"no picture")
    for format in ("imagefolder", "npz"):  # noqa: A001
        with pytest.raises(StoreError, match="is damaged"):
            export_store(folder, tmp_path / "out", format=format)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_images_that_are_added_meanwhile_are_left_out(store, tmp_path):
    early = Store(store.path, store.meta, store.paths[:4], store.labels[:4])
    found = load_images(export_store(early, tmp_path / "a.npz", format="npz"))
    assert (found.images == read_pixels(store)[:4]).all()


def test_a_missing_library_is_one_line(store, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganaug\[parquet\]'"):
        export_store(store, tmp_path / "a.parquet", format="parquet")
    assert not list(tmp_path.iterdir())


def test_the_same_store_gives_the_same_bytes(store, tmp_path):
    for format in ("webdataset", "csv"):  # noqa: A001
        one, two = (
            export_store(store, tmp_path / format / name, format=format)
            for name in ("one", "two")
        )
        files = [p for p in (one, *one.rglob("*")) if p.is_file() and p.suffix != ".md"]
        for path in files:
            other = two / path.relative_to(one) if path != one else two
            assert path.read_bytes() == other.read_bytes()

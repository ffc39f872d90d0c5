"""The user's own table with rows for synthetic images, as pandas reads it."""

import numpy as np
import pandas as pd
import pytest

from ganaug.data.load import load_images
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.exports.appended_table import append_to_table, refuse_other_table
from ganaug.synth.synthesis import synthesize


@pytest.fixture
def table(real, tmp_path):
    """Write a table of six real images with columns of the user's own."""
    text = "Camera,path,label,note\n"
    for k in range(2):
        for name in ("ant", "bee", "cat"):
            text += f'007,{real}/{name}/{k}.png,{name},"a, ""b"""\n'
    path = tmp_path / "pets.csv"
    path.write_text(text)
    return path


def test_columns_stay_and_rows_are_added(store, table, tmp_path):
    out = append_to_table(store, table, tmp_path / "sub" / "all.csv")
    found = pd.read_csv(out, dtype={"Camera": str})
    assert found.columns.tolist() == ["Camera", "path", "label", "note", "synthetic"]
    own, new = found[:6], found[6:]
    old = pd.read_csv(table, dtype={"Camera": str})
    pd.testing.assert_frame_equal(own.drop(columns="synthetic"), old)
    assert not own["synthetic"].any()
    assert new["synthetic"].all()
    assert new["Camera"].isna().all()
    images = load_images(out)
    expected = [store.image(i) for i in range(len(store))]
    assert (images.images[6:] == np.stack(expected)).all()
    assert [images.classes[k] for k in images.labels[6:]] == [
        store.classes[k] for k in store.labels
    ]


def test_relative_paths_lead_from_the_new_table(store, real, tmp_path):
    table = real / "list.csv"
    table.write_text("path,label,synthetic\nant/0.png,ant,\nbee/1.png,bee,True\n")
    try:
        near = append_to_table(store, table, real / "all.csv")
        far = append_to_table(store, table, tmp_path / "all.csv")
        assert near.read_text().startswith(
            "path,label,synthetic\nant/0.png,ant,False\nbee/1.png,bee,True\n"
        )
        one, two = load_images(near), load_images(far)
        assert (one.images == two.images).all()
    finally:
        table.unlink()
        (real / "all.csv").unlink(missing_ok=True)


def test_a_table_only_grows(store, table, tmp_path):
    out = append_to_table(store, table, tmp_path / "all.csv")
    before = out.read_text()
    refuse_other_table(out, table)  # the same command again
    assert append_to_table(store, table, out).read_text() == before
    more = synthesize(store, tmp_path / "more", per_class=6, filters=None, device="cpu")
    assert len(append_to_table(more, table, tmp_path / "m.csv").read_text()) > 0
    out.write_text(before + "mine,1.png,cat,,True\n")
    for call in (
        lambda: append_to_table(store, table, out),
        lambda: append_to_table(more, table, out),
    ):
        with pytest.raises(StoreError, match="has other rows"):
            call()
    out.write_text("precious")
    with pytest.raises(StoreError, match="has other rows"):
        refuse_other_table(out, table)
    assert out.read_text() == "precious"


def test_the_table_itself_is_never_written(store, table):
    before = table.read_text()
    for call in (
        lambda: append_to_table(store, table, table),
        lambda: refuse_other_table(table, table),
    ):
        with pytest.raises(ConfigError, match="is the table itself"):
            call()
    assert table.read_text() == before


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe"])
def test_other_files_are_no_tables_of_images(store, tmp_path, content):
    table = tmp_path / "t.csv"
    table.write_bytes(content)
    with pytest.raises(DataError, match=r"t\.csv"):
        append_to_table(store, table, tmp_path / "all.csv")

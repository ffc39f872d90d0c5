"""Stores from strangers: what leads out of the folder, or is too much, is refused."""

import json
import os
import shutil

import pytest
from stores import save_untrained

from ganaug import Store, synthesize, verify
from ganaug.errors import StoreError
from ganaug.report.run.reading.samples import read_stored
from ganaug.synth.store.meta import read_meta


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Write a store of two images of each class, and secrets beside it."""
    folder = tmp_path_factory.mktemp("made")
    save_untrained(folder / "run")
    synthesize(folder / "run", folder / "store", per_class=2, filters=None)
    (folder / "outside").mkdir()
    shutil.copy(folder / "store" / "ant" / "000000.png", folder / "outside/000000.png")
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """Make a copy that a test may spoil."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy" / "store"


def change_meta(folder, **values):
    path = folder / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_manifest(folder, old, new):
    path = folder / "manifest.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def list_all(folder):
    return sorted(p.relative_to(folder) for p in folder.rglob("*"))


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "..",
        "/tmp",
        "a/b",
        "a\\b",
        ".hidden",
        "",
        "C:x",
        "a\n",
        "meta.json",
    ],
)
def test_a_class_folder_elsewhere_is_refused_by_reading_and_writing(folder, name):
    change_meta(folder, folders={"ant": name, "bee": "bee", "cat": "cat"})
    before = list_all(folder.parent)
    with pytest.raises(StoreError, match=r"meta\.json is damaged: .* class's folder"):
        Store.load(folder)
    with pytest.raises(StoreError, match=r"meta\.json is damaged"):
        synthesize(folder.parent / "run", folder, per_class=4, filters=None)
    assert list_all(folder.parent) == before


def test_two_classes_do_not_share_a_folder(folder):
    change_meta(folder, folders={"ant": "bee", "bee": "Bee", "cat": "cat"})
    with pytest.raises(StoreError, match="two classes have one folder"):
        read_meta(folder)


@pytest.mark.parametrize(
    "path", ["../outside/000000.png", "/etc/passwd", "ant/../ant/000000.png", ""]
)
def test_a_row_with_another_path_is_refused_and_verify_names_it(folder, path):
    change_manifest(folder, "ant/000000.png", path)
    with pytest.raises(StoreError, match=r"manifest\.csv is damaged: it has a path"):
        Store.load(folder)
    with pytest.raises(StoreError, match=r"manifest\.csv is damaged: it has a path"):
        synthesize(folder.parent / "run", folder, per_class=3, filters=None)
    found = verify(folder, device="cpu")
    assert "in the row of ant/000000.png" in [each.what for each in found]


@pytest.mark.parametrize("index", ["-1", "10000000", "1" * 30, "x", "1.5"])
def test_an_index_that_is_not_possible_is_refused(folder, index):
    change_manifest(folder, ",0,1,", f",0,{index},")
    with pytest.raises(StoreError, match=r"manifest\.csv is damaged in line 3"):
        Store.load(folder)


def test_high_indices_of_many_classes_take_no_memory(folder, monkeypatch):
    from ganaug.synth.store import row_states

    monkeypatch.setattr(row_states, "MOST_STATES", 100)
    change_manifest(folder, "ant/000001.png,ant,0,0,1,", "ant/000999.png,ant,0,0,999,")
    with pytest.raises(StoreError, match="too many images"):
        synthesize(folder.parent / "run", folder, per_class=3, filters=None)


def test_a_report_shows_images_of_class_folders_only(folder):
    class Material:
        store = Store.load(folder)

    for name in ("../outside/000000.png", "bee/../ant/000000.png", "ant/x.png", "/a"):
        assert read_stored(Material, name) is None


@pytest.mark.parametrize(
    "name", ["ant", "ant/000001.png", "manifest.csv", "meta.json", ".lock", "ant/x.tmp"]
)
def test_a_link_is_followed_neither_by_reading_nor_by_writing(folder, name):
    outside, link = folder.parent / "outside", folder / name
    target = outside / link.name
    if link.exists():
        shutil.move(link, target)
    elif not target.exists():
        target.write_text("precious")
    link.unlink(missing_ok=True)
    os.symlink(target, link)
    before = [(p, p.read_bytes()) for p in outside.rglob("*") if p.is_file()]
    with pytest.raises(StoreError, match="is a link"):
        synthesize(folder.parent / "run", folder, per_class=3, filters=None)
    if name in ("ant", "ant/000001.png", "manifest.csv", "meta.json"):
        with pytest.raises(StoreError, match="is a link"):
            [Store.load(folder).image(i) for i in range(6)]
    found = [(p, p.read_bytes()) for p in outside.rglob("*") if p.is_file()]
    assert found == before


@pytest.mark.parametrize("name", ["ant", "generator.safetensors"])
def test_links_are_not_verified(folder, name):
    target = shutil.move(folder / name, folder.parent / "outside" / f"moved-{name}")
    os.symlink(target, folder / name)
    with pytest.raises(StoreError, match="is a link"):
        verify(folder, device="cpu")


def test_a_linked_split_is_not_copied(folder):
    target = folder.parent / "outside" / "split.json"
    target.write_text('{"train": [], "held_out": []}')
    os.symlink(target, folder / "split.json")
    with pytest.raises(StoreError, match="is a link"):
        synthesize(folder, folder.parent / "new", per_class=1, filters=None)


def test_predictable_temporary_names_lead_nowhere(folder):
    outside = folder.parent / "outside" / "precious"
    outside.write_text("precious")
    os.symlink(outside, folder / "ant" / ".000002.png.tmp")
    with pytest.raises(StoreError, match=r"000002\.png\.tmp is a link"):
        synthesize(folder.parent / "run", folder, per_class=3, filters=None)
    assert outside.read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names on POSIX only")
def test_a_pipe_is_not_waited_for(folder):
    for name in ("ant/000000.png", "manifest.csv"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(StoreError, match="no plain file"):
            [Store.load(folder).image(i) for i in range(6)]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"size": [100_000, 100_000]}, "are not possible"),
        ({"size": [0, 8]}, "are not possible"),
        ({"size": [8, 12, 3]}, "size has 3 values, not 2"),
        ({"size": "big"}, "size is 'big', not a list"),
        ({"data_size": [8.5, 8]}, "data_size is 8.5, not a whole number"),
        ({"class_to_idx": {"ant": 0, "bee": 0, "cat": 2}}, "number the classes"),
        ({"class_to_idx": {"ant": True, "bee": 1, "cat": 2}}, "not a whole number"),
        ({"class_to_idx": {}}, "number the classes"),
        ({"folders": {"ant": "ant"}}, "other classes"),
        ({"seed": 1e3}, "seed is 1000.0, not a whole number"),
        ({"seed": 10**40}, "a number beyond all bounds"),
        ({"labels": "firm"}, "labels is 'firm', not 'hard' or 'soft'"),
        ({"verdict": {"word": "superb"}}, "no"),
        ({"verdict": []}, "verdict is a list"),
        ({"config": {"height": "8"}}, "height of config is '8', not a whole number"),
        ({"config": {"height": 8, "width": 8}}, "no 'channels'"),
        ({"domains": ["a", "a"]}, "two domains"),
        ({"extra": 1}, "unknown entry 'extra'"),
        ({"format": "1"}, "format is '1'"),
        ({"format": 2}, "newer format"),
    ],
)
def test_meta_with_odd_values_is_one_line(folder, values, what):
    change_meta(folder, **values)
    with pytest.raises(StoreError, match=what) as caught:
        Store.load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "{", "[]", "", "\xff", "NaN", "1e999999"]
)
def test_meta_that_is_no_object_is_one_line(folder, text):
    (folder / "meta.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreError, match=r"meta\.json is damaged"):
        Store.load(folder)


def test_an_image_of_another_kind_size_or_format_is_damaged(folder):
    from PIL import Image

    others = {
        "size": lambda path: Image.new("RGB", (9, 9)).save(path, "PNG"),
        "mode": lambda path: Image.new("L", (12, 8)).save(path, "PNG"),
        "format": lambda path: Image.new("RGB", (12, 8)).save(path, "BMP"),
        "text": lambda path: path.write_text("no image"),
    }
    for save in others.values():
        save(folder / "ant" / "000000.png")
        with pytest.raises(StoreError, match=r"000000\.png is damaged .*; delete it"):
            Store.load(folder).image(0)


def test_a_decompression_bomb_is_not_decoded(folder, monkeypatch):
    from ganaug.synth.store import png

    monkeypatch.setattr(png, "MOST_PIXELS", 95)
    with pytest.raises(StoreError, match="12 × 8 pixels"):
        Store.load(folder).image(0)

"""Odd files decide nothing about the others, and what is left out is said."""

import struct

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from ganaug.data.load import load_images
from ganaug.errors import DataError


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels)).save(path, **options)


@pytest.fixture
def photos(tmp_path):
    """Make ten grey images of one size in two classes."""
    rng = np.random.default_rng(0)
    for i in range(10):
        save(
            tmp_path / "p" / "ab"[i % 2] / f"{i}.png",
            rng.integers(0, 256, (8, 8), np.uint8),
        )
    return tmp_path / "p"


def test_a_file_that_turns_out_broken_sets_neither_channels_nor_size(photos):
    rng = np.random.default_rng(1)
    broken = photos / "a" / "x.png"
    save(broken, rng.integers(0, 256, (40, 60, 4), np.uint8))
    broken.write_bytes(broken.read_bytes()[:2000])
    images = load_images(photos)
    assert images.images.shape == (10, 8, 8, 1)
    assert images.size_range is None
    assert not any("mixes" in note or "uneven" in note for note in images.notes)
    assert [name for name, _ in images.skipped] == ["a/x.png"]


def test_an_orientation_of_another_type_is_ignored(photos):
    entry = struct.pack("<HHI4s", 0x0112, 2, 4, b"up\0\0")  # text, not a number
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    save(photos / "a" / "x.jpg", np.zeros((8, 8), np.uint8), exif=exif)
    assert load_images(photos).skipped == ()


def test_further_pages_and_frames_are_counted(photos):
    pages = [Image.new("L", (8, 8), 9 * k) for k in range(4)]
    pages[0].save(photos / "a" / "x.tif", save_all=True, append_images=pages[1:])
    pages[0].save(photos / "b" / "x.gif", save_all=True, append_images=pages[1:3])
    notes = "\n".join(load_images(photos).notes)
    assert "2 files have several pages or frames" in notes
    assert "5 are left out" in notes


@pytest.mark.parametrize("tagged", [True, False])
def test_a_value_without_data_is_left_out_of_the_range(tmp_path, tagged):
    rng = np.random.default_rng(0)
    for i in range(10):
        pixels = rng.uniform(10, 20, (16, 16)).astype(np.float32)
        pixels[:4] = -9999
        tags = ImageFileDirectory_v2()
        if tagged:
            tags[42113] = "-9999"
        save(tmp_path / "p" / "ab"[i % 2] / f"{i}.tif", pixels, tiffinfo=tags)
    images = load_images(tmp_path / "p")
    assert 9.9 < images.intensity_range[0] < 10.2
    assert any("value -9999 have no data" in note for note in images.notes)
    assert images.images[0, :4].max() <= 2
    assert images.images[0, 4:].std() > 50


@pytest.mark.parametrize("beside", ["__MACOSX", "annotations", "unlabeled", "photos"])
def test_parts_stay_parts_beside_other_folders(photos, tmp_path, beside):
    root = tmp_path / "photos"
    for part in ("train", "test", "val"):
        for name in "ab":
            (root / part / name).mkdir(parents=True)
            for file in (photos / name).iterdir():
                (root / part / name / file.name).write_bytes(file.read_bytes())
    if beside == "photos":  # the set once more, as some archives have it
        for name in ("train", "test", "val"):
            save(root / beside / name / "a" / "0.png", np.zeros((8, 8), np.uint8))
    elif beside == "unlabeled":
        save(root / beside / "0.png", np.zeros((8, 8), np.uint8))
    else:
        (root / beside / "deeper").mkdir(parents=True)
        (root / beside / "deeper" / "notes.txt").write_text("no image")
    images = load_images(root)
    assert images.classes == ("a", "b")
    assert len(images) == 10
    assert any(note.startswith("only train is read") for note in images.notes)


def test_parts_with_a_word_more_and_once_inside_themselves(photos, tmp_path):
    for part in ("seg_train", "seg_test"):
        for name in "ab":
            target = tmp_path / "set" / part / part / name
            target.mkdir(parents=True)
            for file in (photos / name).iterdir():
                (target / file.name).write_bytes(file.read_bytes())
    assert load_images(tmp_path / "set").classes == ("a", "b")


def test_vehicles_called_train_are_a_class(photos):
    (photos / "a").rename(photos / "train")
    assert load_images(photos).classes == ("b", "train")


def test_stores_and_runs_among_the_images_are_no_classes(photos):
    for name, files in {
        "p-synthetic": ("meta.json", "manifest.csv"),
        "p-synthetic.run": ("config.json", "fingerprint.json"),
    }.items():
        save(photos / name / "a" / "000000.png", np.zeros((8, 8), np.uint8))
        for file in files:
            (photos / name / file).write_text("{}")
    images = load_images(photos)
    assert images.classes == ("a", "b")
    assert len(images) == 10
    assert any("was written by ganaug" in note for note in images.notes)


def test_default_places_lie_beside_the_data(photos, monkeypatch):
    from pathlib import Path

    from ganaug_cli.train import default_place

    monkeypatch.chdir(photos)
    assert default_place(".", "-run") == photos.with_name("p-run")
    monkeypatch.chdir(photos / "a")
    assert default_place("..", "-run") == photos.with_name("p-run")
    monkeypatch.chdir(photos.parent)
    assert default_place("p", "-run") == Path("p-run")


@pytest.mark.parametrize("path", ["a\\0.png", "a/0.png"])
def test_paths_of_other_systems_are_found(photos, path):
    table = photos / "t.csv"
    table.write_text(f"path,label\n{path},x\n")
    assert len(load_images(table)) == 1


def test_names_in_the_other_unicode_form_are_found(photos):
    save(photos / "a" / "caf\u00e9.png", np.zeros((8, 8), np.uint8))
    (photos / "t.csv").write_text("path,label\na/cafe\u0301.png,x\n", encoding="utf-8")
    assert len(load_images(photos / "t.csv")) == 1


@pytest.mark.parametrize(
    ("path", "what"),
    [("C:\\\\x\\\\1.png", "backslashes"), ("caf\u00e9.png", "Unicode form")],
)
def test_a_missing_path_is_refused_with_what_may_be_wrong(photos, path, what):
    (photos / "t.csv").write_text(f"path,label\n{path},x\n", encoding="utf-8")
    with pytest.raises(DataError, match=what):
        load_images(photos / "t.csv")


@pytest.mark.skipif(not hasattr(__import__("os"), "mkfifo"), reason="POSIX only")
def test_a_pipe_among_the_images_is_left_out(photos):
    import os

    os.mkfifo(photos / "a" / "x.png")
    assert len(load_images(photos)) == 10

"""A file that somebody sent does not make us read or scan another folder."""

import json

import numpy as np
import pytest
from PIL import Image

from ganaug.data.limits.listings import has_at_most
from ganaug.data.load import load_images
from ganaug.data.origin import ORIGIN_FILE, describe_origin, read_origin, write_origin
from ganaug.errors import DataError


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        for i in range(3):
            pixels = np.full((8, 8, 3), 40 * i, np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    (folder / "ant" / "broken.png").write_text("no image")
    return folder


def test_the_same_files_are_read_again(photos, tmp_path):
    images = load_images(photos)
    write_origin(tmp_path, describe_origin(photos).note(images))
    again = read_origin(tmp_path)
    assert again.files == 7
    assert again.load().names == images.names


def test_other_files_are_not_opened(photos, tmp_path, monkeypatch):
    write_origin(tmp_path, describe_origin(photos).note(load_images(photos)))
    (photos / "ant" / "0.png").rename(photos / "ant" / "9.png")
    monkeypatch.setattr("ganaug.data.readers.decode._with_image", None)
    with pytest.raises(DataError, match="has other files than when it was read"):
        read_origin(tmp_path).load()


@pytest.mark.parametrize("source", ["/proc", "/proc/../proc/self", "/dev", "/sys"])
def test_folders_of_the_system_are_not_scanned(source, tmp_path):
    values = {"format": 1, "source": source, "group_regex": None}
    (tmp_path / ORIGIN_FILE).write_text(json.dumps(values))
    with pytest.raises(DataError, match="has other files"):
        read_origin(tmp_path).load()


def test_a_large_folder_is_not_scanned_to_its_end(photos, monkeypatch):
    assert has_at_most(photos, 9)
    assert not has_at_most(photos, 8)
    monkeypatch.setattr("ganaug.data.origin.FEW_FILES", 0)
    monkeypatch.setattr("ganaug.data.origin.MORE_FILES", 1)
    with pytest.raises(DataError, match="has other files"):
        describe_origin(photos).load(images=8)
    assert len(describe_origin(photos).load(images=9)) == 6


@pytest.mark.parametrize(
    "values",
    [{"source": 7}, {"unlabelled": [["a"]]}, {"group_regex": ["x"]}, {"files": "all"}],
)
def test_odd_values_are_one_line(values, tmp_path):
    known = {"format": 1, "source": None, "group_regex": None}
    (tmp_path / ORIGIN_FILE).write_text(json.dumps(known | values))
    with pytest.raises(DataError, match=r"data\.json is damaged: .*; delete it"):
        read_origin(tmp_path)

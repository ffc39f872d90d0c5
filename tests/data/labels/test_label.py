"""One way to read a label, whatever it comes from."""

import numpy as np
import pytest
from PIL import Image

from ganaug.data.load import load_images
from ganaug.errors import DataError

SPELLINGS = ["0", "0.0", " 0 ", "1", "1.0", "10", " cat", "cat "]
CLASSES = ("0", "1", "10", "cat")
LABELS = [0, 0, 0, 1, 1, 2, 3, 3]
PIXELS = np.zeros((8, 4, 4), np.uint8)


def read_csv(folder, labels):
    Image.new("L", (4, 4)).save(folder / "a.png")
    rows = "".join(f'a.png,"{label}"\n' for label in labels)
    (folder / "set.csv").write_text("path,label\n" + rows)
    return load_images(folder / "set.csv")


def read_npz(folder, labels):
    np.savez(folder / "set.npz", x=PIXELS[: len(labels)], y=np.array(labels))
    return load_images(folder / "set.npz")


def read_arrays(_, labels):
    return load_images((PIXELS[: len(labels)], labels))


def read_objects(_, labels):
    return load_images((PIXELS[: len(labels)], np.array(labels, object)))


def read_items(_, labels):
    return load_images(list(zip(PIXELS, labels, strict=False)))


READERS = (read_csv, read_npz, read_arrays, read_objects, read_items)


@pytest.mark.parametrize("read", READERS)
def test_a_label_is_read_the_same_way_everywhere(tmp_path, read):
    data = read(tmp_path, SPELLINGS)
    assert data.classes == CLASSES
    assert data.labels.tolist() == LABELS


@pytest.mark.parametrize("read", READERS)
def test_missing_labels_are_counted_and_named(tmp_path, read):
    for missing in ("", " ", "nan", "NaN"):
        with pytest.raises(DataError, match=r"2 (rows|labels) .*, first ") as refusal:
            read(tmp_path, ["a", missing, "b", missing])
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("read", READERS)
def test_numbers_follow_their_values(tmp_path, read):
    data = read(tmp_path, ["10", "9", "0", "2"])
    assert data.classes == ("0", "2", "9", "10")


@pytest.mark.parametrize("read", [read_arrays, read_objects, read_items])
def test_numbers_of_several_types_are_one_class(tmp_path, read):
    data = read(tmp_path, [0, 0.0, "0", "0.0", np.int64(0), np.float32(0), False])
    assert data.classes == ("0",)


def test_class_names_are_read_as_labels_are(tmp_path):
    names = np.array(["cat ", "1.0", "b"])
    np.savez(tmp_path / "a.npz", x=PIXELS[:3], y=["cat", "1", "b "], class_names=names)
    data = load_images(tmp_path / "a.npz")
    assert (data.classes, data.labels.tolist()) == (("cat", "1", "b"), [0, 1, 2])


@pytest.mark.parametrize("read", READERS[1:])
def test_names_that_look_alike_stay_apart_with_one_note(tmp_path, read):
    data = read(tmp_path, ["Cat", "cat", "café", "cafe\u0301", "dog"])
    assert len(data.classes) == 5
    (note,) = (note for note in data.notes if "stay apart" in note)
    assert "'Cat' and 'cat'" in note
    assert "'cafe\\u0301' and 'café'" in note
    assert not any("apart" in note for note in read(tmp_path, ["a", "b"]).notes)


def test_folders_keep_their_names(tmp_path):
    for name in ("1", "1.0", "nan", "10", "9"):
        (tmp_path / name).mkdir()
        Image.new("L", (4, 4)).save(tmp_path / name / "a.png")
    assert load_images(tmp_path).classes == ("1", "1.0", "10", "9", "nan")


def test_groups_and_domains_are_read_as_labels_are(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    rows = "".join(f"a.png,x,{word},{word}\n" for word in ("1", "1.0", "nan", "b", ""))
    (tmp_path / "set.csv").write_text("path,label,group,domain\n" + rows)
    data = load_images(tmp_path / "set.csv")
    assert data.group_names == ("1", "1", "", "b", "")
    assert data.domain_names == ("1", "b")
    assert data.domains.tolist() == [0, 0, -1, 1, -1]

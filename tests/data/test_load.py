"""load_images: every kind of source, and what is refused."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.errors import DataError
from ganaug.gan.plan import plan_training

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 8, 6, 3), dtype=np.uint8)
LABELS = np.repeat([0, 1], 6)


def put(first, last):
    """Make two images of one value, except for the last pixel of the second."""
    images = np.full((2, 8, 8), first)
    images[-1, -1, -1] = last
    return images


def test_digits_are_bundled_and_fill_eight_bits():
    data = load_images("digits")
    assert data.images.shape == (1797, 8, 8, 1)
    assert (data.images.min(), data.images.max()) == (0, 255)
    assert data.classes == tuple("0123456789")
    assert data.source == "digits"


def test_a_path_called_digits_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("x.npz", images=PIXELS, labels=LABELS)
    (tmp_path / "digits").mkdir()
    with pytest.raises(DataError, match="contains nothing"):
        load_images("digits")


def test_labelled_images_come_back_as_they_are():
    data = LabelledImages(PIXELS, LABELS, ("a", "b"))
    assert load_images(data) is data


def test_uint8_arrays_are_not_copied():
    assert load_images((PIXELS, LABELS)).images is PIXELS


def test_grey_arrays_get_a_channel():
    assert load_images((PIXELS[:, :, :, 0], LABELS)).images.shape == (12, 8, 6, 1)


def test_float_arrays_are_scaled():
    data = load_images((PIXELS / 255.0, LABELS))
    assert np.array_equal(data.images, PIXELS)


def test_bool_arrays_become_black_and_white():
    data = load_images((PIXELS > 127, LABELS))
    assert set(np.unique(data.images)) == {0, 255}


def test_uint16_arrays_are_scaled_by_one_range():
    deep = np.linspace(1000, 3000, 12 * 64).reshape(12, 8, 8).astype(np.uint16)
    data = load_images((deep, LABELS))
    low, high = data.intensity_range
    assert 1000 <= low < 1010
    assert 2990 < high <= 3000
    assert data.images[0].max() < 30
    assert data.images[-1].min() > 225
    assert any("0.1–99.9 %" in note for note in data.notes)


def test_uint16_arrays_can_be_scaled_by_a_range_that_is_given():
    deep = np.full((2, 8, 8), 2000, np.uint16)
    data = load_images((deep, [0, 1]), intensity_range=(1000, 3000))
    assert np.unique(data.images).tolist() == [128]
    assert data.intensity_range == (1000, 3000)
    assert load_images((PIXELS, LABELS), intensity_range=(0, 9)).images is PIXELS


@pytest.mark.parametrize(
    "labels", [["dog", "cat"] * 6, np.array(["dog", "cat"] * 6, dtype=object)]
)
def test_string_labels_become_sorted_classes(labels):
    data = load_images((PIXELS, labels))
    assert data.classes == ("cat", "dog")
    assert data.labels[:2].tolist() == [1, 0]


def test_integer_labels_keep_numeric_order():
    data = load_images((PIXELS, np.repeat([10, 2], 6)))
    assert data.classes == ("2", "10")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.full((2, 8, 8), np.nan), [0, 1], "image 0 has values that are NaN"),
        (put(0.0, np.inf), [0, 1], "image 1 has values that are NaN or infinite"),
        (np.full((2, 8, 8), 1.5), [0, 1], r"\[0, 1\]"),
        (np.full((2, 8, 8), -0.1), [0, 1], r"\[0, 1\]"),
        (np.full((2, 8, 8), 300), [0, 1], r"\[0, 255\]"),
        (np.zeros((8, 8)), [0, 1], "shape"),
        (np.zeros((2, 3, 8, 8)), [0, 1], "channels last"),
        (np.zeros((0, 8, 8)), [], "at least one"),
        (np.zeros((2, 8, 8), complex), [0, 1], "complex"),
        ([np.zeros((8, 8)), np.zeros((9, 8))], [0, 1], "different shapes"),
        (np.zeros((2, 8, 8)), [0], "2 images but 1 labels"),
        (np.zeros((2, 8, 8)), np.zeros((2, 2), int), "one integer or string"),
        (np.zeros((2, 8, 8)), [0.5, 1.0], "one integer or string"),
        (np.zeros((2, 8, 8)), [np.nan, 1.0], "one integer or string"),
        (np.zeros((2, 8, 8)), ["a", np.nan], r"label 1 is missing \(nan\)"),
        (np.zeros((2, 8, 8)), [1, None], r"label 1 is missing \(None\)"),
        (np.zeros((2, 8, 8)), pd.Series(["a", pd.NA]), r"label 1 is missing"),
        (np.zeros((2, 8, 8)), np.float32([0, np.nan]), "label 1 is missing"),
    ],
)
def test_wrong_arrays_are_refused_in_one_line(images, labels, message):
    with pytest.raises(DataError, match=message) as refusal:
        load_images((images, labels))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("keys", [("images", "labels"), ("x_train", "y_train"), "xy"])
def test_npz_with_class_names(tmp_path, keys):
    path = tmp_path / "cells.npz"
    arrays = dict(zip(keys, (PIXELS, LABELS), strict=True))
    np.savez(path, **arrays, class_names=np.array(["red", "white"]))
    data = load_images(path)
    assert data.classes == ("red", "white")
    assert np.array_equal(data.images, PIXELS)
    assert data.source == "cells"


def test_npz_groups_are_read(tmp_path):
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS, groups=np.arange(12) // 2)
    assert load_images(tmp_path / "a.npz").groups.tolist()[:4] == [0, 0, 1, 1]


def test_npz_with_pickled_objects_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}], dtype=object), y=LABELS)
    with pytest.raises(DataError, match="cannot be read as"):
        load_images(tmp_path / "a.npz")


def test_npz_without_the_keys_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", pictures=PIXELS)
    with pytest.raises(DataError, match="pictures"):
        load_images(tmp_path / "a.npz")


def test_a_damaged_npz_is_refused(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"not a zip")
    with pytest.raises(DataError, match="cannot be read as"):
        load_images(tmp_path / "a.npz")


def test_any_damaged_byte_of_an_npz_is_one_line_or_no_matter(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=PIXELS, y=LABELS)
    whole, refusals = path.read_bytes(), []
    for i in range(0, len(whole), 3):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :])
        try:
            load_images(path)
        except DataError as error:
            refusals.append(str(error))
    assert len(refusals) > len(whole) / 4
    assert not any("\n" in refusal for refusal in refusals)


def test_an_npz_with_a_header_that_is_cut_off_is_one_line(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        for name in ("x.npy", "y.npy"):
            file.writestr(name, b"\x93NUMPY\x01\x00\x10\x00{'descr': '<i8',(")
    with pytest.raises(DataError, match=r"a\.npz cannot be read as"):
        load_images(tmp_path / "a.npz")


def test_a_single_array_under_the_name_of_an_npz_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", PIXELS)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    with pytest.raises(DataError, match="contains a single array"):
        load_images(tmp_path / "a.npz")


def test_class_names_of_bytes_are_text(tmp_path):
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS, class_names=[b"cat", b"dog"])
    assert load_images(tmp_path / "a.npz").classes == ("cat", "dog")


def test_labels_beyond_the_class_names_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS, class_names=np.array(["a"]))
    with pytest.raises(DataError, match="labels must be 0 to 0"):
        load_images(tmp_path / "a.npz")


def test_a_named_class_without_images_is_left_out(tmp_path):
    names = np.array(["a", "none", "b"])
    np.savez(tmp_path / "a.npz", x=PIXELS, y=LABELS * 2, class_names=names)
    data = load_images(tmp_path / "a.npz")
    assert data.classes == ("a", "b")
    assert data.counts.tolist() == [6, 6]
    assert any("'none'" in note for note in data.notes)


def test_large_images_are_reduced_and_the_size_remembered():
    data = load_images((np.zeros((2, 30, 60), np.uint8), [0, 1]), max_side=20)
    assert data.size == (10, 20)
    assert data.data_size == (30, 60)
    assert "images of 30 × 60 are held at 10 × 20" in data.notes


def test_a_size_overrides():
    assert load_images((PIXELS, LABELS), size=(5, 300)).size == (5, 300)


def test_a_single_class_and_tiny_classes_work_with_a_note():
    data = load_images((PIXELS[:1], ["only"]))
    assert data.counts.tolist() == [1]
    assert any("only (1)" in note for note in data.notes)
    assert any("single class" in note for note in data.notes)


@pytest.mark.parametrize("data", ["missing", "missing.csv", 3, (PIXELS,)])
def test_what_is_no_source_is_refused_with_what_is(data):
    with pytest.raises(DataError, match="give a folder with one subfolder per class"):
        load_images(data)


def test_an_unknown_file_type_is_refused(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"")
    with pytest.raises(DataError, match="is neither"):
        load_images(tmp_path / "x.zip")


def test_group_regex_needs_file_names():
    with pytest.raises(DataError, match="file names"):
        load_images((PIXELS, LABELS), group_regex="a")


def test_images_without_names_take_groups_but_no_regex():
    data = LabelledImages(PIXELS[:3], LABELS[:3], ("a", "b"))
    found = load_images(data, groups=["p", "q", "p"])
    assert found.groups.tolist() == [0, 1, 0]
    assert found.group_names == ("p", "q", "p")
    with pytest.raises(DataError, match="file names"):
        load_images(data, group_regex="p")


@pytest.mark.parametrize("size", [(0, 8), (8, -1)])
def test_sizes_must_be_positive(size):
    with pytest.raises(DataError, match="positive"):
        load_images((PIXELS, LABELS), size=size)


@pytest.mark.parametrize("shape", [(200, 4), (2, 500), (1, 300), (1000, 3)])
def test_very_long_images_keep_two_pixels_and_are_told(shape):
    images = np.random.default_rng(0).integers(0, 256, (12, *shape), np.uint8)
    data = load_images((images, LABELS))
    assert min(data.size) >= min(2, *shape)
    assert any("images are very long" in note for note in data.notes)


def test_a_plan_for_very_long_images_is_allowed():
    images = np.random.default_rng(0).integers(0, 256, (12, 1, 200), np.uint8)
    config = plan_training(load_images((images, LABELS)), budget=1, device="cpu")
    assert (config.height, config.width) == (2, 32)

"""Arrays of a .npz file: what inflates too far, or is not what it says, is refused."""

import io
import zipfile

import numpy as np
import pytest

from ganaug import archives, load_images
from ganaug.archives import Archive
from ganaug.errors import DataError


def write(path, *, header=None, data=b""):
    """Write a .npz whose images have another header than data."""
    start = io.BytesIO()
    np.lib.format.write_array_header_1_0(start, header)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", start.getvalue() + data)
        labels = io.BytesIO()
        np.save(labels, np.zeros(3, int))
        archive.writestr("labels.npy", labels.getvalue())


def test_an_array_that_inflates_too_far_is_refused_before(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGE", 1 << 12)
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, images=np.zeros((3, 90, 90), np.uint8), labels=[0, 1, 1])
    monkeypatch.setattr(archives.npy, "read_array", None)
    with pytest.raises(DataError, match=r"images would inflate .* numpy\.savez"):
        load_images(path)


def test_a_header_that_says_more_than_there_is_allocates_nothing(tmp_path):
    path = tmp_path / "cut.npz"
    shape = {"descr": "|u1", "fortran_order": False, "shape": (3, 10**6, 10**6)}
    write(path, header=shape, data=bytes(300))
    with pytest.raises(DataError, match="images is cut: its header says"):
        load_images(path)


def test_pickled_objects_are_not_loaded(tmp_path):
    path = tmp_path / "pickled.npz"
    np.savez(path, images=np.array([{}], object), labels=[0])
    with pytest.raises(DataError, match="pickled objects"):
        load_images(path)


def test_arrays_of_all_kinds_come_back():
    file = io.BytesIO()
    arrays = {
        "a": np.arange(6).reshape(2, 3),
        "b": np.array(["x", "yy"]),
        "c": np.float32(1.5),
        "d": np.asfortranarray(np.ones((3, 2))),
        "e": np.zeros((0, 4)),
    }
    np.savez_compressed(file, **arrays)
    found = Archive(file)
    assert found.files == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)

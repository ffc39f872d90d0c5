"""Folders with a class per subfolder."""

import os

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from ganaug.data.load import load_images
from ganaug.errors import DataError


@pytest.fixture
def save(tmp_path):
    def write(name, size=(8, 8)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        number = sum(map(ord, name)) % 256
        Image.new("RGB", size, (number, 0, 255 - number)).save(path)
        return path

    return write


def test_classes_files_and_order_are_those_of_image_folder(save, tmp_path):
    for name in ("b/2.png", "b/1.jpg", "a x/é.png", "B/1.png", "a x/deep/er/3.bmp"):
        save(name)
    data, folder = load_images(tmp_path), ImageFolder(tmp_path)
    assert list(data.classes) == folder.classes
    assert data.labels.tolist() == folder.targets
    names = [os.path.relpath(path, tmp_path) for path, _ in folder.samples]
    assert sorted(data.names) == sorted(names)
    assert data.source == tmp_path.name


@pytest.mark.parametrize("others", [[], ["val", "test"], ["Valid"], ["TEST"]])
def test_train_alone_is_read_and_that_is_noted(save, tmp_path, others):
    save("Train/a/1.png")
    for other in others:
        save(f"{other}/b/1.png")
    data = load_images(tmp_path)
    assert data.classes == ("a",)
    assert data.names == ("Train/a/1.png",)
    assert "only Train is read" in data.notes[0]


@pytest.mark.parametrize(
    ("train", "others"),
    [("Training", ["Testing"]), ("train", ["validation", "DEV"]), ("TRAIN", ["eval"])],
)
def test_parts_have_other_names_too(save, tmp_path, train, others):
    save(f"{train}/a/1.png")
    for other in others:
        save(f"{other}/a/1.png")
    assert load_images(tmp_path).names == (f"{train}/a/1.png",)


def test_two_training_parts_are_classes(save, tmp_path):
    save("train/1.png")
    save("training/1.png")
    assert load_images(tmp_path).classes == ("train", "training")


def test_folders_that_may_be_the_classes_are_noted(save, tmp_path):
    for name in ("fold1/cat/1.png", "fold1/dog/deep/1.png", "fold2/cat/1.png"):
        save(name)
    data = load_images(tmp_path)
    assert data.classes == ("fold1", "fold2")
    assert any("such as cat and dog into fold1" in note for note in data.notes)
    save("fold1/1.png")
    assert not any("merged" in note for note in load_images(tmp_path).notes)


def test_a_class_beside_train_means_that_train_is_a_class(save, tmp_path):
    save("train/1.png")
    save("bus/1.png")
    assert load_images(tmp_path).classes == ("bus", "train")


def test_an_empty_class_folder_is_listed_and_left_out(save, tmp_path):
    save("a/1.png")
    (tmp_path / "hollow").mkdir()
    data = load_images(tmp_path)
    assert data.classes == ("a",)
    assert any("'hollow'" in note for note in data.notes)


def test_hidden_files_are_passed_over_and_hidden_folders_noted(save, tmp_path):
    save("a/1.png")
    save("a/.hidden.png")
    save(".cache/1.png")
    data = load_images(tmp_path, strict=True)
    assert data.names == ("a/1.png",)
    assert any(".cache" in note for note in data.notes)


def test_what_cannot_be_read_is_skipped_and_listed(save, tmp_path):
    whole = save("a/1.png", (50, 50)).read_bytes()
    (tmp_path / "a" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "a" / "empty.png").write_bytes(b"")
    (tmp_path / "a" / "notes.txt").write_text("hello")
    data = load_images(tmp_path)
    assert data.names == ("a/1.png",)
    assert [name for name, _ in data.skipped] == [
        "a/cut.png",
        "a/empty.png",
        "a/notes.txt",
    ]
    assert dict(data.skipped)["a/empty.png"] == "empty file"


def test_strict_names_the_first_and_the_number(save, tmp_path):
    save("a/1.png")
    (tmp_path / "a" / "0.png").write_bytes(b"")
    (tmp_path / "a" / "2.txt").write_bytes(b"x")
    with pytest.raises(DataError, match=r"2 of the files .* first a/0.png"):
        load_images(tmp_path, strict=True)


def test_a_class_with_nothing_readable_is_left_out(save, tmp_path):
    save("a/1.png")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.png").write_bytes(b"")
    assert load_images(tmp_path).classes == ("a",)


def test_uneven_sizes_become_the_median_and_that_is_noted(save, tmp_path):
    for i, size in enumerate([(10, 20), (12, 20), (30, 40)]):
        save(f"a/{i}.png", size)
    data = load_images(tmp_path)
    assert data.size == data.data_size == (20, 12)
    assert data.size_range == ((20, 10), (40, 30))
    assert any("resized to 20 × 12" in note for note in data.notes)


def test_large_photographs_are_reduced(save, tmp_path):
    save("a/1.jpg", (900, 600))
    data = load_images(tmp_path, max_side=64)
    assert data.size == (43, 64)
    assert data.data_size == (600, 900)
    assert abs(int(data.images[0, 0, 0, 2]) - int(data.images[0, -1, -1, 2])) <= 2


def test_groups_from_a_regular_expression(save, tmp_path):
    for name in ("a/p1_x.png", "a/p2_x.png", "b/p1_y.png", "b/other.png"):
        save(name)
    data = load_images(tmp_path, group_regex=r"(p\d)_")
    assert dict(zip(data.names, data.groups.tolist(), strict=True)) == {
        "a/p1_x.png": 0,
        "a/p2_x.png": 1,
        "b/other.png": 2,
        "b/p1_y.png": 0,
    }


def test_given_groups_follow_the_images_that_are_kept(save, tmp_path):
    for name in ("a/1.png", "a/3.png"):
        save(name)
    (tmp_path / "a" / "2.png").write_bytes(b"")
    groups = {"a/1.png": "x", "a/2.png": "y", "a/3.png": "z"}
    assert load_images(tmp_path, groups=groups).groups.tolist() == [0, 2]
    assert load_images(tmp_path, groups=np.array([7, 8, 9])).groups.tolist() == [0, 2]


def test_a_loop_of_links_ends(save, tmp_path):
    save("a/1.png")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    assert load_images(tmp_path).names == ("a/1.png",)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="make one subfolder per class"):
        load_images(tmp_path)


def test_images_without_class_folders_are_refused(save, tmp_path):
    save("1.png")
    with pytest.raises(DataError, match="1 files but no class folders"):
        load_images(tmp_path)


def test_class_folders_without_files_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match="no files in them"):
        load_images(tmp_path)


def test_nothing_readable_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(b"")
    with pytest.raises(DataError, match="no readable image"):
        load_images(tmp_path)

"""Unlabelled images: read in the form of labelled ones, and compared with them."""

import numpy as np
import pytest
from ganaug_cli.shared.planning import parse_unlabelled
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.data.origin import describe_origin, read_origin, write_origin
from ganaug.data.unlabelled import (
    UnlabelledImages,
    check_unlabelled,
    count_copies,
    load_unlabelled,
)
from ganaug.errors import ConfigError, DataError

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (20, 8, 8, 3)).astype(np.uint8)
LIKE = LabelledImages(PIXELS, np.arange(20) % 2, ("a", "b"))
GREY = LabelledImages(PIXELS[..., :1], np.arange(20) % 2, ("a", "b"))


@pytest.fixture
def folder(tmp_path):
    pool = tmp_path / "b"
    (pool / "deep").mkdir(parents=True)
    for i in range(12):
        pixels = np.full((16, 12, 3), i, np.uint8)
        Image.fromarray(pixels).save(pool / ("deep" if i % 2 else ".") / f"{i}.png")
    return pool


def test_a_folder_at_any_depth(folder):
    (folder / "damaged.png").write_bytes(b"x")
    pool = load_unlabelled(folder, "b", LIKE)
    assert pool.images.shape == (12, 8, 8, 3)
    assert pool.domain == "b"
    assert "deep/1.png" in pool.names
    with pytest.raises(DataError, match=r"damaged\.png"):
        load_unlabelled(folder, "b", LIKE, strict=True)


def test_a_table_whose_labels_do_not_count(folder):
    table = folder / "a.csv"
    lines = [f"{'deep/' if i % 2 else ''}{i}.png,dog" for i in range(12)]
    table.write_text("\n".join(["path,label", *lines]))
    assert load_unlabelled(table, "b", LIKE).images.shape == (12, 8, 8, 3)
    table.write_text("\n".join(["path", *(line[:-4] for line in lines)]))
    assert len(load_unlabelled(table, "b", LIKE)) == 12
    table.write_text("name\nx.png\n")
    with pytest.raises(DataError, match="lacks the column path"):
        load_unlabelled(table, "b", LIKE)


def test_arrays_and_npz(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=PIXELS, y_train=np.zeros(20))
    pool = load_unlabelled(tmp_path / "a.npz", "b", LIKE)
    assert np.array_equal(pool.images, PIXELS)
    assert np.array_equal(load_unlabelled(PIXELS, "b", LIKE).images, PIXELS)
    np.savez(tmp_path / "a.npz", y=np.zeros(20))
    with pytest.raises(DataError, match="give images"):
        load_unlabelled(tmp_path / "a.npz", "b", LIKE)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("wanted", [1, 3, 4])
def test_channels_are_those_of_the_labelled_images(channels, wanted):
    given = RNG.integers(0, 256, (12, 6, 10, channels)).astype(np.uint8)
    like = LabelledImages(
        np.zeros((2, 8, 8, wanted), np.uint8), np.zeros(2, int), ("a",)
    )
    pool = load_unlabelled(given, "b", like)
    assert pool.images.shape == (12, 8, 8, wanted)
    assert any("channels" in note for note in pool.notes) == (channels != wanted)


def test_few_images_are_noted_and_three_are_refused():
    pool = load_unlabelled(PIXELS, "b", LIKE)
    assert pool.notes == (
        "20 unlabelled images of b are few: 100 or more show better what it looks like",
    )
    with pytest.raises(DataError, match="3 unlabelled images of b cannot show"):
        load_unlabelled(PIXELS[:3], "b", LIKE)


def test_copies_are_counted_and_refused():
    other = RNG.integers(0, 256, (15, 8, 8, 3)).astype(np.uint8)
    pool = UnlabelledImages(np.concatenate([PIXELS[:2], other]), "b")
    test = LabelledImages(other[:1], np.zeros(1, int), ("a",))
    assert count_copies(pool, LIKE) == 2
    assert check_unlabelled(UnlabelledImages(other, "b"), LIKE) == []
    with pytest.raises(DataError, match="2 of 17 unlabelled images of b are copies of "
                       "labelled images and 1 of 17 unlabelled images of b is a copy "
                       "of test images"):  # fmt: skip
        check_unlabelled(pool, LIKE, test)
    assert len(check_unlabelled(pool, LIKE, test, allow_leak=True)) == 2


@pytest.mark.parametrize(
    ("source", "domain", "message"),
    [
        (PIXELS, "../b", "would leave the output folder"),
        ([1, 2], "b", "give a folder of images"),
        ("nowhere", "b", "does not exist"),
    ],
)
def test_what_is_refused(source, domain, message):
    with pytest.raises(DataError, match=message):
        load_unlabelled(source, domain, LIKE)


def test_an_empty_folder(tmp_path):
    with pytest.raises(DataError, match="contains no images"):
        load_unlabelled(tmp_path, "b", LIKE)


def test_the_option_and_the_origin(folder, tmp_path):
    pairs = parse_unlabelled([f"b={folder}"])
    write_origin(tmp_path, describe_origin("digits", unlabelled=pairs))
    origin = read_origin(tmp_path)
    assert origin.list_options() == ["--unlabelled", f"b={folder}"]
    (pool,) = origin.load_unlabelled(GREY)
    assert pool.images.shape == (12, 8, 8, 1)
    for words in (["b"], ["=x"], ["b="], ["b=x", "b=y"]):
        with pytest.raises(ConfigError, match="--unlabelled"):
            parse_unlabelled(words)

"""Sets of styles: what is read, what is refused, and who takes which."""

import numpy as np
import pytest
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError
from ganaug.translate.style.styles import load_styles


def make_set(n=9, classes=3):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
    names = tuple(map(str, range(classes)))
    return LabelledImages(images, np.arange(n) % classes, names)


def test_a_folder_is_read_in_each_images_own_size(tmp_path):
    for name, size in (("a.png", (8, 6)), ("b/c.png", (300, 600))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", size, (9, 9, 9)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    styles = load_styles(tmp_path, 1)
    assert styles.names == ("a.png", "b/c.png")
    assert [image.shape for image in styles.images] == [(6, 8, 1), (256, 128, 1)]
    assert load_styles(tmp_path / "a.png", 4).images[0].shape == (6, 8, 4)


def test_bad_sources_are_refused_in_one_line(tmp_path):
    with pytest.raises(DataError, match="contains no images; give a folder"):
        load_styles(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        load_styles(tmp_path / "none")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(DataError, match=r"bad\.png"):
        load_styles(tmp_path)
    Image.new("L", (1, 1)).save(tmp_path / "bad.png")
    with pytest.raises(DataError, match="single pixel, which shows no style"):
        load_styles(tmp_path)
    with pytest.raises(DataError, match="are no styles"):
        load_styles(np.zeros((2, 8, 8, 3)))
    with pytest.raises(DataError, match="a int is no set of styles"):
        load_styles(3)


def test_equal_images_are_one_style():
    images = make_set().images
    styles = load_styles(np.concatenate([images, images]))
    assert len(styles) == len(images)
    assert len(set(styles.names)) == len(styles)


def test_each_style_comes_once_before_one_comes_again():
    styles = load_styles(make_set())
    found = styles.find_styles([0] * 18, range(18), seed=5)
    assert sorted(found[:9]) == sorted(found[9:]) == list(range(9))
    assert list(found[:9]) != list(found[9:])
    again = styles.find_styles([0, 0], [17, 3], seed=5)
    assert list(again) == [found[17], found[3]]
    assert list(found) != list(styles.find_styles([0] * 18, range(18), seed=6))


@pytest.mark.parametrize("mode", ["within-class", "any"])
def test_no_content_is_its_own_style(mode):
    data = make_set()
    styles, own = load_styles(data), data.hash_images()
    for label in range(3):
        for index in range(9):
            content = np.flatnonzero(data.labels == label)[index % 3]
            (found,) = styles.find_styles(
                [label], [index], mode=mode, contents=[own[content]]
            )
            assert found != content
            assert mode == "any" or styles.labels[found] == label


def test_a_class_of_one_image_has_no_style_within():
    styles = load_styles(make_set(3))
    with pytest.raises(DataError, match="class 1 has no other image"):
        styles.find_styles([1], [0], mode="within-class", contents=[styles.names[1]])
    with pytest.raises(ConfigError, match=r"style=within is not allowed"):
        styles.find_styles([1], [0], mode="within")

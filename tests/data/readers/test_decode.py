"""Image files: formats, modes, depth, orientation, damage and bombs."""

import numpy as np
import pytest
from PIL import Image

from ganaug.data.load import load_images
from ganaug.data.readers.decode import read_file_header, read_file_pixels
from ganaug.data.readers.image_list import UnreadableError
from ganaug.errors import DataError

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
PICTURE = Image.fromarray(NOISE)
SIDEWAYS = 6  # EXIF: turn by a quarter, clockwise


def read(path):
    return read_file_pixels(path, (20, 30))


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "tif"])
def test_lossless_formats_give_the_very_pixels(tmp_path, suffix):
    PICTURE.save(tmp_path / f"x.{suffix}")
    assert np.array_equal(read(tmp_path / f"x.{suffix}"), NOISE)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_are_read(tmp_path, suffix):
    Image.new("RGB", (30, 20), (200, 100, 50)).save(tmp_path / f"x.{suffix}")
    assert np.abs(read(tmp_path / f"x.{suffix}") - [200.0, 100, 50]).max() < 6


@pytest.mark.parametrize(
    ("mode", "suffix", "channels"),
    [
        ("L", "png", 1),
        ("1", "png", 1),
        ("1", "tiff", 1),
        ("RGB", "png", 3),
        ("P", "png", 3),
        ("CMYK", "jpg", 3),
        ("CMYK", "tiff", 3),
        ("LA", "png", 4),
        ("RGBA", "png", 4),
    ],
)
def test_modes(tmp_path, mode, suffix, channels):
    path = tmp_path / f"x.{suffix}"
    PICTURE.convert(mode).save(path)
    assert read_file_header(path).channels == channels
    assert read(path).shape == (20, 30, channels)


def test_one_bit_is_black_and_white(tmp_path):
    PICTURE.convert("1").save(tmp_path / "x.png")
    assert set(np.unique(read(tmp_path / "x.png"))) == {0, 255}


def test_a_palette_with_transparency_is_rgba(tmp_path):
    PICTURE.convert("P").save(tmp_path / "x.png", transparency=3)
    assert read(tmp_path / "x.png").shape == (20, 30, 4)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp"])
def test_orientation_is_applied(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    half = np.zeros((20, 30), np.uint8)
    half[:10] = 255  # the upper half is white: after turning, the right one
    path = tmp_path / "a" / f"x.{suffix}"
    path.parent.mkdir()
    Image.fromarray(half).convert("RGB").save(path, exif=exif)
    data = load_images(tmp_path)
    assert data.size == (30, 20)
    assert data.images[0, :, :8].max() < 20
    assert data.images[0, :, 12:].min() > 235


@pytest.mark.parametrize(
    ("dtype", "suffix"),
    [(np.uint16, "png"), (np.uint16, "tiff"), (np.int32, "tiff"), (np.float32, "tiff")],
)
def test_deep_grey_keeps_its_values(tmp_path, dtype, suffix):
    deep = np.linspace(0, 40000, 600).reshape(20, 30).astype(dtype)
    path = tmp_path / f"x.{suffix}"
    Image.fromarray(deep).save(path)
    assert read_file_header(path).deep
    assert np.array_equal(read(path)[:, :, 0], deep)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
@pytest.mark.parametrize("channels", [3, 4])
def test_deep_colours_keep_their_values(tmp_path, suffix, channels):
    import cv2

    deep = np.arange(600 * channels, dtype=np.uint16).reshape(20, 30, channels)
    path = tmp_path / f"x.{suffix}"
    order = [2, 1, 0, 3][:channels]
    assert cv2.imwrite(str(path), deep[:, :, order])
    assert np.array_equal(read(path), deep)


def test_deep_files_share_one_range(tmp_path):
    (tmp_path / "a").mkdir()
    for i, level in enumerate([1000, 2000, 3000]):
        deep = np.full((8, 8), level, np.uint16)
        Image.fromarray(deep).save(tmp_path / "a" / f"{i}.png")
    data = load_images(tmp_path)
    assert data.images[:, 0, 0, 0].tolist() == [0, 128, 255]
    assert data.intensity_range == (1000.0, 3000.0)
    assert any("one range for the whole set" in note for note in data.notes)


def test_mixed_modes_become_the_common_one(tmp_path):
    (tmp_path / "a").mkdir()
    PICTURE.convert("L").save(tmp_path / "a" / "1.png")
    PICTURE.save(tmp_path / "a" / "2.png")
    data = load_images(tmp_path)
    assert data.channels == 3
    assert np.array_equal(data.images[0, :, :, 0], data.images[0, :, :, 2])
    PICTURE.convert("LA").save(tmp_path / "a" / "3.png")
    data = load_images(tmp_path)
    assert data.channels == 4
    assert data.images[0, :, :, 3].min() == 255
    assert any("1 grey, 1 RGB, 1 RGBA" in note for note in data.notes)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tiff", "webp"])
def test_truncated_files_are_unreadable(tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    PICTURE.save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableError):
        read(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_image_is_unreadable(tmp_path, content):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(UnreadableError):
        read_file_header(tmp_path / "x.png")


@pytest.mark.parametrize("limit", [599, 200])  # Pillow warns of one, refuses the other
def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch, limit):
    (tmp_path / "a").mkdir()
    PICTURE.save(tmp_path / "a" / "bomb.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "a" / "good.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(DataError, match=r"bomb\.png: refused as a decompression bomb"):
        load_images(tmp_path)


def test_a_large_jpeg_is_decoded_small_but_not_too_small(tmp_path):
    Image.new("L", (1600, 1200), 99).save(tmp_path / "x.jpg")
    height, width, _ = read_file_pixels(tmp_path / "x.jpg", (60, 80)).shape
    assert 60 < height < 600
    assert 80 < width < 800


def test_deep_files_that_are_all_damaged_are_skipped(tmp_path):
    (tmp_path / "a").mkdir()
    PICTURE.convert("L").save(tmp_path / "a" / "1.png")
    cut = tmp_path / "a" / "2.png"
    Image.fromarray(NOISE[:, :, 0].astype(np.uint16) * 200).save(cut)
    cut.write_bytes(cut.read_bytes()[:-200])
    data = load_images(tmp_path)
    assert data.names == ("a/1.png",)
    assert [name for name, _ in data.skipped] == ["a/2.png"]
    assert data.intensity_range is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_file_with_one_value_that_is_no_number_is_skipped(tmp_path, value):
    (tmp_path / "a").mkdir()
    for i in range(2):
        deep = np.linspace(0, 9, 600, dtype=np.float32).reshape(20, 30)
        deep[3, 4] = value if i else 5
        Image.fromarray(deep).save(tmp_path / "a" / f"{i}.tiff")
    data = load_images(tmp_path)
    assert data.names == ("a/0.tiff",)
    assert data.skipped == (("a/1.tiff", "some of its values are NaN or infinite"),)


def test_a_value_that_the_sample_misses_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("ganaug.data.readers.intensity.SAMPLED_PIXELS", 64)
    test_a_file_with_one_value_that_is_no_number_is_skipped(tmp_path, np.nan)


def test_deep_files_can_be_scaled_by_a_range_that_is_given(tmp_path):
    (tmp_path / "a").mkdir()
    for i, level in enumerate([1000, 2000]):
        deep = np.full((8, 8), level, np.uint16)
        Image.fromarray(deep).save(tmp_path / "a" / f"{i}.png")
    data = load_images(tmp_path, intensity_range=(1000, 3000))
    assert data.images[:, 0, 0, 0].tolist() == [0, 128]
    assert data.intensity_range == (1000, 3000)
    assert any("1000 to 3000 (the range given)" in note for note in data.notes)

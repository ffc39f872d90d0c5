"""Images in the report: exact where they are small, bounded where they are not."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from ganaug.report.images import encode_image, lay_out


def decode(image):
    return Image.open(io.BytesIO(base64.b64decode(image.uri.partition(",")[2])))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_small_images_keep_every_pixel(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, channels), np.uint8)
    image = encode_image(pixels)
    assert image.uri.startswith("data:image/png")
    assert (image.width, image.height) == (5, 7)
    assert (np.asarray(decode(image)).reshape(7, 5, -1) == pixels).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_noise_fits_its_bytes(channels):
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, channels), np.uint8)
    image = encode_image(pixels, most=3000)
    assert len(image.uri) < 3000 * 4 / 3 + 40
    assert (image.width, image.height) == (300, 200)
    assert decode(image).width < 300


def test_large_images_are_reduced():
    image = encode_image(np.zeros((400, 100, 3), np.uint8), side=80)
    assert (image.width, image.height) == (20, 80)
    assert image.enlarge(64) == (16, 64)
    assert image.enlarge(170) == (40, 160)


def test_tiles_have_gaps_that_show_the_paper():
    images = np.full((3, 16, 8, 3), 9, np.uint8)
    grid = lay_out(images, 2)
    assert grid.shape == (34, 18, 4)
    assert grid[..., 3].sum() == 255 * 3 * 16 * 8
    assert (grid[:16, :8] == [9, 9, 9, 255]).all()

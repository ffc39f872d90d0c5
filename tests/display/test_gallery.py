"""Galleries: well-formed pages of bounded size, whatever images they show."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from ganaug.data.images import LabelledImages
from ganaug.display.gallery import ClassImages, draw_gallery

KB = 1024


def noise(n, height, width, channels=3):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, height, width, channels), np.uint8)


def read_pictures(page):
    """Decode every picture of a page."""
    codes = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(code))) for code in codes]


def check_tags(page):
    """Check that every tag is closed in order."""
    opened = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag not in ("br", "img"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Parser().feed(page)
    assert not opened


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("classes", "side"), [(1, 8), (3, 64), (10, 300), (200, 48)])
def test_even_noise_takes_at_most_100_kb(channels, classes, side):
    names = tuple(f"class {k}" for k in range(classes))
    labels = np.repeat(np.arange(classes), 9)
    images = noise(len(labels), side, side, channels)
    page = LabelledImages(images, labels, names)._repr_html_()
    assert len(page) <= 100 * KB
    check_tags(page)
    assert len(read_pictures(page)) == min(classes, 10)
    assert ("190 more classes" in page) == (classes == 200)


def test_small_images_are_enlarged_pixel_by_pixel():
    images = noise(3, 8, 12, channels=1)
    (picture,) = read_pictures(draw_gallery("", [ClassImages("a", 3, images)]))
    large = images[..., 0].repeat(5, axis=1).repeat(5, axis=2)
    pixels = np.pad(np.asarray(picture), ((0, 0), (0, 2)))
    assert np.array_equal(pixels.reshape(40, 3, 62)[..., :60], large.swapaxes(0, 1))


def test_odd_names_are_escaped():
    images = noise(1, 4, 4)
    page = draw_gallery("<b>", [ClassImages("<i>\udce9", 1, images)])
    check_tags(page)
    page.encode()
    assert "&lt;i&gt;" in page
    assert "&lt;b&gt;" in page


def test_a_class_without_images_says_so():
    page = draw_gallery("", [ClassImages("a", 0, noise(0, 4, 4))])
    assert "no images" in page
    check_tags(page)

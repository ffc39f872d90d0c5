"""Gallery: some images of each class as HTML, for notebooks."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.display.words import count, printable

CLASSES_SHOWN, IMAGES_SHOWN = 10, 8
SIDE = 64  # pixels of the longer side
GAP, GAP_GREY = 2, 128  # pixels between two images, and their grey
LEAST_SIDE = 8  # pixels that no picture is made smaller than
MOST_BYTES = 66_000  # of all pictures; in base64 they take a third more


@dataclass(frozen=True)
class ClassImages:
    """A class, its number of images, and some of them as (n, h, w, c) uint8."""

    name: str
    number: int
    images: NDArray[np.uint8]


def draw_gallery(title: str, classes: Sequence[ClassImages], *, total: int = 0) -> str:
    """Return HTML of at most about 100 KB with a row of images for each class.

    Args:
        title: lines above the rows.
        classes: classes to show.
        total: number of all classes, where these are only some of them.

    Example:
        >>> cats = ClassImages("cat", 9, np.zeros((2, 4, 4, 3), np.uint8))
        >>> draw_gallery("pets", [cats]).count("data:image/png")
        1
    """
    bytes_each = MOST_BYTES // max(1, len(classes))
    rows = "".join(_draw_row(each, bytes_each) for each in classes)
    more = total - len(classes)
    rest = f"<div>… and {count(more, 'more class')}</div>" if more > 0 else ""
    lines = "".join(f"<div>{_escape(line)}</div>" for line in title.splitlines())
    return f"{lines}<table>{rows}</table>{rest}"


def spread_indices(n: int, most: int = IMAGES_SHOWN) -> NDArray[np.int64]:
    """Return up to `most` indices, evenly spread over n.

    Example:
        >>> spread_indices(100, 3), spread_indices(2)
        (array([ 0, 50, 99]), array([0, 1]))
    """
    return np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)


def _draw_row(each: ClassImages, most: int) -> str:
    cell = '<td style="text-align:left;vertical-align:middle">'
    label = f"{_escape(each.name)}<br>{each.number:,}"
    return f"<tr>{cell}{label}</td>{cell}{_draw_strip(each.images, most)}</td></tr>"


def _draw_strip(images: NDArray[np.uint8], most: int) -> str:
    """Return the images side by side as one `img`, smaller until its bytes suffice."""
    if not len(images):
        return "no images"
    height, width = images.shape[1:3]
    side = SIDE
    data = _encode(images, side)
    while len(data) > most and side > LEAST_SIDE:
        side = max(LEAST_SIDE, int(side * 0.8))
        data = _encode(images, side)
    uri = f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
    shown = _fit(height, width, SIDE)[1]
    return f'<img src="{uri}" alt="" style="height:{shown}px">'


def _fit(height: int, width: int, side: int) -> tuple[int, int]:
    """Return (width, height) up to `side`; small images by a whole factor."""
    factor = side / max(height, width)
    factor = max(1, int(factor)) if factor >= 1 else factor
    return max(1, round(width * factor)), max(1, round(height * factor))


def _encode(images: NDArray[np.uint8], side: int) -> bytes:
    n, height, width, _ = images.shape
    wide, high = _fit(height, width, side)
    smooth = Image.Resampling.BICUBIC if wide < width else Image.Resampling.NEAREST
    pictures = [_to_picture(image).resize((wide, high), smooth) for image in images]
    mode = pictures[0].mode
    grey = GAP_GREY if mode == "L" else (GAP_GREY,) * 3 + (0,) * (mode == "RGBA")
    strip = Image.new(mode, (n * (wide + GAP) - GAP, high), grey)
    for k, picture in enumerate(pictures):
        strip.paste(picture, (k * (wide + GAP), 0))
    if strip.mode == "RGB":  # a third of the bytes, and hardly a visible difference
        strip = strip.quantize(256)
    buffer = io.BytesIO()
    strip.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _to_picture(image: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


def _escape(text: str) -> str:
    return html.escape(printable(text))

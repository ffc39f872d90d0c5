"""Gallery: real beside synthetic images, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.report.images import InlineImage, encode_image, lay_out
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import Images, pick_real, pick_synthetic

CLASSES_SHOWN = 20  # most classes; the first ones are shown
IMAGES_SHOWN = 10  # most images of each class and kind
SIDE = 96  # most pixels of an image's longer side
MOSAIC = (3, 31)  # rows and columns of the band on top


def describe_gallery(material: RunMaterial) -> dict[str, Any] | None:
    """Return images of each class, and how many classes are not shown."""
    shown = material.classes[:CLASSES_SHOWN]
    rows = [_describe_class(material, name) for name in shown]
    if not any(row["real"] or row["synthetic"] for row in rows):
        return None
    return {
        "title": _find_title(rows),
        "rows": rows,
        "hidden": len(material.classes) - len(shown),
        "grid": (material.config.height, material.config.width),
        "reduced": _is_reduced(material),
    }


def make_mosaic(material: RunMaterial) -> InlineImage | None:
    """Return a band of synthetic images, all classes in turn."""
    rows, columns = MOSAIC
    names = material.classes[: rows * columns]
    each = -(-rows * columns // len(names))
    return lay_band([pick_synthetic(material, name, each) for name in names])


def lay_band(images: Sequence[Images]) -> InlineImage | None:
    """Return a band of images taken from each class in turn; None without images."""
    rows, columns = MOSAIC
    images = [some for some in images if len(some)]
    if not images:
        return None
    least = min(map(len, images))
    turn = np.stack([some[:least] for some in images], axis=1)
    flat = turn.reshape(-1, *turn.shape[2:])
    places = np.arange(rows * columns) % len(flat)
    return encode_image(lay_out(flat[places], columns), most=150_000, side=2048)


def _find_title(rows: list[dict[str, Any]]) -> str:
    if not any(row["real"] for row in rows):
        return "Synthetic images"
    both = any(row["synthetic"] for row in rows)
    return "Real beside synthetic" if both else "Real images"


def _describe_class(material: RunMaterial, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "real": _encode_all(pick_real(material, name, IMAGES_SHOWN)),
        "synthetic": _encode_all(pick_synthetic(material, name, IMAGES_SHOWN)),
    }


def _encode_all(images: Images) -> list[InlineImage]:
    return [encode_image(image, side=SIDE) for image in images]


def _is_reduced(material: RunMaterial) -> bool:
    """Whether the user's own images have another size than the shown ones."""
    if material.real is None:
        return False
    images = material.real.images
    grid = (material.config.height, material.config.width)
    return (images.data_size or images.size) != grid

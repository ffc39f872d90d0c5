"""Gallery: real beside synthetic images, class by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.report.images import InlineImage, encode_image, lay_out
from ganaug.report.run.reading.samples import Images, pick_real, pick_synthetic
from ganaug.report.run.reading.sources import Sources

CLASSES = 20  # shown at most, the first ones
EACH = 10  # images of a class at most, of each kind
SIDE = 96  # pixels of one at most
MOSAIC = (3, 31)  # rows and columns of the band on top


def describe_gallery(sources: Sources) -> dict[str, Any] | None:
    """Return images of each class, and how many classes are not shown."""
    shown = sources.classes[:CLASSES]
    rows = [_describe_class(sources, name) for name in shown]
    if not any(row["real"] or row["synthetic"] for row in rows):
        return None
    return {
        "title": _find_title(rows),
        "rows": rows,
        "hidden": len(sources.classes) - len(shown),
        "grid": (sources.config.height, sources.config.width),
        "reduced": _is_reduced(sources),
    }


def make_mosaic(sources: Sources) -> InlineImage | None:
    """Return a band of synthetic images, all classes in turn."""
    rows, columns = MOSAIC
    names = sources.classes[: rows * columns]
    each = -(-rows * columns // len(names))
    return lay_band([pick_synthetic(sources, name, each) for name in names])


def lay_band(images: Sequence[Images]) -> InlineImage | None:
    """Return a band of images that come in turn from each class; None without any."""
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


def _describe_class(sources: Sources, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "real": _encode_all(pick_real(sources, name, EACH)),
        "synthetic": _encode_all(pick_synthetic(sources, name, EACH)),
    }


def _encode_all(images: Images) -> list[InlineImage]:
    return [encode_image(image, side=SIDE) for image in images]


def _is_reduced(sources: Sources) -> bool:
    """Whether the user's own images are larger than what is shown."""
    if sources.real is None:
        return False
    images = sources.real.images
    grid = (sources.config.height, sources.config.width)
    return (images.data_size or images.size) != grid

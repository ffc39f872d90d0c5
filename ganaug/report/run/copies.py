"""Copies: the synthetic images nearest to a real one, beside it, and what tests say."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from ganaug.gan.inputs.training_set import to_grid
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.sources import Sources
from ganaug.synth.screening import ClosestPair

MOST = 10
SIDE = 160  # pixels of an image at most
IMAGE_BYTES = 10_000


def describe_copies(sources: Sources) -> dict[str, Any] | None:
    """Return the closest pairs that the filters noted, nearest first, and their tests.

    None where nothing was noted.
    """
    found = sources.screening
    pairs = [_describe_pair(sources, pair) for pair in found.closest[:MOST]]
    pairs = [pair for pair in pairs if pair["synthetic"] is not None]
    if not pairs and not found.copy_tests and found.too_close is None:
        return None
    return {"pairs": pairs, "tests": found.copy_tests, "too_close": found.too_close}


def _describe_pair(sources: Sources, pair: ClosestPair) -> dict[str, Any]:
    real, name = _read_real(sources, pair.real)
    return {
        "class": pair.class_name,
        "path": pair.path,
        "distance": pair.distance,
        "synthetic": _read_synthetic(sources, pair.path),
        "real": real,
        "real_name": name,
    }


def _read_real(sources: Sources, index: int | None) -> tuple[InlineImage | None, str]:
    """Return the real image of that number and its name; None when it is not there."""
    if sources.real is None or index is None:
        return None, ""
    images = sources.real.images
    if not 0 <= index < len(images):
        return None, ""
    pixels = to_grid(np.asarray(images.images[[index]]), sources.config)[0]
    name = images.names[index] if images.names else f"image {index}"
    return encode_image(pixels, most=IMAGE_BYTES, side=SIDE), name


def _read_synthetic(sources: Sources, name: str) -> InlineImage | None:
    """Return the store's image of that path; None when it is not in there."""
    inside = PurePosixPath(name)
    if not name or inside.is_absolute() or ".." in inside.parts:
        return None
    assert sources.store is not None
    path = sources.store.path / inside
    if not path.is_file():
        return None
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    small = to_grid(pixels[None], sources.config)[0]
    return encode_image(small, most=IMAGE_BYTES, side=SIDE)

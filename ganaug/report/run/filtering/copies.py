"""Copies: the synthetic images nearest to real ones, and tests for copying."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.gan.inputs.training_set import to_grid
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.samples import IMAGE_BYTES, SIDE, read_stored
from ganaug.synth.screening import ClosestPair

MOST_PAIRS = 10


def describe_copies(material: RunMaterial) -> dict[str, Any] | None:
    """Return the closest pairs, nearest first, and the tests; None without any."""
    found = material.screening
    pairs = [_describe_pair(material, pair) for pair in found.closest[:MOST_PAIRS]]
    pairs = [pair for pair in pairs if pair["synthetic"] is not None]
    if not pairs and not found.copy_tests and found.too_close is None:
        return None
    return {"pairs": pairs, "tests": found.copy_tests, "too_close": found.too_close}


def _describe_pair(material: RunMaterial, pair: ClosestPair) -> dict[str, Any]:
    real, name = _read_real(material, pair.real)
    return {
        "class": pair.class_name,
        "path": pair.path,
        "distance": pair.distance,
        "synthetic": read_stored(material, pair.path),
        "real": real,
        "real_name": name,
    }


def _read_real(
    material: RunMaterial, index: int | None
) -> tuple[InlineImage | None, str]:
    """Return the real image with that index and its name; None if it is missing."""
    if material.real is None or index is None:
        return None, ""
    images = material.real.images
    if not 0 <= index < len(images):
        return None, ""
    pixels = to_grid(np.asarray(images.images[[index]]), material.config)[0]
    name = images.names[index] if images.names else f"image {index}"
    return encode_image(pixels, most=IMAGE_BYTES, side=SIDE), name

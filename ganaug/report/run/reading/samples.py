"""Samples: a few real or synthetic images of a class, at the GAN's own grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import StoreError
from ganaug.gan.generators import MERGED
from ganaug.gan.inputs.training_set import to_grid
from ganaug.report.images import InlineImage, encode_image
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.store.png import read_stored as read_stored_png
from ganaug.synth.store.png import to_pixels

SIDE = 160  # most pixels of a single image's longer side
IMAGE_BYTES = 10_000

Images = NDArray[np.uint8]  # (n, h, w, c)


def pick_real(material: RunMaterial, class_name: str, n: int) -> Images:
    """Return up to n real images of a class, evenly spread over the set, at the grid.

    Real images at the GAN's grid are no sharper than synthetic ones.

    Returns:
        (m, h, w, c) uint8, m from 0 to n.
    """
    if material.real is None:
        return _nothing(material)
    images = material.real.images
    if (class_name,) in MERGED and class_name not in images.classes:
        rows = np.arange(len(images))
    else:
        rows = np.flatnonzero(images.labels == images.classes.index(class_name))
    rows = rows[spread_evenly(len(rows), n)]
    return to_grid(np.asarray(images.images[rows]), material.config)


def pick_synthetic(material: RunMaterial, class_name: str, n: int) -> Images:
    """Return up to n synthetic images of a class: from the store, or newly drawn.

    Returns:
        (m, h, w, c) uint8, m from 0 to n.

    Raises:
        StoreError: a file of the store is missing or damaged.
    """
    store, label = material.store, material.classes.index(class_name)
    if store is not None:
        rows = np.flatnonzero(store.labels == label)
        rows = rows[spread_evenly(len(rows), n)]
        if not len(rows):
            return _nothing(material)
        return to_grid(np.stack([store.image(int(i)) for i in rows]), material.config)
    if material.synthesizer is None:
        return _nothing(material)
    labels = np.full(n, label, np.int64)
    return material.synthesizer.sample_rows(labels, np.arange(n), seed=0)


def read_stored(material: RunMaterial, name: str) -> InlineImage | None:
    """Return the store's image with that path, at the grid; None if unreadable."""
    assert material.store is not None
    meta = material.store.meta
    if not name or not meta.owns(name):
        return None
    try:
        stored = read_stored_png(
            material.store.path / name, meta.size, meta.config["channels"]
        )
    except StoreError:
        return None  # `verify` finds damage
    pixels = to_pixels(stored)
    small = to_grid(pixels[None], material.config)[0]
    return encode_image(small, most=IMAGE_BYTES, side=SIDE)


def spread_evenly(total: int, n: int) -> NDArray[np.int64]:
    """Return up to n indices below `total`, evenly spaced, the first one first.

    Example:
        >>> spread_evenly(10, 4).tolist(), spread_evenly(2, 4).tolist()
        ([0, 2, 5, 7], [0, 1])
    """
    n = min(total, n)
    return np.arange(n, dtype=np.int64) * total // max(1, n)


def _nothing(material: RunMaterial) -> Images:
    config = material.config
    return np.empty((0, config.height, config.width, config.channels), np.uint8)

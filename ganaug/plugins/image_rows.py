"""Rows that are images, for samplers: trained and drawn by the image GAN."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.gan.training import train
from ganaug.synth.synthesis import synthesize

Pixels = NDArray[np.uint8]


class _Levels(NamedTuple):
    """The values of a pixel that 0 and 255 stand for."""

    low: float
    high: float

    def to_pixels(self, x: NDArray[Any]) -> Pixels:
        share = (x.astype(np.float64) - self.low) / (self.high - self.low)
        return np.asarray(np.round(255 * share), np.uint8)

    def to_values(self, pixels: Pixels, kind: Any) -> NDArray[Any]:
        values = self.low + (self.high - self.low) * pixels / 255.0
        whole = np.issubdtype(kind, np.integer)
        return np.asarray(np.round(values) if whole else values, kind)


def make_images(
    x: NDArray[Any],
    labels: NDArray[np.int64],
    counts: Mapping[int, int],
    *,
    shape: Collection[int] | None = None,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    budget: float | None = None,
    settings: Mapping[str, Any] | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Train the image GAN on rows that are images, and add images of classes to them.

    Args:
        x: (n, d) rows, or images (n, h, w) or (n, h, w, c), of any finite numbers; the
            lowest and the highest are black and white unless they are bytes.
        labels: (n,) classes from 0.
        counts: class → number of further images.
        shape: (h, w) or (h, w, c) of the images in rows.
        seed: seed of training and draws.
        folder: where run and store are kept; None keeps neither.
        budget: seconds of training; None is as for `train`.
        settings: fields of `TrainConfig` → value.

    Returns:
        The real rows and the further ones, in the form of x; classes of the latter.

    Raises:
        DataError: x has not the shape of images, or holds infinite or missing values.
    """
    images = _read_images(x, shape)
    levels = _find_levels(images)
    pixels = levels.to_pixels(images)
    names = [str(k) for k in range(int(labels.max()) + 1)]
    place = tempfile.TemporaryDirectory() if folder is None else nullcontext(folder)
    with place as path:
        run = train(
            (pixels, labels), Path(path) / "run",
            budget=None if budget is None else budget / 60,
            set={**(settings or {}), "seed": seed}, progress=None,
        )  # fmt: skip
        wanted = {names[k]: n for k, n in counts.items() if n > 0}
        store = synthesize(
            run, Path(path) / "store", per_class=wanted, seed=seed, size="data",
            data=(pixels, labels), progress=None,
        )  # fmt: skip
        drawn = [store[i] for i in range(len(store))]
        found = np.array([int(store.classes[label]) for _, label in drawn])
        made = np.stack([image for image, _ in drawn])
    kept = np.concatenate(
        [np.flatnonzero(found == k)[:n] for k, n in counts.items() if n > 0]
    )
    values = levels.to_values(made[kept], x.dtype)
    return np.concatenate([x, values.reshape(-1, *x.shape[1:])]), found[kept]


def _read_images(x: NDArray[Any], shape: Collection[int] | None) -> NDArray[Any]:
    """Return x as images (n, h, w, c)."""
    if shape is not None:
        form = tuple(shape)
        if len(form) not in (2, 3) or np.prod(form) != np.prod(x.shape[1:]):
            raise DataError(
                f"image_shape={form} does not suit rows of {np.prod(x.shape[1:])} "
                "numbers; give (height, width) or (height, width, channels)"
            )
        x = x.reshape(len(x), *form)
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim != 4 or x.shape[3] not in (1, 3, 4):
        raise DataError(
            f"arrays of the shape {x.shape} are not images; give (n, height, width) or "
            "(n, height, width, channels) with 1, 3 or 4 channels"
        )
    return x


def _find_levels(images: NDArray[Any]) -> _Levels:
    if images.dtype == np.uint8:
        return _Levels(0.0, 255.0)
    values = images.astype(np.float64)
    if not np.isfinite(values).all():
        raise DataError("the images have missing or infinite values; fill them in")
    low, high = float(values.min()), float(values.max())
    return _Levels(low, high if high > low else low + 1)

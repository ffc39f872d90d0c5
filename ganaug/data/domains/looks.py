"""Looks: plain statistics of an image that know light, colour and texture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BANDS = 5  # rings of the spectrum, from coarse to fine
BLOCK = 256  # images at a time

Looks = NDArray[np.float64]


def describe_looks(images: NDArray[np.uint8]) -> Looks:
    """Describe how images look, and hardly what they show.

    For each channel: five quantiles, mean and spread of the border, spread of the
    Laplacian (sharpness and noise), the energy in five bands of the spectrum, and the
    number of grey levels; the last three as logarithms.

    Args:
        images: (n, h, w, c) uint8.

    Returns:
        (n, 14·c) float64.

    Example:
        >>> describe_looks(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 42)
    """
    if not len(images):
        return np.empty((0, 14 * images.shape[3]))
    starts = range(0, len(images), BLOCK)
    return np.concatenate([_describe(images[s : s + BLOCK]) for s in starts])


def _describe(images: NDArray[np.uint8]) -> Looks:
    x = np.moveaxis(images, 3, 1) / 255.0  # (n, c, h, w)
    flat = x.reshape(*x.shape[:2], -1)
    rows, columns = x[..., [0, -1], :], x[..., 1:-1, [0, -1]]
    border = np.concatenate(
        [part.reshape(*x.shape[:2], -1) for part in (rows, columns)], 2
    )
    features = [
        *np.quantile(flat, QUANTILES, axis=2),
        border.mean(axis=2),
        border.std(axis=2),
        np.log(1e-3 + _filter_laplace(x).std(axis=(2, 3))),
        *_measure_bands(x),
        np.log(_count_levels(images)),
    ]
    return np.concatenate(features, axis=1)


def _filter_laplace(x: Looks) -> Looks:
    around = sum(np.roll(x, step, axis) for step in (1, -1) for axis in (2, 3))
    return np.asarray(4 * x - around)


def _measure_bands(x: Looks) -> list[Looks]:
    """Return the logarithm of the spectrum's energy in each band, (n, c) each."""
    power = np.abs(np.fft.fft2(x)) ** 2 / x[0, 0].size
    rows, columns = (np.fft.fftfreq(side) for side in x.shape[2:])
    radius = np.hypot(rows[:, None], columns[None])
    rings = [
        (radius > low) & (radius <= high)
        for low, high in pairwise(np.linspace(0, 0.5, BANDS + 1))
    ]
    sums = [np.where(ring, power, 0).sum(axis=(2, 3)) for ring in rings]
    sizes = [max(1, int(ring.sum())) for ring in rings]
    return [np.log(1e-4 + s / n) for s, n in zip(sums, sizes, strict=True)]


def _count_levels(images: NDArray[np.uint8]) -> Looks:
    """Count the grey levels of each channel, (n, c)."""
    n, *_, c = images.shape
    counts = [[len(np.unique(images[i, ..., k])) for k in range(c)] for i in range(n)]
    return np.array(counts, float)

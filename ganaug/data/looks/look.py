"""The look of an image in numbers: colour, border, sharpness, spectrum, grey levels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COARSE = 32  # pixels of a side of the grid on which colours are read
CROP = 64  # pixels of a side of the middle, which shows sharpness and noise
AT_ONCE = 256  # images
BANDS = 5  # of the spectrum, from coarse to fine, each as wide as the others
FAINT = 1e-2  # in grey levels, below which power counts as none


def measure_looks(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure how images look, whatever they show.

    Args:
        images: (n, h, w, c) uint8, c in 1, 3, 4; opacity is ignored.

    Returns:
        (n, 7 c + 7) float32: for each of c channels (1 or 3) five quantiles, and mean
        and spread of the border; then the logarithms of the mean Laplacian, of the
        power in five bands of the spectrum, and of the number of grey levels.

    Example:
        >>> measure_looks(np.zeros((2, 20, 30, 3), np.uint8)).shape
        (2, 28)
    """
    starts = range(0, len(images), AT_ONCE)
    parts = [_measure(images[start : start + AT_ONCE]) for start in starts]
    return np.concatenate(parts) if parts else np.empty((0, 0), np.float32)


def _measure(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    colours = images[..., :3]
    border = _find_border(colours)
    fine = _to_grey(_crop(colours))
    parts = [
        _find_quantiles(colours),
        border.mean(axis=1, dtype=np.float32),
        border.std(axis=1, dtype=np.float32),
        np.log(_find_laplacian(fine) + FAINT),
        np.log(_find_bands(fine) + FAINT),
        np.log(_count_levels(fine)),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _find_quantiles(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = (_spread(length, COARSE) for length in colours.shape[1:3])
    some = colours[:, rows][:, :, columns].transpose(0, 3, 1, 2)
    flat = some.reshape(*some.shape[:2], -1)
    places = [round(q * (flat.shape[2] - 1)) for q in QUANTILES]
    ordered = np.partition(flat, places, axis=2)
    return ordered[:, :, places].reshape(len(colours), -1)


def _spread(length: int, most: int) -> NDArray[np.int64]:
    return np.linspace(0, length - 1, min(length, most)).round().astype(np.int64)


def _find_border(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    c = colours
    return np.concatenate([c[:, 0], c[:, -1], c[:, :, 0], c[:, :, -1]], axis=1)


def _crop(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    top, left = (max(0, (length - CROP) // 2) for length in images.shape[1:3])
    return images[:, top : top + CROP, left : left + CROP]


def _to_grey(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean of the channels, (n, h, w)."""
    channels = colours.shape[3]
    total = colours[..., 0].astype(np.float32)
    for i in range(1, channels):
        total += colours[..., i]
    return np.asarray(total / channels)


def _find_laplacian(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    down = np.diff(grey, axis=1, prepend=grey[:, :1], append=grey[:, -1:])
    across = np.diff(grey, axis=2, prepend=grey[:, :, :1], append=grey[:, :, -1:])
    bent = np.diff(down, axis=1) + np.diff(across, axis=2)
    return np.asarray(np.abs(bent).mean(axis=(1, 2))[:, None])


def _find_bands(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the root mean power in each band of frequencies, (n, 5)."""
    level = grey - grey.mean(axis=(1, 2), keepdims=True)
    power = np.abs(np.fft.rfft2(level, norm="ortho")) ** 2
    means = _average_bands(*grey.shape[1:])
    return np.sqrt(power.reshape(len(grey), -1) @ means).astype(np.float32)


def _count_levels(grey: NDArray[np.float32]) -> NDArray[np.int64]:
    """Count the different grey levels of each image, (n, 1)."""
    present = np.zeros((len(grey), 256), bool)
    rows = np.arange(len(grey))[:, None]
    present[rows, grey.reshape(len(grey), -1).astype(np.uint8)] = True
    return np.asarray(present.sum(axis=1, keepdims=True))


@lru_cache(maxsize=64)
def _average_bands(height: int, width: int) -> NDArray[np.float64]:
    """Return the weights (h (w/2+1), 5) that average the frequencies of each band."""
    down = np.fft.fftfreq(height)[:, None]
    across = np.fft.rfftfreq(width)[None, :]
    radius = np.maximum(np.abs(down), np.abs(across)) * 2
    bands = np.minimum((radius * BANDS).astype(np.int64), BANDS - 1).ravel()
    members = np.eye(BANDS)[bands]
    return np.asarray(members / np.maximum(1, members.sum(axis=0)))

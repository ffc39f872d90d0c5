"""By reference: an image takes over the looks of one of the target domain."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (h, w, c)
AMPLITUDE = 0.1  # half side of the square of frequencies swapped, per side of the image


@dataclass(frozen=True, eq=False)
class ByReference:
    """Changes each image by a randomly drawn one of its target domain.

    Attributes:
        images: (n, h, w, c) uint8 images to draw references from.
        domains: (n,) their domains; −1 for unknown ones, which are never drawn.
        change: function (image, reference) → image of the same shape.
    """

    images: NDArray[np.uint8]
    domains: NDArray[np.int64]
    change: Callable[[Image, Image], Image]

    def carry(
        self,
        images: NDArray[np.uint8],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> NDArray[np.uint8]:
        """Carry each image into its target domain.

        Args:
            images: (n, h, w, c) uint8.
            sources: (n,) their domains, which do not matter here.
            targets: (n,) target domains, each with an image to refer to.
            rng: generator of the references.
        """
        own = {int(t): np.flatnonzero(self.domains == t) for t in np.unique(targets)}
        carried = images.copy()
        for i, target in enumerate(targets):
            reference = self.images[rng.choice(own[int(target)])]
            carried[i] = self.change(images[i], reference)
        return carried


def swap_statistics(image: Image, reference: Image) -> Image:
    """Give each channel the mean and standard deviation of the reference's.

    Example:
        >>> bright = np.array([[[100], [104]]], np.uint8)
        >>> swap_statistics(np.array([[[1], [3]]], np.uint8), bright).ravel().tolist()
        [100, 104]
    """
    x, y = image.astype(np.float32), reference.astype(np.float32)
    mean, spread = x.mean(axis=(0, 1)), x.std(axis=(0, 1))
    scaled = (x - mean) / np.maximum(spread, 1) * y.std(axis=(0, 1))
    return _to_bytes(scaled + y.mean(axis=(0, 1)))


def match_histogram(image: Image, reference: Image) -> Image:
    """Give each channel the reference's distribution of values.

    Example:
        >>> ramp = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
        >>> bool((match_histogram(ramp, ramp + 100) == ramp + 100).all())
        True
    """
    host = _import_albumentations()
    change = host.HistogramMatching(blend_ratio=(1, 1), metadata_key="references", p=1)
    return _apply(change, image, reference)


def swap_amplitude(image: Image, reference: Image) -> Image:
    """Take over the reference's amplitudes of low frequencies, and keep the phases.

    Yang and Soatto, "FDA: Fourier Domain Adaptation" (2020).

    Example:
        >>> flat = np.full((20, 20, 1), 50, np.uint8)
        >>> int(swap_amplitude(flat, flat + 100).mean())
        150
    """
    host = _import_albumentations()
    change = host.FDA(beta_limit=(AMPLITUDE, AMPLITUDE), metadata_key="references", p=1)
    return _apply(change, image, reference)


def _apply(change: Any, image: Image, reference: Image) -> Image:
    found: Image = change(image=image, references=[reference])["image"]
    return found.reshape(image.shape)


@cache
def _import_albumentations() -> Any:
    """Import albumentations without its search for a newer release."""
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    import albumentations

    return albumentations


def _to_bytes(values: NDArray[np.float32]) -> Image:
    return np.asarray(values.round().clip(0, 255), np.uint8)

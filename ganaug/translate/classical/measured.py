"""By measure: an image is moved, scaled and relit as was measured of the domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.translate.classical.references import ByReference, match_histogram
from ganaug.translate.networks.first_guess import move_images, relight_images
from ganaug.translate.start.frames import are_alike, fit_frames, relate_frames
from ganaug.translate.start.lights import are_nearer, fit_lights, relate_lights


@dataclass(frozen=True, eq=False)
class ByMeasure:
    """Gives objects the place, the size and the light that the target domain shows.

    It is what a translator begins with, applied without a network.

    Attributes:
        frames: (d, 4) frame of each domain; None where nothing is to be moved.
        lights: (d, 3c) light of each domain; None where nothing is to be relit.
        then: carrier that changes the look afterwards, or None.
    """

    frames: Tensor | None
    lights: Tensor | None
    then: ByReference | None = None

    def carry(
        self,
        images: NDArray[np.uint8],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> NDArray[np.uint8]:
        """Carry each image from its domain into its target domain.

        Args:
            images: (n, h, w, c) uint8.
            sources: (n,) their domains; images of unknown ones (−1) are not moved.
            targets: (n,) target domains.
            rng: generator of what comes afterwards.
        """
        x, known = _to_signal(images), torch.from_numpy(sources >= 0)[:, None]
        if self.frames is not None:
            change = relate_frames(self.frames[sources], self.frames[targets])
            x = move_images(x, change * known)
        if self.lights is not None:
            change = relate_lights(self.lights[sources], self.lights[targets])
            x = relight_images(x, change * known)
        moved = _to_bytes(x)
        if self.then is None:
            return moved
        return self.then.carry(moved, sources, targets, rng)


def fit_first_guess(data: LabelledImages) -> ByMeasure:
    """Fit frames and lights, each only where it makes the images of a class alike.

    Example:
        >>> x = np.zeros((4, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(
        ...     x, np.array([0, 1, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 0, 1, 1]), domain_names=("near", "far"),
        ... )
        >>> fit_first_guess(data).frames is None  # nothing stands out of black images
        True
    """
    assert data.domains is not None, "carriers are fitted to images with domains"
    x = _to_signal(data.images)
    frames = fit_frames(x, data.labels, data.domains)
    lights = fit_lights(x, data.labels, data.domains)
    return ByMeasure(
        frames if are_alike(x, data.labels, data.domains, frames) else None,
        lights if are_nearer(x, data.labels, data.domains, lights) else None,
    )


def fit_frame_and_histogram(data: LabelledImages) -> ByMeasure:
    """Fit frames; histograms are matched after images were moved."""
    assert data.domains is not None, "carriers are fitted to images with domains"
    then = ByReference(data.images, data.domains, match_histogram)
    return ByMeasure(fit_first_guess(data).frames, None, then)


def _to_signal(images: NDArray[np.uint8]) -> Tensor:
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return x.float().div(127.5).sub(1)


def _to_bytes(x: Tensor) -> NDArray[np.uint8]:
    values = x.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(values.permute(0, 2, 3, 1).numpy())

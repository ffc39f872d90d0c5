"""By frame: an image is moved and scaled to what its target domain shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.translate.classical.references import ByReference, match_histogram
from ganaug.translate.framing import are_alike, fit_frames, relate_frames
from ganaug.translate.networks.generator import move_images


@dataclass(frozen=True, eq=False)
class ByFrame:
    """Gives objects the place and size that they have in the target domain.

    It is what a translator's framing begins with, without a network.

    Attributes:
        frames: (d, 4) frame of each domain, see `fit_frames`; None where frames make
            the images of a class no more alike: then nothing moves.
        then: carrier that changes the look afterwards, or None.
    """

    frames: Tensor | None
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
        moved = images if self.frames is None else self._move(images, sources, targets)
        if self.then is None:
            return moved
        return self.then.carry(moved, sources, targets, rng)

    def _move(
        self,
        images: NDArray[np.uint8],
        sources: NDArray[np.int64],
        targets: NDArray[np.int64],
    ) -> NDArray[np.uint8]:
        assert self.frames is not None, "frames were fitted"
        change = relate_frames(self.frames[sources], self.frames[targets])
        change[torch.from_numpy(sources < 0)] = 0
        moved = move_images(_to_signal(images), change)
        values = moved.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
        return np.ascontiguousarray(values.permute(0, 2, 3, 1).numpy())


def fit_frame(data: LabelledImages) -> ByFrame:
    """Fit the frames of domains alone.

    Example:
        >>> x = np.zeros((4, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(
        ...     x, np.array([0, 1, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 0, 1, 1]), domain_names=("near", "far"),
        ... )
        >>> fit_frame(data).frames is None  # nothing stands out of black images
        True
    """
    assert data.domains is not None, "carriers are fitted to images with domains"
    x = _to_signal(data.images)
    frames = fit_frames(x, data.labels, data.domains)
    return ByFrame(frames if are_alike(x, data.labels, data.domains, frames) else None)


def fit_frame_and_histogram(data: LabelledImages) -> ByFrame:
    """Fit the frames of domains; histograms are matched after images were moved."""
    assert data.domains is not None, "carriers are fitted to images with domains"
    then = ByReference(data.images, data.domains, match_histogram)
    return ByFrame(fit_frame(data).frames, then)


def _to_signal(images: NDArray[np.uint8]) -> Tensor:
    x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return x.float().div(127.5).sub(1)

"""Spans: the grey levels that networks see as -1 to 1, and conversion both ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.limits.pixel_storage import chunk_rows

NARROWEST_SPAN = 32.0  # grey levels, so that noise in a flat channel is not blown up


@dataclass(frozen=True)
class Span:
    """Grey levels that become -1 and 1 in the networks, one pair per channel.

    Pale images use a small part of 0…255. Without stretching, the differences between
    them are small beside the augmentation's changes of brightness, and the
    discriminator overlooks them. With it, every image set fills the same range.

    Attributes:
        middle: (c,) grey level that becomes 0.
        half: (c,) distance in grey levels from `middle` to the level that becomes 1.

    Example:
        >>> full_span(1).to_signal(torch.zeros(1, 4, 4, 1)).min().item()
        -1.0
    """

    middle: Tensor
    half: Tensor

    def to(self, device: torch.device) -> Span:
        """Return a copy on a device."""
        return Span(self.middle.to(device), self.half.to(device))

    def to_signal(self, images: Tensor) -> Tensor:
        """Turn uint8 (n, h, w, c) into float32 (n, c, h, w), channels last in memory.

        Grey levels outside the span become -1 or 1.
        """
        x = images.float().sub_(self.middle).div_(self.half).clamp_(-1, 1)
        return x.permute(0, 3, 1, 2)

    def to_pixels(self, x: Tensor) -> Tensor:
        """Turn float (n, c, h, w), clipped to [-1, 1], into uint8 (n, h, w, c)."""
        x = x.float().permute(0, 2, 3, 1).clamp(-1, 1).mul(self.half)
        x = x.add_(self.middle + 0.5).clamp_(0, 255)
        return x.to(torch.uint8).contiguous()

    def to_lists(self) -> list[list[float]]:
        """Return the lowest and the highest grey level of each channel, for a file."""
        low, high = self.middle - self.half, self.middle + self.half
        return [low.tolist(), high.tolist()]


def make_span(low: Sequence[float], high: Sequence[float]) -> Span:
    """Make the span from `low` to `high`, grey levels per channel."""
    ends = torch.tensor([low, high], dtype=torch.float32)
    return Span(ends.mean(dim=0), (ends[1] - ends[0]) / 2)


def read_span(pair: list[list[float]] | None, channels: int) -> Span:
    """Read what `to_lists` gave; files of the first version have none and use 0…255.

    Raises:
        ValueError: it is no span of that many channels.
    """
    if pair is None:
        return full_span(channels)
    ends = np.array(pair, np.float64)
    if ends.shape != (2, channels) or not np.isfinite(ends).all():
        raise ValueError("its span of grey levels has another form")
    if (np.abs(ends) > 1e4).any() or (ends[0] >= ends[1]).any():
        raise ValueError("its span of grey levels is not possible")
    return make_span(*pair)


def full_span(channels: int) -> Span:
    """Make the span 0…255 for every channel."""
    return make_span([0.0] * channels, [255.0] * channels)


def measure_span(
    images: NDArray[np.uint8],
    cut: float | None,
    *,
    rows: NDArray[np.int64] | None = None,
) -> Span:
    """Measure the span of a set, which leaves out the darkest and brightest values.

    Args:
        images: (n, h, w, c) uint8.
        cut: share of a channel's values omitted at either end, or None for 0…255.
        rows: (m,) indices of the images that count, None for all of them.

    Example:
        >>> pale = np.linspace(100, 200, 64, dtype=np.uint8).reshape(1, 8, 8, 1)
        >>> measure_span(pale, 0.0).to_lists()
        [[100.0], [200.0]]
    """
    channels = images.shape[3]
    if cut is None:
        return full_span(channels)
    counts = np.zeros((channels, 256), np.int64)
    for part in chunk_rows(len(images) if rows is None else len(rows)):
        some = images[part] if rows is None else images[rows[part]]
        for c in range(channels):
            counts[c] += np.bincount(some[..., c].reshape(-1), minlength=256)
    return make_span(*zip(*(_cut_histogram(n, cut) for n in counts), strict=True))


def _cut_histogram(counts: NDArray[np.int64], cut: float) -> tuple[float, float]:
    """Return the lowest and highest grey level, without a share `cut` at either end."""
    share = np.cumsum(counts) / counts.sum()
    low = float(np.searchsorted(share, cut, side="right"))
    high = float(np.searchsorted(share, 1 - cut))
    missing = max(0.0, NARROWEST_SPAN - (high - low)) / 2
    return low - missing, high + missing

"""Classical augmentation of a batch: random shifts, label-safe mirroring, cutout."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SHIFT = 0.125  # largest shift, as a share of each side
CUTOUT = 0.4  # side of the square that cutout blanks, as a share of each side


@dataclass(frozen=True)
class Augmentation:
    """What may be done to an image without changing its label.

    Attributes:
        shift: moves by up to an eighth of each side, edges repeated.
        hflip: left-right mirroring of every second image.
        vflip: up-down mirroring of every second image.
        cutout: a grey square over a part of the image.
    """

    shift: bool = True
    hflip: bool = False
    vflip: bool = False
    cutout: bool = False


def augment_batch(
    images: Tensor, augmentation: Augmentation, generator: torch.Generator
) -> Tensor:
    """Augmented images; each is drawn for on its own.

    Args:
        images: (n, h, w, c) uint8.
        augmentation: which changes are allowed.
        generator: the only source of randomness, on the CPU.

    Returns:
        (n, h, w, c) uint8.

    Example:
        >>> x = torch.zeros(2, 8, 8, 1, dtype=torch.uint8)
        >>> augment_batch(x, Augmentation(), torch.Generator()).shape
        torch.Size([2, 8, 8, 1])
    """
    n, height, width, _ = images.shape
    rows = _draw_positions(n, height, augmentation.shift, augmentation.vflip, generator)
    columns = _draw_positions(
        n, width, augmentation.shift, augmentation.hflip, generator
    )
    device = images.device
    each = torch.arange(n, device=device)[:, None, None]
    images = images[each, rows.to(device)[:, :, None], columns.to(device)[:, None, :]]
    if augmentation.cutout:
        covered = _draw_squares(n, height, width, generator).to(device)
        images = images.masked_fill(covered[:, :, :, None], 128)
    return images


def _draw_positions(
    n: int, side: int, shift: bool, flip: bool, generator: torch.Generator
) -> Tensor:
    """(n, side) int64: where each row or column of the result comes from."""
    reach = round(side * SHIFT) if shift else 0
    offsets = torch.randint(-reach, reach + 1, (n, 1), generator=generator)
    positions = (torch.arange(side) + offsets).clamp(0, side - 1)
    mirrored = torch.rand(n, 1, generator=generator) < (0.5 if flip else 0.0)
    return torch.where(mirrored, positions.flip(1), positions)


def _draw_squares(
    n: int, height: int, width: int, generator: torch.Generator
) -> Tensor:
    """(n, h, w) bool: where the square lies."""
    inside = []
    for side in (height, width):
        centres = torch.rand(n, 1, generator=generator) * side
        inside.append((torch.arange(side) + 0.5 - centres).abs() < CUTOUT * side / 2)
    return inside[0][:, :, None] & inside[1][:, None, :]

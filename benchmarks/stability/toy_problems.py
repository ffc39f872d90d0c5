"""Points around known modes: 25 on a grid and 8 on a ring, and the counting of modes.

Both are of Srivastava et al., "VEEGAN" (2017), section 4.1, and Lin et al., "PacGAN"
(2018), section 4.1, scaled to [-1, 1]. A sample is of high quality within three
standard deviations of a mode, as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from ganaug import load_images

PIXELS = 64  # pixels of a digit
NEAR = 3.0  # standard deviations
LEAST = 0.3  # part of its fair share of samples, all good, that makes a mode found


@dataclass(frozen=True, eq=False)
class Mixture:
    """Equal round Gaussians.

    Attributes:
        centres: (modes, 2) means of the Gaussians.
        std: standard deviation of each, in each direction.
        steps: steps of D in a run.
    """

    centres: Tensor
    std: float
    steps: int

    def sample(self, n: int, random: torch.Generator) -> Tensor:
        """Draw real points (n, 2)."""
        mode = torch.randint(len(self.centres), (n,), generator=random)
        return self.centres[mode] + self.std * torch.randn(n, 2, generator=random)


class Count(NamedTuple):
    """Number of modes found, and share of samples of high quality."""

    modes: int
    quality: float


def count_modes(points: Tensor, mixture: Mixture) -> Count:
    """Count the modes that have their share of the points (n, 2).

    If one sample were enough, as in those papers, noise would find most of the grid.

    Example:
        >>> mixture = Mixture(torch.tensor([[0.0, 0.0], [1.0, 0.0]]), 0.1, 0)
        >>> count_modes(torch.tensor([[0.0, 0.2], [0.6, 0.0]]), mixture)
        Count(modes=1, quality=0.5)
    """
    distance, nearest = torch.cdist(points, mixture.centres).min(dim=1)
    good = distance <= NEAR * mixture.std
    each = torch.bincount(nearest[good], minlength=len(mixture.centres))
    return Count(
        int((each >= LEAST * len(points) / len(each)).sum()), float(good.float().mean())
    )


def draw_noise(mixture: Mixture, n: int, random: torch.Generator) -> Tensor:
    """Draw points (n, 2), uniform on the square around the modes and their width."""
    edge = float(mixture.centres.abs().max()) + NEAR * mixture.std
    return edge * (2 * torch.rand(n, 2, generator=random) - 1)


def draw_digits(n: int, random: torch.Generator) -> Tensor:
    """Draw scikit-learn's digits (n, PIXELS), in [-1, 1]."""
    digits = _load_digits()
    return digits[torch.randint(len(digits), (n,), generator=random)]


@cache
def _load_digits() -> Tensor:
    images = load_images("digits").images
    return torch.from_numpy(images).flatten(1).float() / 127.5 - 1


def _grid(side: int) -> Tensor:
    line = torch.linspace(-1, 1, side)
    return torch.cartesian_prod(line, line)


def _ring(modes: int) -> Tensor:
    angle = 2 * math.pi * torch.arange(modes) / modes
    return torch.stack([angle.cos(), angle.sin()], dim=1)


MIXTURES = {
    "grid": Mixture(_grid(5), 0.04, 10_000),
    "ring": Mixture(_ring(8), 0.02, 4_000),
}

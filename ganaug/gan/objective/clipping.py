"""Weight clipping: limits a discriminator's weights after each of its updates."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn


def make_clip(most: float) -> Callable[[nn.Module], None]:
    """Return a function that clips a network's weights to [-most, most], in place.

    Arjovsky et al., "Wasserstein GAN" (2017), algorithm 1.

    Example:
        >>> layer = nn.Linear(8, 8)
        >>> make_clip(0.01)(layer)
        >>> bool(layer.weight.abs().max() <= 0.01)
        True
    """

    @torch.no_grad()
    def clip(network: nn.Module) -> None:
        weights: list[torch.Tensor] = list(network.parameters())
        torch._foreach_clamp_min_(weights, -most)
        torch._foreach_clamp_max_(weights, most)

    return clip


def leave(network: nn.Module) -> None:
    """Do nothing: for training without clipping."""

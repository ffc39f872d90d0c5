"""Minibatch standard deviation, which shows D how much the images of a group differ."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

VARIANCE_FLOOR = 1e-8


def build_spread(group: int | None) -> tuple[nn.Module, int]:
    """Build the layer for groups of this size; return it and the channels it adds."""
    return (nn.Identity(), 0) if group is None else (MinibatchStd(group), 1)


class MinibatchStd(nn.Module):
    """Features (n, c, h, w) → (n, c + 1, h, w), the last channel constant per group.

    That channel is the standard deviation of each feature over the group, averaged over
    features and places: Karras et al., "Progressive Growing of GANs" (2018), section 3.

    Args:
        group: number of images compared with each other, side by side in the batch; if
            it does not divide the batch, the largest common divisor is used.

    Example:
        >>> MinibatchStd(4)(torch.zeros(8, 16, 4, 4)).shape
        torch.Size([8, 17, 4, 4])
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        group = math.gcd(n, self.group)
        groups = x.float().reshape(n // group, group, c, h, w)
        spread = (groups.var(dim=1, correction=0) + VARIANCE_FLOOR).sqrt()
        level = spread.mean(dim=(1, 2, 3)).repeat_interleave(group).to(x)
        return torch.cat([x, level[:, None, None, None].expand(n, 1, h, w)], dim=1)

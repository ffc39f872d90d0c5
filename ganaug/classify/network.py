"""A small residual network that classifies images of any size on a CPU."""

from __future__ import annotations

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganaug import engine

GRID = 20  # pixels; the stem halves the longest side until it is at most this
STRIDES = 2  # halvings by strided convolutions; further ones average


def build_classifier(
    size: tuple[int, int],
    channels: int,
    n_classes: int,
    *,
    width: int = 32,
    seed: int = 0,
) -> nn.Sequential:
    """Build a residual network of three stages; all but its `head` gives the features.

    Args:
        size: (height, width) of the images; it sets how far the stem reduces them.
        channels: channels of the images.
        n_classes: number of logits.
        width: channels of the first stage; the later ones have 2 and 4 times as many.
        seed: seed of the weights; the global generator is not changed.

    Returns:
        (n, c, h, w) float in [−1, 1] → (n, n_classes) logits.

    Example:
        >>> network = build_classifier((28, 28), 1, 10)
        >>> network(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """
    with engine.seeded(seed):
        network = nn.Sequential(
            OrderedDict[str, nn.Module](
                stem=_build_stem(max(size), channels, width),
                stage1=Residual(width, width, 1),
                stage2=Residual(width, 2 * width, 2),
                stage3=Residual(2 * width, 4 * width, 2),
                norm=nn.BatchNorm2d(4 * width),
                relu=nn.ReLU(),
                pool=PoolMeanMax(),
                head=nn.Linear(8 * width, n_classes),
            )
        )
    return network.to(memory_format=torch.channels_last)


def _build_stem(longest: int, channels: int, width: int) -> nn.Sequential:
    halvings = 0
    while longest > GRID << halvings:
        halvings += 1
    strides = min(halvings, STRIDES)
    layers: list[nn.Module] = []
    if halvings > strides:
        layers.append(nn.AvgPool2d(2 ** (halvings - strides), ceil_mode=True))
    if strides == STRIDES:
        layers.append(nn.Conv2d(channels, width // 2, 3, 2, 1))
        layers.append(nn.ReLU())
        channels = width // 2
    layers.append(nn.Conv2d(channels, width, 3, 2 if strides else 1, 1, bias=False))
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """Norm, activation and convolution twice, added to a shortcut (He et al., 2016).

    Example:
        >>> Residual(8, 16, 2)(torch.zeros(1, 8, 8, 8)).shape
        torch.Size([1, 16, 4, 4])
    """

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.shortcut = (
            nn.Identity()
            if (before, stride) == (after, 1)
            else nn.Conv2d(before, after, 1, stride, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(x))
        shortcut = x if isinstance(self.shortcut, nn.Identity) else self.shortcut(y)
        y = self.conv2(F.relu(self.norm2(self.conv1(y))))
        return torch.add(y, shortcut)


class PoolMeanMax(nn.Module):
    """Mean and maximum over the grid, side by side.

    Example:
        >>> PoolMeanMax()(torch.zeros(2, 8, 4, 4)).shape
        torch.Size([2, 16])
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)

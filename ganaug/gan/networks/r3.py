"""The `r3` pair: residual, without normalisation layers, for any grid.

After Huang et al., "The GAN is dead; long live the GAN! A Modern GAN Baseline"
(R3GAN, NeurIPS 2024): inverted bottlenecks with grouped 3×3 convolutions and leaky
ReLU. The last convolution of a block starts at zero, the others are scaled by L^(-1/4).
Sizes change by interpolation, separate from the convolutions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.conditioners import ConditionSet
from ganaug.gan.networks.embedding import (
    LEAKY_SLOPE,
    Discriminator,
    Generator,
    GridInput,
    ProjectionHead,
)
from ganaug.gan.networks.minibatch_std import build_spread
from ganaug.gan.networks.stages import Size

GROUP_CHANNELS = 16  # channels in a group of the 3×3 convolution
EXPANSION = 2  # inner channels of a block for each outer one


class R3Generator(Generator):
    """z (n, latent) and a condition → images (n, channels, h, w), roughly in [-1, 1].

    Args:
        sizes: (h, w) of each stage's grid, smallest first (see `stage_sizes`).
        widths: feature channels of each stage.
        first: module that makes the first stage's grid from z and an embedding.
        channels: channels of the image.
        depth: residual blocks per stage.
        size: (h, w) of the image. If it is not the last stage's grid, a strided
            convolution doubles that grid to it; this saves features at full resolution,
            which are most of the cost.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        widths: Sequence[int],
        *,
        first: GridInput,
        channels: int,
        depth: int,
        size: Size,
    ) -> None:
        super().__init__()
        blocks = depth * len(sizes)
        self.size = size
        self.input = first
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width, blocks) for _ in range(depth)))
            for width in widths
        )
        self.narrow = nn.ModuleList(
            _conv(before, after, 1) for before, after in pairwise(widths)
        )
        self.sizes = tuple(sizes)
        self.to_image = (
            _conv(widths[-1], channels, 1, bias=True)
            if size == sizes[-1]
            else nn.ConvTranspose2d(widths[-1], channels, 4, stride=2, padding=1)
        )

    def embed(self, condition: Tensor) -> Tensor:
        return self.input.embed(condition)

    def forward(self, z: Tensor, embedding: Tensor) -> Tensor:
        x = self.stages[0](self.input(z, embedding))
        for stage, narrow, size in zip(
            self.stages[1:], self.narrow, self.sizes[1:], strict=True
        ):
            x = F.interpolate(narrow(x), size=size, mode="bilinear")
            x = stage(x)
        image: Tensor = self.to_image(x)
        return image[:, :, : self.size[0], : self.size[1]]


class R3Discriminator(Discriminator):
    """Images (n, channels, h, w) and a condition → one logit per image (n,).

    Args:
        sizes, widths, channels, depth, size: the generator's.
        classes: number of classes, 0 for none; or captions.
        batch_std: number of images whose standard deviation the head sees; None for no
            such feature.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        widths: Sequence[int],
        *,
        channels: int,
        classes: ConditionSet,
        depth: int,
        size: Size,
        batch_std: int | None = None,
    ) -> None:
        super().__init__()
        blocks = depth * len(sizes)
        down = list(reversed(widths))
        self.from_image = (
            _conv(channels, down[0], 1, bias=True)
            if size == sizes[-1]
            else nn.Conv2d(channels, down[0], 4, stride=2, padding=1)
        )
        # round odd sides up before the strided convolution, as the stages' grids are
        self.border = (0, 0) if size == sizes[-1] else (size[1] % 2, size[0] % 2)
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width, blocks) for _ in range(depth)))
            for width in down
        )
        self.widen = nn.ModuleList(
            _conv(before, after, 1) for before, after in pairwise(down)
        )
        self.spread, further = build_spread(batch_std)
        self.head = ProjectionHead(down[-1] + further, sizes[0], classes, down[-1])

    def judge(
        self, x: Tensor, y: Tensor, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        if any(self.border):
            x = F.pad(x, (0, self.border[0], 0, self.border[1]))
        x = self.stages[0](self.from_image(x))
        for stage, widen in zip(self.stages[1:], self.widen, strict=True):
            x = widen(F.avg_pool2d(x, 2, ceil_mode=True))
            x = stage(x)
        judged: tuple[Tensor, Tensor] = self.head(self.spread(x), y, class_weight)
        return judged


class Block(nn.Module):
    """x + W₃ φ(W₂ φ(W₁ x)): 1×1 up, grouped 3×3, 1×1 down; R3GAN, figure 5."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        inner = width * EXPANSION
        gain = blocks**-0.25
        self.expand = _conv(width, inner, 1, bias=True, gain=gain * _lrelu_gain())
        self.mix = _conv(
            inner,
            inner,
            3,
            bias=True,
            gain=gain * _lrelu_gain(),
            groups=inner // GROUP_CHANNELS,
        )
        self.reduce = _conv(inner, width, 1, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        # in place: a convolution's backward does not need its own output
        h = F.leaky_relu(self.expand(x), LEAKY_SLOPE, inplace=True)
        h = F.leaky_relu(self.mix(h), LEAKY_SLOPE, inplace=True)
        change: Tensor = self.reduce(h)
        return x + change


def _conv(
    before: int,
    after: int,
    kernel: int,
    *,
    bias: bool = False,
    gain: float = 1.0,
    groups: int = 1,
) -> nn.Conv2d:
    layer = nn.Conv2d(
        before, after, kernel, padding=kernel // 2, bias=bias, groups=groups
    )
    fan_in = before // groups * kernel**2
    with torch.no_grad():
        layer.weight.normal_().mul_(gain / math.sqrt(fan_in))
        if layer.bias is not None:
            layer.bias.zero_()
    return layer


def _lrelu_gain() -> float:
    return math.sqrt(2 / (1 + LEAKY_SLOPE**2))

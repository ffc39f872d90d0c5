"""The `dcgan` pair: transposed convolutions up, strided convolutions down.

Radford et al., "Unsupervised Representation Learning with Deep Convolutional GANs"
(2016), figure 1: at 64×64 RGB and width 128 a fully connected 4×4×1024, then 512, 256,
128 and 3 channels with 4×4 kernels and stride 2. Other sizes have more or fewer stages;
where doubling gives a row or column too many, it is cropped.

Weights start as in He et al. (2015) rather than as N(0, 0.02²): without batch norm, the
paper's small weights leave the discriminator almost no gradient.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.errors import ConfigError
from ganaug.gan.field_names import parse_names
from ganaug.gan.inputs.conditioners import ConditionSet
from ganaug.gan.networks.embedding import (
    Discriminator,
    Generator,
    GridInput,
    ProjectionHead,
)
from ganaug.gan.networks.minibatch_std import build_spread
from ganaug.gan.networks.spectral_norm import normalise_spectrally
from ganaug.gan.networks.stages import Size, stage_sizes

NORMS = ("batch", "spectral")


class DCGANGenerator(Generator):
    """z (n, latent) and a condition → images (n, channels, h, w) in (-1, 1).

    Args:
        sizes: (h, w) of each stage's grid, smallest first (see `stage_sizes`).
        widths: feature channels of each grid but the last (see `double_widths`).
        first: module that makes the first grid from z and an embedding.
        channels: channels of the image.
        norm: names in NORMS, separated by commas; None for no normalisation.
        slope: slope of the leaky ReLU below 0; 0 is the plain ReLU of the paper.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        widths: Sequence[int],
        *,
        first: GridInput,
        channels: int,
        norm: str | None,
        slope: float,
    ) -> None:
        super().__init__()
        norms = parse_names("norm", norm, NORMS)
        self.sizes, self.slope = tuple(sizes), slope
        self.input = first
        self.norms = nn.ModuleList(
            nn.BatchNorm2d(c) if "batch" in norms else nn.Identity() for c in widths
        )
        self.up = nn.ModuleList(
            _up(before, after)
            for before, after in zip(widths, [*widths[1:], channels], strict=True)
        )
        if "spectral" in norms:
            normalise_spectrally(self)

    def embed(self, condition: Tensor) -> Tensor:
        return self.input.embed(condition)

    def forward(self, z: Tensor, embedding: Tensor) -> Tensor:
        x = self.input(z, embedding)
        for layer, norm, (h, w) in zip(
            self.up, self.norms, self.sizes[1:], strict=True
        ):
            # not in place: without batch norm, the layer before still needs x
            x = layer(F.leaky_relu(norm(x), self.slope))[:, :, :h, :w]
        return torch.tanh(x)


def double_widths(sizes: Sequence[Size], width: int) -> list[int]:
    """Return the channels of each grid but the last, doubled towards the first one.

    Raises:
        ConfigError: the last grid is too small.

    Example:
        >>> double_widths([(4, 4), (8, 8), (16, 16)], 64)
        [128, 64]
    """
    check_size(sizes[-1])
    ups = len(sizes) - 1
    return [width * 2 ** (ups - 1 - k) for k in range(ups)]


class DCGANDiscriminator(Discriminator):
    """Images (n, channels, h, w) and a condition → one logit each (n,), at every size.

    Strided 4×4 convolutions to `width`, 2·`width`, 4·`width`, … go down to a grid of
    at most 8×8. One more gives features, which a head turns into exactly one logit,
    whatever the grid's size. Batch norm, after every convolution but the first, makes a
    logit depend on the other images of its batch, which gradient penalties do not
    allow.

    Args:
        sizes, channels: the generator's.
        classes: number of classes, 0 for none; or captions.
        width: channels after the first convolution.
        norm: `batch`, or `spectral`, which applies to the head too; None for neither.
        slope: slope of the leaky ReLU below 0; 0 is the plain ReLU.
        batch_std: number of images whose standard deviation the head sees; None for no
            such feature.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        *,
        channels: int,
        classes: ConditionSet,
        width: int,
        norm: str | None,
        slope: float,
        batch_std: int | None = None,
    ) -> None:
        super().__init__()
        check_size(sizes[-1])
        norms = parse_names("norm_d", norm, NORMS)
        self.slope = slope
        downs = _count_downs(sizes[-1])
        widths = [channels] + [width * 2**k for k in range(downs)]
        self.down = nn.ModuleList(
            _down(before, after) for before, after in pairwise(widths)
        )
        self.last = _down(widths[-1], 2 * widths[-1])
        self.norms = nn.ModuleList(
            nn.BatchNorm2d(c) if "batch" in norms else nn.Identity()
            for c in (*widths[2:], 2 * widths[-1])
        )
        grid, last = _after(sizes[-1], downs + 1), 2 * widths[-1]
        self.spread, further = build_spread(batch_std)
        self.head = ProjectionHead(last + further, grid, classes, last, slope=slope)
        if "spectral" in norms:
            normalise_spectrally(self)

    def judge(
        self, x: Tensor, y: Tensor, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        layers = (*self.down, self.last)
        for layer, norm in zip(layers, (nn.Identity(), *self.norms), strict=True):
            # in place: no backward needs the output of a convolution or norm
            x = F.leaky_relu(norm(layer(x)), self.slope, inplace=True)
        judged: tuple[Tensor, Tensor] = self.head(self.spread(x), y, class_weight)
        return judged


def _count_downs(size: Size) -> int:
    downs = 1
    while min(_after(size, downs)) > 8:
        downs += 1
    return downs


def check_size(size: Size) -> None:
    """Raise ConfigError for images (height, width) that are too small."""
    h, w = size
    if len(stage_sizes(h, w)) < 2 or min(h, w) < 4:
        raise ConfigError(
            f"network=dcgan needs images of at least 8×8, not {h}×{w}; use network=r3"
        )


def _after(size: Size, downs: int) -> Size:
    h, w = size
    for _ in range(downs):
        h, w = h // 2, w // 2
    return h, w


def _up(before: int, after: int) -> nn.ConvTranspose2d:
    layer = nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)
    _start(layer, before * 4)  # each output pixel sums 2×2 of the 4×4 weights
    return layer


def _down(before: int, after: int) -> nn.Conv2d:
    layer = nn.Conv2d(before, after, 4, stride=2, padding=1)
    _start(layer, before * 16)
    return layer


def _start(layer: nn.Conv2d | nn.ConvTranspose2d, fan_in: int) -> None:
    """Draw weights from N(0, 2/fan_in), He et al. (2015), equation 10."""
    nn.init.normal_(layer.weight, 0.0, math.sqrt(2 / fan_in))
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)

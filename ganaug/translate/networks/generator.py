"""The translator's generator: an image, a target domain and z → the image there.

Features work at a reduced resolution: pixels of a square are joined as channels (Shi et
al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
Convolutional Neural Network", 2016), which costs a quarter or a sixteenth. The target
domain and z enter as scale and shift of normalised features (Huang and Belongie,
"Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", 2017). The
network does not know the class, so what it learns from one class holds for another.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STYLE = 32  # numbers that describe the look that is wanted
GROUPS = 1  # of channels that are normalised together; one is five times faster
FIRST_STYLE = 0.5  # factor on first weights: domains begin alike, and z counts little
FIRST_CHANGE = 0.1  # factor on first weights: images begin almost unchanged


class DomainGenerator(nn.Module):
    """Images (n, c, h, w), domains (n,) and z (n, latent) → images (n, c, h, w).

    Any height and width works.

    Args:
        channels: channels of the images.
        domains: number of domains.
        latent: size of z.
        features: channels of the features.
        blocks: number of residual blocks.
        step: pixels along a side that are joined into one place of the features.
        first: module of (images, style) that makes a first guess, if any.
        position: factor of the coordinates that the network sees beside the pixels.
            Light from one side, or a vignette, depends on them.

    Example:
        >>> network = DomainGenerator(1, domains=3, latent=4, features=8)
        >>> x = torch.zeros(2, 1, 9, 7)
        >>> network(x, torch.tensor([0, 2]), torch.zeros(2, 4)).shape
        torch.Size([2, 1, 9, 7])
    """

    def __init__(
        self,
        channels: int,
        *,
        domains: int,
        latent: int,
        features: int,
        blocks: int = 4,
        step: int = 2,
        first: nn.Module | None = None,
        position: float = 1.0,
    ) -> None:
        super().__init__()
        self.first = first
        self.step, self.position, joined = step, position, channels * step**2
        self.domain = nn.Embedding(domains, STYLE)
        self.z = nn.Linear(latent, STYLE)
        self.stem = nn.Conv2d(joined + 2, features, 3, padding=1)
        self.blocks = nn.ModuleList(StyledBlock(features) for _ in range(blocks))
        self.norm = StyledNorm(features)
        self.out = nn.Conv2d(features, joined, 3, padding=1)
        with torch.no_grad():
            self.z.weight.mul_(FIRST_STYLE)
            self.out.weight.mul_(FIRST_CHANGE).copy_(spread_kernels(self.out, step))
            assert self.out.bias is not None
            self.out.bias.zero_()

    def forward(self, x: Tensor, domain: Tensor, z: Tensor) -> Tensor:
        """Carry each image into its domain."""
        h, w = x.shape[2:]
        style = self.style(domain, z)
        if self.first is not None:
            x = self.first(x, style)
        padded = pad_to_multiple(x, self.step)
        joined = F.pixel_unshuffle(padded, self.step)
        features = self.stem(torch.cat([joined, self._locate(joined)], dim=1))
        for block in self.blocks:
            features = block(features, style)
        change = self.out(F.relu(self.norm(features, style)))
        changed: Tensor = padded + F.pixel_shuffle(change, self.step)
        return changed[:, :, :h, :w]

    def style(self, domain: Tensor, z: Tensor) -> Tensor:
        """Return what the layers get of domains (n,) and z (n, latent)."""
        wanted: Tensor = self.domain(domain) + self.z(z)
        return wanted

    def _locate(self, x: Tensor) -> Tensor:
        """Return y and x in [-1, 1] of each place, (n, 2, h, w), times `position`."""
        n, _, h, w = x.shape
        y, x_ = (torch.linspace(-1, 1, side, device=x.device) for side in (h, w))
        places = torch.stack(torch.meshgrid(y, x_, indexing="ij")) * self.position
        return places.to(x).expand(n, 2, h, w)


def spread_kernels(layer: nn.Conv2d, step: int) -> Tensor:
    """Return weights in which all pixels of a place have the same kernel.

    With other kernels for each, every place begins with the same small pattern, and a
    trace of this checkerboard stays: Aitken et al., "Checkerboard artifact free
    sub-pixel convolution" (2017).
    """
    first = layer.weight[:: step**2]  # the first pixel of each channel
    return first.repeat_interleave(step**2, dim=0)


class StyledNorm(nn.Module):
    """Group norm whose scale and shift come from a style (n, STYLE)."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.groups = math.gcd(GROUPS, features)
        self.read = nn.Linear(STYLE, 2 * features)
        with torch.no_grad():
            self.read.weight.mul_(FIRST_STYLE)
            self.read.bias.zero_()

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.read(style)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, F.group_norm(x, self.groups), 1 + scale)


class StyledBlock(nn.Module):
    """Twice styled norm, activation and convolution, added to the features."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = StyledNorm(features), StyledNorm(features)
        self.conv1 = nn.Conv2d(features, features, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1, bias=False)
        with torch.no_grad():
            self.conv2.weight.mul_(0.3)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x, style)))
        return torch.add(x, self.conv2(F.relu(self.norm2(y, style))))


def pad_to_multiple(x: Tensor, step: int) -> Tensor:
    """Repeat the last row and column until both sides are multiples of `step`.

    Example:
        >>> pad_to_multiple(torch.zeros(1, 1, 7, 8), 4).shape
        torch.Size([1, 1, 8, 8])
    """
    h, w = x.shape[2:]
    right, below = -w % step, -h % step
    if not right and not below:
        return x
    return F.pad(x, (0, right, 0, below), mode="replicate")

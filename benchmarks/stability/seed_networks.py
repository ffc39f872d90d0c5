"""Multi-layer perceptrons of several seeds at once, each independent of the others.

Rows of a batch lie seed by seed: (seeds · n, …). Each layer is one batched product, so
that five small networks cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from ganaug.gan.networks.embedding import Discriminator
from ganaug.gan.networks.minibatch_std import build_spread
from ganaug.gan.networks.spectral_norm import SpectralNorm

Seeds = Sequence[torch.Generator]


class SeedLinear(nn.Module):
    """An affine map per seed, (seeds · n, inputs) → (seeds · n, outputs).

    Args:
        seeds: a random generator for each, which draws that seed's weights from
            N(0, 2/inputs) (He et al., 2015).
        inputs, outputs: sizes of a row.

    Example:
        >>> seeds = [torch.Generator(), torch.Generator()]
        >>> SeedLinear(seeds, 3, 4)(torch.zeros(10, 3)).shape
        torch.Size([10, 4])
    """

    def __init__(self, seeds: Seeds, inputs: int, outputs: int) -> None:
        super().__init__()
        weights = [torch.randn(outputs, inputs, generator=seed) for seed in seeds]
        self.weight = nn.Parameter(torch.stack(weights) * math.sqrt(2 / inputs))
        self.bias = nn.Parameter(torch.zeros(len(seeds), 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        seeds, _, inputs = self.weight.shape
        rows = x.reshape(seeds, -1, inputs)
        return torch.baddbmm(self.bias, rows, self.weight.mT).flatten(0, 1)


class SeedBatchNorm(nn.Module):
    """Batch norm per seed: features (seeds · n, width) at mean 0 and variance 1."""

    def __init__(self, seeds: int, width: int) -> None:
        super().__init__()
        self.seeds, self.norm = seeds, nn.BatchNorm1d(seeds * width)

    def forward(self, x: Tensor) -> Tensor:
        n, width = len(x) // self.seeds, x.shape[1]
        columns = x.reshape(self.seeds, n, width).transpose(0, 1).flatten(1)
        normal = self.norm(columns).reshape(n, self.seeds, width)
        return normal.transpose(0, 1).flatten(0, 1)


class SeedSpectralNorm(nn.Module):
    """The project's spectral norm for the weight (out, in) of each seed."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.norms = nn.ModuleList()
        for own in weight:
            # the same start, whatever the other seeds are
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                self.norms.append(SpectralNorm(own))

    def forward(self, weight: Tensor) -> Tensor:
        pairs = zip(self.norms, weight, strict=True)
        return torch.stack([norm(w) for norm, w in pairs])


class PointGenerator(nn.Module):
    """Generator: z (seeds · n, latent), any y → points (seeds · n, outputs, 1, 1)."""

    def __init__(
        self, seeds: Seeds, latent: int, width: int, depth: int,
        *, outputs: int = 2, norm: str | None = None, slope: float = 0.2,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = [latent, *[width] * depth]
        self.layers, self.norms = _stack(seeds, sizes, norm, first=True)
        self.head = SeedLinear(seeds, width, outputs)
        self.slope = slope
        if norm == "spectral":
            _normalise(self)

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        for layer, norm in zip(self.layers, self.norms, strict=True):
            z = F.leaky_relu(norm(layer(z)), self.slope)
        points: Tensor = self.head(z)
        return points[:, :, None, None]


class PointDiscriminator(Discriminator):
    """Discriminator: points (seeds · n, inputs, 1, 1) → logits and last features φ.

    As in the project's `dcgan`, the first layer has no batch norm, and the standard
    deviation over a group is a further input of the last hidden layer.
    """

    def __init__(
        self, seeds: Seeds, inputs: int, width: int, depth: int,
        *, norm: str | None = None, slope: float = 0.2, batch_std: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = [inputs, *[width] * (depth - 1)]
        self.layers, self.norms = _stack(seeds, sizes, norm, first=False)
        self.spread, further = build_spread(batch_std)
        self.read = SeedLinear(seeds, width + further, width)
        self.head = SeedLinear(seeds, width, 1)
        self.slope = slope
        if norm == "spectral":
            _normalise(self)

    def judge(
        self, x: Tensor, y: Tensor, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        x = x.flatten(1)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = F.leaky_relu(norm(layer(x)), self.slope)
        x = self.spread(x[:, :, None, None]).flatten(1)
        phi = F.leaky_relu(self.read(x), self.slope)
        logits: Tensor = self.head(phi).reshape(-1, *[1] * (y.ndim - 1))
        return logits.expand(y.shape), phi


def _stack(
    seeds: Seeds, sizes: Sequence[int], norm: str | None, *, first: bool
) -> tuple[nn.ModuleList, nn.ModuleList]:
    layers = [SeedLinear(seeds, a, b) for a, b in pairwise(sizes)]
    normed = [norm == "batch" and (first or k > 0) for k in range(len(layers))]
    norms = [
        SeedBatchNorm(len(seeds), size) if on else nn.Identity()
        for on, size in zip(normed, sizes[1:], strict=True)
    ]
    return nn.ModuleList(layers), nn.ModuleList(norms)


def _normalise(network: nn.Module) -> None:
    for layer in [m for m in network.modules() if isinstance(m, SeedLinear)]:
        norm = SeedSpectralNorm(layer.weight)
        parametrize.register_parametrization(layer, "weight", norm)

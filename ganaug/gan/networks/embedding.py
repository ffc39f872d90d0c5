"""Where the class enters: beside z in the generator, by projection in D.

`ganaug.gan.networks.label_planes` joins it to D's input instead.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.captions import Captions
from ganaug.gan.inputs.conditioners import ConditionSet
from ganaug.gan.networks.text_encoder import build_encoder

LEAKY_SLOPE = 0.2  # of the leaky ReLU below 0


def build_embedding(conditions: ConditionSet, features: int) -> nn.Module | None:
    """Build the layer that turns conditions into (…, features) numbers.

    It is a table with a vector per class for y (…), or an encoder for rows of captions
    (…, d). Return None where there are no conditions.

    Example:
        >>> build_embedding(10, 16)(torch.tensor([[3, 7]])).shape
        torch.Size([1, 2, 16])
    """
    if isinstance(conditions, Captions):
        return build_encoder(conditions, features)
    return nn.Embedding(conditions, features) if conditions else None


class Generator(nn.Module):
    """The base of all generators: they embed a condition, and draw from z beside it."""

    def embed(self, condition: Tensor) -> Tensor:
        """Return the embedding that `forward` takes, for a condition of n images."""
        raise NotImplementedError

    def forward(self, z: Tensor, embedding: Tensor) -> Tensor:
        """Draw images (n, c, h, w) from z (n, latent) and what `embed` gave."""
        raise NotImplementedError


class GridInput(Protocol):
    """The first module of a generator: from z and a condition to the first grid."""

    def embed(self, condition: Tensor, /) -> Tensor:
        """Return the embedding that a call takes, for a condition of n images."""

    def __call__(self, z: Tensor, embedding: Tensor, /) -> Tensor:
        """Return the first grid (n, width, h, w)."""


class NoEmbedding(nn.Module):
    """y (n,) → (n, 0): an empty embedding, where there are no conditions."""

    def forward(self, y: Tensor) -> Tensor:
        return torch.zeros(y.shape[0], 0, device=y.device)


class LatentInput(nn.Module):
    """z (n, latent) beside the embedding of a class or caption → the first grid.

    The embedding has z's size and is joined to z; both have unit variance, so that they
    count equally.

    Args:
        latent: size of z.
        classes: number of classes, 0 for none; or captions.
        width: channels of the grid.
        size: (h, w) of the grid.
    """

    def __init__(
        self, latent: int, classes: ConditionSet, width: int, size: tuple[int, int]
    ) -> None:
        super().__init__()
        embedding = build_embedding(classes, latent)
        self.embed = NoEmbedding() if embedding is None else embedding
        inputs = latent if embedding is None else latent * 2
        self.grow = nn.Linear(inputs, width * size[0] * size[1])
        self.shape = (size[0], size[1], width)
        with torch.no_grad():
            self.grow.weight.normal_().mul_(1 / math.sqrt(inputs))
            self.grow.bias.zero_()

    def forward(self, z: Tensor, embedding: Tensor) -> Tensor:
        joined = torch.cat([z, embedding], dim=1)
        # (n, h, w, width) read as channels_last without a copy
        # the shape, since an export takes len() for a number that never changes
        grid: Tensor = self.grow(joined).view(z.shape[0], *self.shape)
        return grid.permute(0, 3, 1, 2)


class Discriminator(nn.Module):
    """The base of all discriminators, which differ in their `judge`."""

    def judge(
        self, x: Tensor, y: Any, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return logits and the features φ(x) behind them.

        Logits are (n,), or (n, k) where y has k conditions for each image.
        """
        raise NotImplementedError

    def forward(self, x: Tensor, y: Any, class_weight: Tensor | float = 1.0) -> Tensor:
        return self.judge(x, y, class_weight)[0]


class ProjectionHead(nn.Module):
    """Features (n, width, h, w) beside a condition y → logits (n,).

    A logit is ψ(φ(x)) + w·⟨e_y, φ(x)⟩/√d, with e_y the embedding of a class or caption:
    Miyato and Koyama, "cGANs with Projection Discriminator" (2018), equation 4. φ reads
    the whole last grid, so that there is one logit at any image size. The class weight
    w grows from 0 to 1 at the beginning of a training.

    Args:
        width: channels of the last grid.
        size: (h, w) of the last grid.
        classes: number of classes, 0 for none; or captions.
        features: size of φ(x).
        slope: slope of φ's leaky ReLU below 0.
    """

    def __init__(
        self,
        width: int,
        size: tuple[int, int],
        classes: ConditionSet,
        features: int,
        *,
        slope: float = LEAKY_SLOPE,
    ) -> None:
        super().__init__()
        self.slope = slope
        inputs = width * size[0] * size[1]
        self.read = nn.Linear(inputs, features)
        self.logit = nn.Linear(features, 1)
        self.embed = build_embedding(classes, features)
        with torch.no_grad():
            for layer, fan_in in ((self.read, inputs / 2), (self.logit, features)):
                layer.weight.normal_().mul_(1 / math.sqrt(fan_in))
                layer.bias.zero_()

    def forward(
        self, x: Tensor, y: Tensor, class_weight: Tensor | float
    ) -> tuple[Tensor, Tensor]:
        """Return logits (n,) and φ(x) (n, features).

        Logits are (n, k) where y has k conditions for each image.
        """
        # logits are small differences of large numbers, which need full precision
        with torch.autocast(x.device.type, enabled=False):
            # channels last, the order in memory, so that nothing is copied
            grid = x.float().permute(0, 2, 3, 1).flatten(1)
            phi = F.leaky_relu(self.read(grid), self.slope)
            return self._judge(phi, y, class_weight), phi

    def _judge(self, phi: Tensor, y: Tensor, class_weight: Tensor | float) -> Tensor:
        embedding = None if self.embed is None else self.embed(y)
        if (y if embedding is None else embedding[..., 0]).ndim == 2:
            phi = phi[:, None]
        logit: Tensor = self.logit(phi).squeeze(-1)
        if embedding is None:
            return logit.expand(y.shape)
        term = (embedding * phi).sum(dim=-1) / math.sqrt(phi.shape[-1])
        conditioned: Tensor = logit + class_weight * term
        return conditioned

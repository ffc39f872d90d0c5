"""Where the class enters: beside z in the generator, by projection in D.

Joining it to D's input in place of the projection: `ganaug.gan.networks.label_planes`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.captions import Captions
from ganaug.gan.networks.text_encoder import build_encoder

SLOPE = 0.2

ConditionSet = int | Captions  # what y numbers: n classes (0 for none), or captions


def count_conditions(conditions: ConditionSet) -> int:
    """Return how many different conditions there are."""
    return conditions if isinstance(conditions, int) else len(conditions)


def build_embedding(conditions: ConditionSet, features: int) -> nn.Module | None:
    """y (…) → (…, features): a vector per class, or what an encoder makes of captions.

    Example:
        >>> build_embedding(10, 16)(torch.tensor([[3, 7]])).shape
        torch.Size([1, 2, 16])
    """
    if isinstance(conditions, Captions):
        return build_encoder(conditions, features)
    return nn.Embedding(conditions, features) if conditions else None


class LatentInput(nn.Module):
    """z (n, latent), y (n,) → the generator's first grid (n, width, h, w).

    The class, or caption, is an embedding of z's size joined to z; both have unit
    variance, so neither drowns the other.
    """

    def __init__(
        self, latent: int, classes: ConditionSet, width: int, size: tuple[int, int]
    ) -> None:
        super().__init__()
        self.embed = build_embedding(classes, latent)
        inputs = latent if self.embed is None else latent * 2
        self.grow = nn.Linear(inputs, width * size[0] * size[1])
        self.shape = (size[0], size[1], width)
        with torch.no_grad():
            self.grow.weight.normal_().mul_(1 / math.sqrt(inputs))
            self.grow.bias.zero_()

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        if self.embed is not None:
            z = torch.cat([z, self.embed(y)], dim=1)
        # (n, h, w, width) read as channels_last without a copy
        grid: Tensor = self.grow(z).view(len(z), *self.shape)
        return grid.permute(0, 3, 1, 2)


class Discriminator(nn.Module):
    """What both pairs' discriminators are: `judge` is theirs, the rest follows."""

    def judge(
        self, x: Tensor, y: Any, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Logits (n,), or (n, k) for y (n, k), and the features φ(x) behind them."""
        raise NotImplementedError

    def forward(self, x: Tensor, y: Any, class_weight: Tensor | float = 1.0) -> Tensor:
        return self.judge(x, y, class_weight)[0]


class ProjectionHead(nn.Module):
    """Features (n, width, h, w), y (n,) → logits (n,): ψ(φ(x)) + w·⟨e_y, φ(x)⟩/√d.

    Miyato and Koyama, "cGANs with Projection Discriminator" (2018), equation 4. φ
    reads the whole last grid, so that there is one logit at any image size; the weight
    w ramps the class term in.

    Args:
        width: channels of the last grid.
        size: (h, w) of the last grid.
        classes: number of classes, 0 for none; or captions.
        features: size of φ(x).
        slope: of φ's leaky ReLU below 0.
    """

    def __init__(
        self,
        width: int,
        size: tuple[int, int],
        classes: ConditionSet,
        features: int,
        *,
        slope: float = SLOPE,
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
        """Logits (n,) and φ(x) (n, features).

        Logits are (n, k) when y is (n, k), the same images under k classes.
        """
        # logits are differences of large numbers: no reduced precision here
        with torch.autocast(x.device.type, enabled=False):
            # channels last, as the grid lies in memory
            grid = x.float().permute(0, 2, 3, 1).flatten(1)
            phi = F.leaky_relu(self.read(grid), self.slope)
            return self._judge(phi, y, class_weight), phi

    def _judge(self, phi: Tensor, y: Tensor, class_weight: Tensor | float) -> Tensor:
        if y.ndim == 2:
            phi = phi[:, None]
        logit: Tensor = self.logit(phi).squeeze(-1)
        if self.embed is None:
            return logit.expand(y.shape)
        term = (self.embed(y) * phi).sum(dim=-1) / math.sqrt(phi.shape[-1])
        conditioned: Tensor = logit + class_weight * term
        return conditioned

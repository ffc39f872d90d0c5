"""Networks on rows: a generator that moves a real row, and a judge of pairs of rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.conditioners import SourceAndClass
from ganaug.gan.networks.embedding import LEAKY_SLOPE, Discriminator

STAY = 3.0  # logit by which a category keeps the real row's at first


class RowLayout(Protocol):
    """How encoded rows are laid out: scores of numbers, then one-hot blocks."""

    @property
    def numbers(self) -> int:
        """Scores at the beginning of a row."""

    @property
    def blocks(self) -> tuple[int, ...]:
        """Sizes of the one-hot blocks."""

    @property
    def width(self) -> int:
        """Numbers of a row."""

    @property
    def digest(self) -> str:
        """Digest of what rows stand for."""


class RowGenerator(nn.Module):
    """Draws a row of a class from another: numbers move, categories may change.

    At first it returns the row that it is given, and it learns what is wrong with it.
    Categories are drawn by the Gumbel-max trick; their gradient is that of the softmax
    of Jang et al., "Categorical Reparameterization with Gumbel-Softmax" (2017).

    Args:
        numbers: scores at the beginning of a row.
        blocks: sizes of the one-hot blocks that follow.
        classes: number of classes.
        latent: size of the noise that the change is drawn from.
        features: width of the layers.

    Attributes:
        noise: size of z: the change's, and one number per category.

    Example:
        >>> generator = RowGenerator(2, [3], classes=2, latent=4, features=8)
        >>> row = torch.tensor([[0.5, -1.0, 0.0, 1.0, 0.0]])
        >>> made = generator(torch.randn(1, generator.noise), row, torch.tensor([1]))
        >>> made.shape, round(made[0, 2:].sum().item(), 4)
        (torch.Size([1, 5]), 1.0)
    """

    def __init__(
        self,
        numbers: int,
        blocks: Sequence[int],
        *,
        classes: int,
        latent: int,
        features: int,
    ) -> None:
        super().__init__()
        self.numbers, self.blocks = numbers, tuple(blocks)
        self.classes, self.latent = classes, latent
        width = numbers + sum(blocks)
        self.noise = latent + sum(blocks)
        self.layers = _stack(latent + width + classes, width, features)
        last = self.layers[-1]
        nn.init.zeros_(last.weight)  # type: ignore[arg-type]
        nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, z: Tensor, row: Tensor, label: Tensor) -> Tensor:
        """Return rows (n, width) near rows (n, width) of classes (n,)."""
        known = F.one_hot(label, self.classes).to(row)
        moved = self.layers(torch.cat([z[:, : self.latent], row, known], dim=1))
        parts = [row[:, : self.numbers] + moved[:, : self.numbers]]
        logits = STAY * row[:, self.numbers :] + moved[:, self.numbers :]
        logits = logits + _to_gumbel(z[:, self.latent :])
        ends = [*accumulate(self.blocks, initial=0)]
        for a, b in pairwise(ends):
            parts.append(_choose(logits[:, a:b]))
        return torch.cat(parts, dim=1)


class PairDiscriminator(Discriminator):
    """Judges whether a row is a real neighbour of another one, or a drawn one.

    Rows come as images (n, width · m, 1, 1), packs of m as further channels.

    Args:
        width: numbers of a row.
        pack: rows that are judged together.
        classes: number of classes.
        features: width of the layers.
    """

    def __init__(self, width: int, *, pack: int, classes: int, features: int) -> None:
        super().__init__()
        self.classes = classes
        self.body = _stack(width * (pack + 1) + classes, features, features)
        self.head = nn.Linear(features, 1)

    def judge(
        self, x: Tensor, y: SourceAndClass, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Return logits and features; y may have a condition (n,) or some (n, k)."""
        if y.label.ndim == 2:
            every = [
                self.judge(x, SourceAndClass(y.source[:, k], y.label[:, k]))
                for k in range(y.label.shape[1])
            ]
            return torch.stack([logits for logits, _ in every], dim=1), every[0][1]
        source, known = y.source.flatten(1), F.one_hot(y.label, self.classes)
        joined = torch.cat([x.flatten(1), source, known.to(x)], dim=1)
        features = F.leaky_relu(self.body(joined), LEAKY_SLOPE)
        return self.head(features).squeeze(1), features


def _stack(inputs: int, outputs: int, features: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, features),
        nn.LeakyReLU(LEAKY_SLOPE),
        nn.Linear(features, features),
        nn.LeakyReLU(LEAKY_SLOPE),
        nn.Linear(features, outputs),
    )


def _to_gumbel(z: Tensor) -> Tensor:
    """Turn standard normal numbers into Gumbel ones: −log(−log Φ(z))."""
    uniform = torch.special.ndtr(z).clamp(1e-6, 1 - 1e-6)
    return -torch.log(-torch.log(uniform))


def _choose(logits: Tensor) -> Tensor:
    """Return the one-hot choice of each row, with the softmax's gradient."""
    soft = logits.softmax(dim=1)
    hard = F.one_hot(soft.argmax(dim=1), soft.shape[1]).to(soft)
    return hard + soft - soft.detach() if soft.requires_grad else hard

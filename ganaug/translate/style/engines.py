"""The two engines: what turns contents, styles and alpha into images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from ganaug.translate.networks.style_generator import StyleGenerator
from ganaug.translate.style.descent import STEPS, StyleWeights, optimise
from ganaug.translate.style.features import Look


class Engine(Protocol):
    """What draws contents in styles; each image follows from its own inputs.

    Attributes:
        at_once: images of 64×64 pixels in one pass; fewer if they are larger.
    """

    @property
    def at_once(self) -> int: ...

    def read(self, style: Tensor) -> Tensor:
        """Return what `draw` needs of a style (1, c, h', w')."""

    def draw(self, content: Tensor, styles: Sequence[Tensor], alpha: Tensor) -> Tensor:
        """Draw contents (n, c, h, w), with what was read of n styles, alpha (n,)."""


class Optimiser:
    """Gradient descent on each image: see `optimise`."""

    at_once = 4

    def __init__(self, look: Look, strength: float = 1.0, steps: int = STEPS) -> None:
        usual = StyleWeights()
        self.look, self.steps = look, steps
        self.weights = StyleWeights(
            usual.content, usual.style * strength, usual.variation
        )

    def read(self, style: Tensor) -> Tensor:
        return style

    def draw(self, content: Tensor, styles: Sequence[Tensor], alpha: Tensor) -> Tensor:
        return optimise(
            content, styles, self.look,
            alpha=alpha, weights=self.weights, steps=self.steps,
        )  # fmt: skip


class Feedforward:
    """One pass of a trained generator for each image."""

    at_once = 16

    def __init__(self, network: StyleGenerator) -> None:
        self.network = network

    @torch.inference_mode()
    def read(self, style: Tensor) -> Tensor:
        return self.network.describe(style)

    @torch.inference_mode()
    def draw(self, content: Tensor, styles: Sequence[Tensor], alpha: Tensor) -> Tensor:
        content = content.contiguous(memory_format=torch.channels_last)
        made: Tensor = self.network(content, torch.cat([*styles]), alpha)
        return made

"""Features of VGG19, pretrained or random, by the names that the papers use."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.pretrained import MEAN, STD, load_state

# channels and number of convolutions of each block; of the last one, one is needed
BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 1))
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
WIDTH = BLOCKS[0][0]


class Look(Protocol):
    """A fixed network, as the losses of style see it.

    Attributes:
        style_layers: names of the layers whose Gram matrices count.
        content_layer: name of the layer whose features count.
    """

    @property
    def style_layers(self) -> tuple[str, ...]: ...
    @property
    def content_layer(self) -> str: ...

    def __call__(
        self, images: Tensor, layers: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """Return features (n, c', h', w') by layer of images (n, c, h, w)."""

    def level(self, images: Tensor) -> None:
        """Scale each layer so that its mean over these images is 1."""


class StyleFeatures(nn.Module):
    """The convolutions of VGG19 up to relu5_1 (Simonyan and Zisserman, 2015).

    With random weights, textures are drawn about as well (Ustyuzhaninov et al., "What
    does it take to generate natural textures?", 2017), once every layer is brought to
    the same scale: see `level`.

    Args:
        weights: torchvision's file of VGG19, or None for random weights of that seed.
        width: channels of the first block; other than 64 only with random weights.
        seed: seed of random weights.

    Raises:
        MissingExtraError: there is no such file, or it has no weights of VGG19.

    Example:
        >>> look = StyleFeatures(width=8)
        >>> {k: tuple(v.shape) for k, v in look(torch.zeros(1, 1, 8, 8)).items()}
        {'relu1_1': (1, 8, 8, 8), 'relu2_1': (1, 16, 4, 4), 'relu3_1': (1, 32, 2, 2), \
'relu4_1': (1, 64, 1, 1), 'relu4_2': (1, 64, 1, 1), 'relu5_1': (1, 64, 1, 1)}
    """

    style_layers: ClassVar[tuple[str, ...]] = STYLE_LAYERS
    content_layer: ClassVar[str] = CONTENT_LAYER
    mean: Tensor
    std: Tensor

    def __init__(
        self, weights: Path | str | None = None, *, width: int = WIDTH, seed: int = 0
    ) -> None:
        super().__init__()
        with engine.seeded(seed):
            self.features, self.names = _build(width)
        if weights is not None:
            load_state("vgg19", self, weights)
        self.scale = dict.fromkeys((*STYLE_LAYERS, CONTENT_LAYER), 1.0)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(
        self, images: Tensor, layers: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """Return the features of images (n, c, h, w) in [-1, 1], c in 1, 3, 4.

        Grey images are shown in three channels; an alpha channel is not seen.

        Args:
            layers: those wanted, all that a style or content loss reads by default.
        """
        wanted = set(self.scale if layers is None else layers)
        x = images[:, :3].expand(-1, 3, -1, -1)
        x = ((x + 1) / 2 - self.mean) / self.std
        found: dict[str, Tensor] = {}
        for name, layer in zip(self.names, self.features, strict=True):
            x = layer(x)
            if name in wanted:
                found[name] = x * self.scale[name]
            if len(found) == len(wanted):
                break
        return found

    @torch.no_grad()
    def level(self, images: Tensor) -> None:
        """Scale each layer so that its mean over these images is 1.

        Random weights let the deeper layers' features differ by orders of magnitude,
        and a loss would see the largest one only.
        """
        self.scale = dict.fromkeys(self.scale, 1.0)
        for name, x in self(images).items():
            self.scale[name] = 1 / max(float(x.abs().mean()), 1e-6)


def _build(width: int) -> tuple[nn.Sequential, list[str]]:
    """Build the layers, numbered as torchvision numbers them, and name each."""
    layers: list[nn.Module] = []
    names: list[str] = []
    before = 3
    for block, (channels, convolutions) in enumerate(BLOCKS, start=1):
        if block > 1:
            # a side of one pixel stays, so that images of any size are seen
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
            names.append("")
        for k in range(1, convolutions + 1):
            after = channels * width // WIDTH
            convolution = nn.Conv2d(before, after, 3, padding=1)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
            layers += [convolution, nn.ReLU()]
            names += ["", f"relu{block}_{k}"]
            before = after
    return nn.Sequential(*layers), names

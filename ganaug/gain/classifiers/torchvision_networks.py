"""torchvision's networks with a new last layer, for small images of 1 to 4 channels."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.pretrained import (
    MEAN,
    STD,
    build_torchvision,
    find_downloaded,
    load_state,
    replace_head,
)
from ganaug.errors import ConfigError, MissingExtraError
from ganaug.gain.classifiers.digests import digest_file
from ganaug.gain.classifiers.specs import SMALL_NETWORK, ClassifierSpec
from ganaug.spelling import suggest

NO_WEIGHTS = "none"
SIDE = 64  # pixels that torchvision's networks see


def find_torchvision(
    name: str, weights: Path | str | None, *, frozen: bool
) -> ClassifierSpec:
    """Return the torchvision network of that name.

    Raises:
        ConfigError: there is no such network, or it is frozen without weights.
        MissingExtraError: the weights are missing or belong to another network.
    """
    from torchvision import models

    known = models.list_models(models)
    if name not in known:
        hint = suggest(name, [SMALL_NETWORK, *known])
        raise ConfigError(
            f"classifier {name!r}{hint} is neither {SMALL_NETWORK} nor a torchvision "
            "network; give another name, or pass a function in Python"
        )
    if weights is None:
        weights = find_downloaded(name)
    elif str(weights) == NO_WEIGHTS:
        weights = None
    elif not Path(weights).is_file():
        raise MissingExtraError(f"there is no weight file {weights}")
    if frozen and weights is None:
        raise ConfigError("a frozen network needs weights; give --weights")

    def make(n_classes: int) -> nn.Module:
        network = build_torchvision(name, pretrained=weights is not None)
        if weights is not None:
            load_state(name, network, weights)
        return Adapted(network, n_classes, frozen=frozen, size=find_size(name))

    def build(
        size: tuple[int, int], channels: int, n_classes: int, seed: int
    ) -> nn.Module:
        with engine.seeded(seed):
            return make(n_classes)

    how = "trained from scratch"
    if weights is not None:
        how = "with frozen weights" if frozen else "fine-tuned from its weights"
    digest = "" if weights is None else digest_file(weights)
    return ClassifierSpec(name, f"a {name} {how}", weights is not None, build, digest)


class InputSize(NamedTuple):
    """The image size that a network accepts.

    Attributes:
        least: fewest pixels of a side; smaller images are enlarged.
        fixed: pixels of both sides, or None where the network accepts any.
    """

    least: int = 32
    fixed: int | None = None


def find_size(name: str) -> InputSize:
    """Return the image size that the torchvision network of that name accepts.

    Example:
        >>> find_size("resnet18").least, find_size("vit_b_16").fixed
        (32, 224)
    """
    if name.startswith(("vit_", "maxvit")):
        return InputSize(fixed=224)
    return InputSize({"alexnet": 64, "inception_v3": 80}.get(name, 32))


class Adapted(nn.Module):
    """A torchvision network with a new last layer, for small images.

    Args:
        network: network to change; its last layer is replaced.
        n_classes: number of outputs.
        frozen: whether all other layers keep their weights and statistics.
        size: image size that the network accepts.
    """

    def __init__(
        self,
        network: nn.Module,
        n_classes: int,
        *,
        frozen: bool,
        size: InputSize = InputSize(),  # noqa: B008
    ) -> None:
        super().__init__()
        self.body, self.frozen, self.size = network, frozen, size
        if frozen:
            network.requires_grad_(False)
        replace_head(network, lambda old: _make_head(old, n_classes))
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1))

    def train(self, mode: bool = True) -> Adapted:
        super().train(mode)
        if self.frozen:
            self.body.train(False)
        return self

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :3].expand(-1, 3, -1, -1)
        height, width = x.shape[2:]
        size = _enlarge(height, width, self.size)
        if size != (height, width):
            x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        assert isinstance(self.mean, Tensor)
        assert isinstance(self.std, Tensor)
        logits: Tensor = self.body(((x + 1) / 2 - self.mean) / self.std)
        return logits


def _make_head(old: nn.Linear | nn.Conv2d, n_classes: int) -> nn.Module:
    if isinstance(old, nn.Linear):
        return nn.Linear(old.in_features, n_classes)
    return nn.Conv2d(old.in_channels, n_classes, kernel_size=1)


def _enlarge(height: int, width: int, size: InputSize) -> tuple[int, int]:
    if size.fixed is not None:
        return size.fixed, size.fixed
    scale = max(1, SIDE / max(height, width))
    return (
        max(size.least, round(height * scale)),
        max(size.least, round(width * scale)),
    )

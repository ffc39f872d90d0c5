"""Features of the contents' own classifiers, in place of a pretrained network's."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

import torch
from torch import Tensor, nn

from ganaug.classify.teacher import fit_teacher
from ganaug.data.images import LabelledImages
from ganaug.data.readers.reading import bring_channels

FOLDS = 2  # classifiers; each image is new to one of them


class TaskFeatures(nn.Module):
    """Stages of cross-fitted classifiers, side by side: see `fit_task_features`.

    Args:
        networks: the classifiers.
    """

    style_layers: ClassVar[tuple[str, ...]] = ("stem", "stage1", "stage2", "stage3")
    content_layer: ClassVar[str] = "stage2"

    def __init__(self, networks: Collection[nn.Sequential]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.scale = dict.fromkeys(self.style_layers, 1.0)
        self.eval().requires_grad_(False)

    def forward(
        self, images: Tensor, layers: Collection[str] | None = None
    ) -> dict[str, Tensor]:
        """Return the features of images (n, c, h, w) in [-1, 1] by stage."""
        wanted = set(self.style_layers if layers is None else layers)
        found: dict[str, list[Tensor]] = {name: [] for name in self.style_layers}
        for network in self.networks:
            x = images
            for name in self.style_layers:
                x = getattr(network, name)(x)
                found[name].append(x)
        return {
            name: torch.cat(each, dim=1) * self.scale[name]
            for name, each in found.items()
            if name in wanted
        }

    @torch.no_grad()
    def level(self, images: Tensor) -> None:
        """Scale each layer so that its mean size over these images is 1."""
        self.scale = dict.fromkeys(self.scale, 1.0)
        for name, x in self(images).items():
            self.scale[name] = 1 / max(float(x.abs().mean()), 1e-6)


def fit_task_features(
    data: LabelledImages, *, steps: int | None = None, seed: int = 0
) -> TaskFeatures:
    """Train the classifiers, each without a part of the images.

    Args:
        data: the contents; an alpha channel is not seen.
        steps: of each classifier's training; None chooses by the number of images.
        seed: seed of folds and training.

    Raises:
        DataError: there are too few images to leave some out.
    """
    images = bring_channels(data.images, min(3, data.channels))
    teacher = fit_teacher(
        images, data.labels, len(data.classes), data.groups,
        folds=FOLDS, steps=steps, seed=seed,
    )  # fmt: skip
    return TaskFeatures([own.network for own in teacher.classifiers])

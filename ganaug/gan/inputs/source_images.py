"""Source images: real images that a generator file contains, to start drawing from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ganaug.config import TrainConfig


@dataclass(frozen=True)
class SourceImages:
    """The training images of a run that is conditioned on images.

    A generator file contains them, h·w·c bytes each, so that it draws without the data;
    whoever gets the file gets these images too.

    Attributes:
        images: (m, h, w, c) uint8 at the GAN's grid.
        labels: (m,) int64 classes of the images.
        hashes: hashes of the user's own pixels, equal to those in the run's split.json.
    """

    images: Tensor
    labels: Tensor
    hashes: tuple[str, ...]

    def of_class(self, label: int) -> Tensor:
        """Return the indices (k,) of a class's images."""
        return (self.labels == label).nonzero().flatten()

    def first_of(self, labels: Tensor) -> Tensor:
        """Return the first image (n, h, w, c) of each class (n,)."""
        found = {k: int(self.of_class(k)[0]) for k in set(labels.tolist())}
        return self.images[[found[k] for k in labels.tolist()]]

    def to_tensors(self) -> dict[str, Tensor]:
        """Return the images and labels, for a generator file."""
        return {"sources.images": self.images, "sources.labels": self.labels}

    def to_values(self) -> dict[str, Any]:
        """Return the hashes, for the header of a generator file."""
        return {"sources": list(self.hashes)}


def read_sources(
    tensors: dict[str, Tensor], values: dict[str, Any], config: TrainConfig
) -> SourceImages | None:
    """Read what `to_tensors` and `to_values` gave; None where a file has no sources.

    Raises:
        KeyError, ValueError: the tensors are not those of source images.
    """
    if "sources" not in values:
        return None
    images, labels = tensors["sources.images"], tensors["sources.labels"]
    hashes, classes = values["sources"], len(values["classes"])
    form = (len(hashes), config.height, config.width, config.channels)
    if images.shape != form or images.dtype != torch.uint8:
        raise ValueError("its source images have another form")
    if labels.shape != form[:1] or labels.dtype != torch.int64:
        raise ValueError("its source images have no labels")
    if set(labels.tolist()) != set(range(classes)):
        raise ValueError("its source images are not of all classes")
    return SourceImages(images, labels, hashes)

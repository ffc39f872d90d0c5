"""Source images: real ones that a generator file keeps, to draw from again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class SourceImages:
    """The training images of a run that is conditioned on images.

    A file that holds them can be drawn from without the data, and shows them to whoever
    gets it: h·w·c bytes each.

    Attributes:
        images: (m, h, w, c) uint8 at the GAN's grid.
        labels: (m,) int64 their classes.
        hashes: of the user's own pixels, as the run's split.json has them.
    """

    images: Tensor
    labels: Tensor
    hashes: tuple[str, ...]

    def of_class(self, label: int) -> Tensor:
        """Numbers (k,) of the images of a class."""
        return (self.labels == label).nonzero().flatten()

    def first_of(self, labels: Tensor) -> Tensor:
        """(n,) classes → the first image of each, (n, h, w, c)."""
        found = {k: int(self.of_class(k)[0]) for k in set(labels.tolist())}
        return self.images[[found[k] for k in labels.tolist()]]

    def to_tensors(self) -> dict[str, Tensor]:
        return {"sources.images": self.images, "sources.labels": self.labels}

    def to_values(self) -> dict[str, Any]:
        return {"sources": list(self.hashes)}


def read_sources(
    tensors: dict[str, Tensor], values: dict[str, Any]
) -> SourceImages | None:
    """What `to_tensors` and `to_values` gave; None in a file without sources."""
    if "sources" not in values:
        return None
    return SourceImages(
        tensors["sources.images"], tensors["sources.labels"], tuple(values["sources"])
    )

"""What networks are told of an image that they draw or judge: its class, or a source.

A step names it by a number y; both networks get what y stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from ganaug.gan.inputs.value_range import Span
from ganaug.gan.networks.embedding import Shown, Told

Change = Callable[[Tensor, Tensor], Tensor]  # images (n, c, h, w), u (n, UNIFORMS)


class Teller(Protocol):
    """Turns numbers y into what networks are told."""

    def name(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Classes (n,) → numbers y (n,) to draw them with.

        Or to judge training images with, whose own numbers `rows` (n,) are.
        """

    def tell(self, y: Tensor) -> Tensor:
        """y (n,) → what the generator is told."""

    def show(self, y: Tensor, u: Tensor, change: Change) -> Told:
        """y (n,) or (n, k) → what the discriminator is told beside n images.

        `change(x, u)` is what DiffAugment did to the images.
        """


class Classes:
    """y is the class, and networks embed it themselves."""

    def name(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        return labels

    def tell(self, y: Tensor) -> Tensor:
        return y

    def show(self, y: Tensor, u: Tensor, change: Change) -> Tensor:
        return y


class Sources:
    """y is the number of a training image, and networks see that image.

    Args:
        images: (m, h, w, c) uint8, of the training.
        labels: (m,) their classes.
        span: grey levels of the networks' scale.
    """

    def __init__(self, images: Tensor, labels: Tensor, span: Span) -> None:
        self.images, self.labels, self.span = images, labels.cpu(), span
        self.own = labels.to(images.device)

    def name(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Images of each class in turn; beside `rows`, the next one of the class."""
        y = torch.empty(len(labels), dtype=torch.int64)
        for label in set(labels.tolist()):
            places = (labels == label).nonzero().flatten()
            own = (self.labels == label).nonzero().flatten()
            turns = torch.arange(len(places))
            if rows is not None:
                turns = torch.searchsorted(own, rows[places]) + 1
            y[places] = own[turns % len(own)]
        return y

    def tell(self, y: Tensor) -> Tensor:
        """(n,) → (n, c, h, w) on the networks' scale."""
        return self.span.to_signal(self.images[y])

    def show(self, y: Tensor, u: Tensor, change: Change) -> Shown:
        """Sources changed as the images beside them, and their classes.

        Moved, covered and lit alike, a pair keeps what its images have in common.
        """
        label = self.own[y]
        if y.ndim == 1:
            return Shown(change(self.tell(y), u), label)
        columns = [change(self.tell(column), u) for column in y.unbind(dim=1)]
        return Shown(torch.stack(columns, dim=1), label)

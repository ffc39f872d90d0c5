"""Conditioners: what the networks get beside noise or image for a number y.

A step names an image by a number y: its class, its caption, or its source image. Both
networks get the condition that y stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ganaug.gan.inputs.captions import Captions
from ganaug.gan.inputs.value_range import Span

ConditionSet = int | Captions  # what y numbers: n classes (0 for none), or captions
Change = Callable[[Tensor, Tensor], Tensor]  # images (n, c, h, w), u (n, UNIFORMS)


class SourceAndClass(NamedTuple):
    """A source image and its class, which D gets where images are drawn from others.

    Shapes: (n, c, h, w) and (n,); with k of each for an image (n, k, c, h, w), (n, k).
    """

    source: Tensor
    label: Tensor


Condition = Tensor | SourceAndClass  # what D gets beside an image


def count_conditions(conditions: ConditionSet) -> int:
    """Return how many different conditions there are."""
    return conditions if isinstance(conditions, int) else len(conditions)


class Conditioner(Protocol):
    """Turns numbers y into what the networks get."""

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return the numbers y (n,) with which to draw images of classes (n,).

        Pass `rows` (n,) when y is for these very training images, so that none is its
        own source image.
        """

    def for_generator(self, y: Tensor) -> Tensor:
        """Return what the generator gets for y (n,)."""

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> Condition:
        """Return what the discriminator gets for y (n,) or (n, k) beside n images.

        `change(x, u)` is what DiffAugment did to the images.
        """


class ClassConditioner:
    """Takes the class as y, which the networks embed themselves."""

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        return labels

    def for_generator(self, y: Tensor) -> Tensor:
        return y

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> Tensor:
        return y


class CaptionConditioner:
    """Takes the number of a caption as y; networks read its words, or its vector.

    Args:
        captions: the captions that y numbers.
        device: where the networks are.
    """

    def __init__(self, captions: Captions, device: torch.device) -> None:
        self.rows = captions.rows.to(device)

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        return labels

    def for_generator(self, y: Tensor) -> Tensor:
        return self.rows[y]

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> Tensor:
        return self.rows[y]


class SourceConditioner:
    """Takes the number of a training image as y; networks see that source image.

    Args:
        images: (m, h, w, c) uint8 training images.
        labels: (m,) their classes.
        span: grey levels of the networks' scale.
    """

    def __init__(self, images: Tensor, labels: Tensor, span: Span) -> None:
        self.images, self.labels, self.span = images, labels.cpu(), span
        self.own = labels.to(images.device)

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return images of each class in turn; for `rows`, the next one of the class.

        Example:
            >>> from ganaug.gan.inputs.value_range import full_span
            >>> images = torch.zeros(3, 8, 8, 1, dtype=torch.uint8)
            >>> sources = SourceConditioner(
            ...     images, torch.tensor([0, 1, 0]), full_span(1)
            ... )
            >>> sources.number(torch.tensor([0, 0, 1])).tolist()
            [0, 2, 1]
        """
        y = torch.empty(len(labels), dtype=torch.int64)
        for label in set(labels.tolist()):
            places = (labels == label).nonzero().flatten()
            own = (self.labels == label).nonzero().flatten()
            turns = torch.arange(len(places))
            if rows is not None:
                turns = torch.searchsorted(own, rows[places]) + 1
            y[places] = own[turns % len(own)]
        return y

    def for_generator(self, y: Tensor) -> Tensor:
        """Return the source images (n, c, h, w) on the networks' scale."""
        return self.span.to_signal(self.images[y])

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> SourceAndClass:
        """Return the sources, changed as the images beside them, and their classes.

        Moved, covered and lit alike, a pair keeps what its images have in common.
        """
        label = self.own[y]
        if y.ndim == 1:
            return SourceAndClass(change(self.for_generator(y), u), label)
        columns = [change(self.for_generator(k), u) for k in y.unbind(dim=1)]
        return SourceAndClass(torch.stack(columns, dim=1), label)

"""Conditioners: from a number y to what the networks get beside noise or an image.

In a training step each image has a number y: of its class, its caption, or its source
image. Both networks get the condition with that number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ganaug.gan.inputs.captions import Captions
from ganaug.gan.inputs.value_range import Span

ConditionSet = int | Captions  # all conditions: n classes (0 for none), or captions
Change = Callable[[Tensor, Tensor], Tensor]  # images (n, c, h, w), u (n, UNIFORMS)


class SourceAndClass(NamedTuple):
    """A source image and its class: what D gets in image conditioning.

    Shapes: (n, c, h, w) and (n,); with k source images for each image (n, k, c, h, w)
    and (n, k).
    """

    source: Tensor
    label: Tensor


Condition = Tensor | SourceAndClass  # what D gets beside an image


def count_conditions(conditions: ConditionSet) -> int:
    """Return how many different conditions there are."""
    return conditions if isinstance(conditions, int) else len(conditions)


class Conditioner(Protocol):
    """Turns numbers y into conditions for the networks."""

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return the numbers y (n,) to draw images of classes (n,) with.

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
    """Uses the class as y; the networks embed it themselves."""

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        return labels

    def for_generator(self, y: Tensor) -> Tensor:
        return y

    def for_discriminator(self, y: Tensor, u: Tensor, change: Change) -> Tensor:
        return y


class CaptionConditioner:
    """Uses the number of a caption as y; networks read its words or its vector.

    Args:
        captions: captions, numbered by y.
        device: device that the networks are on.
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
    """Uses the index of a training image as y; networks see it as the source image.

    Args:
        images: (m, h, w, c) uint8 training images.
        labels: (m,) classes of the training images.
        span: grey levels that the networks' -1 and 1 stand for.
    """

    def __init__(self, images: Tensor, labels: Tensor, span: Span) -> None:
        self.images, self.labels, self.span = images, labels.cpu(), span
        self.own = labels.to(images.device)

    def number(self, labels: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return indices of images: each class's in turn, or the next after `rows`.

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
        """Return the source images, augmented, and their classes.

        A source image is moved, covered and brightened exactly as the image beside it,
        so that D can still compare the two.
        """
        label = self.own[y]
        if y.ndim == 1:
            return SourceAndClass(change(self.for_generator(y), u), label)
        columns = [change(self.for_generator(k), u) for k in y.unbind(dim=1)]
        return SourceAndClass(torch.stack(columns, dim=1), label)

"""Conditionings by name: what the networks get beside noise, and how it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.gan.inputs.captions import Captions
from ganaug.gan.inputs.conditioners import (
    CaptionConditioner,
    ClassConditioner,
    Conditioner,
    ConditionSet,
    SourceConditioner,
)
from ganaug.gan.inputs.pair_sampling import PairSampler, refuse_singles
from ganaug.gan.inputs.random_draws import Sampler
from ganaug.gan.inputs.value_range import Span
from ganaug.spelling import suggest

UNLABELLED = "unlabelled"  # the one class of a run without conditions


@dataclass(frozen=True, kw_only=True)
class Conditioning:
    """One way to tell the networks which image to draw.

    Attributes:
        conditioned: whether the networks get a condition at all; then one pair of
            networks is trained for all classes.
        per_class: whether each class has its own pair of networks.
        captions: whether the condition is a caption.
        sources: whether the condition is a source image; then the generator's file
            contains the source images.
        generator: name in `ganaug.gan.networks.build.GENERATORS`.
        discriminator: name in `ganaug.gan.networks.build.DISCRIMINATORS`.
        sampler: class that draws the batches.
        conditioner: function of training images, labels, span, and number of classes or
            captions; returns what turns a number y into the networks' condition.
        mismatch: weight of real images with a wrong condition, unless the config gives
            another.
        packs: whether D can judge several images with the same condition together.
        all_classes: whether each class must have images.
        check: function of the training images' labels (n,) that raises DataError where
            they are too few; None where any number is enough.
        unfit: filters of `ganaug.synth` that are off unless requested, with the reason.
    """

    conditioned: bool = True
    per_class: bool = False
    captions: bool = False
    sources: bool = False
    generator: str = "from-noise"
    discriminator: str = "projection"
    sampler: type[Sampler] = Sampler
    conditioner: Callable[[Tensor, Tensor, Span, ConditionSet], Conditioner] = (
        lambda *_: ClassConditioner()
    )
    mismatch: float = 0.0
    packs: bool = True
    all_classes: bool = False
    check: Callable[[NDArray[np.int64]], None] | None = None
    unfit: tuple[tuple[str, str], ...] = ()

    def name_classes(self, classes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the classes that a generator draws, given the classes of the data.

        Example:
            >>> CONDITIONINGS["none"].name_classes(("cat", "dog"))
            ('unlabelled',)
        """
        return classes if self.conditioned or self.per_class else (UNLABELLED,)


def find_conditioning(name: str) -> Conditioning:
    """Return the record of that name; raise ConfigError where there is none."""
    if name not in CONDITIONINGS:
        raise ConfigError(
            f"there is no conditioning {name!r}{suggest(name, CONDITIONINGS)}; choose "
            f"one of {', '.join(CONDITIONINGS)}"
        )
    return CONDITIONINGS[name]


def _condition_on_captions(
    images: Tensor, labels: Tensor, span: Span, captions: ConditionSet
) -> Conditioner:
    assert isinstance(captions, Captions)
    return CaptionConditioner(captions, images.device)


REDRAW = Conditioning(
    sources=True,
    generator="redraw",
    discriminator="pairs",
    sampler=PairSampler,
    conditioner=lambda images, labels, span, _: SourceConditioner(images, labels, span),
    mismatch=1.0,
    all_classes=True,
    check=refuse_singles,
)
CONDITIONINGS: dict[str, Conditioning] = {
    "class": Conditioning(),
    "concat": Conditioning(discriminator="label-planes", all_classes=True),
    "caption": Conditioning(
        captions=True, conditioner=_condition_on_captions, packs=False
    ),
    "image": REDRAW,
    "image-warp": replace(
        REDRAW,
        generator="warp",
        unfit=(("copy", "images of conditioning=image-warp are bent real ones"),),
    ),
    "separate": Conditioning(conditioned=False, per_class=True, all_classes=True),
    "none": Conditioning(conditioned=False),
}

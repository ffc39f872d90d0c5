"""Conditionings by name: what networks are told, and what a training needs for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditioners import (
    ClassConditioner,
    Conditioner,
    SourceConditioner,
)
from ganaug.gan.inputs.pair_sampling import PairSampler, refuse_singles
from ganaug.gan.inputs.sampling import Sampler
from ganaug.gan.inputs.value_range import Span


@dataclass(frozen=True)
class Condition:
    """One way to say which image is wanted.

    Attributes:
        joint: whether one network draws all classes and is told which.
        sources: whether it is told by a real image, so that the weight file needs
            them.
        mismatch: weight of real images under a wrong condition, unless the config
            gives another.
        sampler: draws the batches.
        conditioner: (training images, labels, span) → what the networks get.
        check: raises DataError for labels (n,) of training images that are not enough.
        unfit: filters of `ganaug.synth` that are off unless they are asked for, with
            the reason.
    """

    joint: bool = False
    sources: bool = False
    mismatch: float = 0.0
    sampler: type[Sampler] = Sampler
    conditioner: Callable[[Tensor, Tensor, Span], Conditioner] = lambda *_: (
        ClassConditioner()
    )
    check: Callable[[NDArray[np.int64]], None] = lambda _: None
    unfit: tuple[tuple[str, str], ...] = ()


def find_condition(name: str) -> Condition:
    """The record of that name; ConfigError where there is none."""
    if name not in CONDITIONS:
        raise ConfigError(
            f"there is no conditioning {name!r}; choose one of {', '.join(CONDITIONS)}"
        )
    return CONDITIONS[name]


IMAGE = Condition(
    joint=True,
    sources=True,
    mismatch=1.0,
    sampler=PairSampler,
    conditioner=SourceConditioner,
    check=refuse_singles,
)
CONDITIONS: dict[str, Condition] = {
    "class": Condition(joint=True),
    "concat": Condition(joint=True),
    "caption": Condition(joint=True),
    "image": IMAGE,
    "image-warp": replace(
        IMAGE,
        unfit=(("copy", "images of conditioning=image-warp are bent real ones"),),
    ),
    "separate": Condition(),
    "none": Condition(),
}

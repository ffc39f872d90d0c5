"""What kinds of splits have in common: the task of their fits, and the placebo."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import torch

from ganaug.classify.flips import check_flips
from ganaug.data.images import LabelledImages
from ganaug.gain.classifiers.specs import Build, OnFeatures
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.kept import Kept
from ganaug.gain.pools import Pool, augment_again
from ganaug.gain.settings import Settings

FLIPS = "flips"  # key of whether mirroring keeps labels
PLACEBO_POLICY = "rand"  # policy that augments a placebo's sources again


class Common(Protocol):
    """What the splits of a gain share, of any kind."""

    @property
    def settings(self) -> Settings: ...
    @property
    def kept(self) -> Kept: ...
    @property
    def build(self) -> Build | OnFeatures: ...
    @property
    def device(self) -> torch.device: ...


def check_flips_once(
    common: Common, name: str, images: LabelledImages, *, seed: int
) -> tuple[bool, bool]:
    """Return whether mirroring left-right and up-down keeps labels, kept for a split.

    Args:
        common: what all splits share.
        name: of the split.
        images: images that the split may decide by.
        seed: seed of the check.
    """

    def check() -> dict[str, Any]:
        return {FLIPS: [bool(flip.safe) for flip in check_flips(images, seed=seed)]}

    hflip, vflip = common.kept.once(f"{name}/{FLIPS}", check)[FLIPS]
    return hflip, vflip


def make_task(common: Common, train: LabelledImages, flips: tuple[bool, bool]) -> Task:
    """Return the task of a final fit on a training part."""
    return Task(
        images=train.images,
        labels=train.labels,
        n_classes=len(train.classes),
        hflip=flips[0],
        vflip=flips[1],
        steps=common.settings.steps,
        build=common.build,
        device=common.device,
    )


def augment_sources(task: Task, sources: Pool, *, seed: int) -> Pool:
    """Return a placebo: the sources of carried images augmented again, each once."""
    return augment_again(
        sources,
        PLACEBO_POLICY,
        np.bincount(sources.labels, minlength=task.n_classes),
        hflip=task.hflip,
        vflip=task.vflip,
        seed=seed,
    )

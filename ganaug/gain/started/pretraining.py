"""Pretraining: a classifier of an earlier run's images, which fits may begin with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ganaug.errors import TrainingError
from ganaug.gain.classifiers.specs import Build
from ganaug.gain.fitting.fits import Fitted, fit_arm
from ganaug.gain.fitting.tasks import CPU, Task
from ganaug.gain.kept import Arrays, Kept
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.started.inputs import HeadStart
from ganaug.recipe import Recipe

PRETRAINED = "pretrained"  # key of its weights in a gain's folder
LONGER = 3  # times as many steps as a fit


def pretrain_once(
    start: HeadStart,
    settings: Settings,
    build: Build,
    kept: Kept,
    device: torch.device = CPU,
) -> Mapping[str, Tensor]:
    """Return the weights of a classifier of the run's images; it is trained once.

    It is of the kind, and sees images of the size, that the gain compares.
    """
    found = kept.once_arrays(
        PRETRAINED, lambda: pretrain(start, settings, build, device)
    )
    return {name: torch.from_numpy(values) for name, values in found.items()}


def pretrain(
    start: HeadStart, settings: Settings, build: Build, device: torch.device = CPU
) -> Arrays:
    """Train a classifier on all images of the run, with the strongest augmentation.

    Raises:
        TrainingError: its loss stopped being finite.
    """
    images = to_grid(start.images, settings.grid)
    hflip, vflip = start.flips
    task = Task(
        images=images.images,
        labels=images.labels,
        n_classes=len(images.classes),
        hflip=hflip,
        vflip=vflip,
        steps=LONGER * settings.steps,
        build=build,
        device=device,
    )
    try:
        fitted = fit_arm(task, Recipe(policy=settings.policies[0]), seed=settings.seed)
    except FloatingPointError as error:
        raise TrainingError(
            f"the loss of a classifier on the images of {start.name} stopped being "
            "finite; start from another run, or give another --classifier"
        ) from error
    assert isinstance(fitted, Fitted), "an estimator does not start from a run"
    state = fitted.network.state_dict()
    return {name: value.cpu().numpy() for name, value in state.items()}

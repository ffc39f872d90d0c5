"""SplitData: the images, pools and settings of one split."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.gain.classifiers.specs import Build, OnFeatures
from ganaug.gain.fitting.tasks import CPU, Task
from ganaug.gain.kept import Arrays, Kept
from ganaug.gain.pools import Pool, PoolMaker
from ganaug.gain.protocol.jobs import POOL
from ganaug.gain.protocol.selection import Fold, make_trial_folds
from ganaug.gain.protocol.split_task import make_task
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """The data and settings that all splits of a gain share.

    Attributes:
        data: all real images, of which GANs are trained as they are.
        test: the given test set, or None where splits have their own.
        settings: amount of work.
        kept: store of finished results.
        make_pool: maker of synthetic images from a split's `fit` images.
        build: builder of the classifier.
        device: device for the classifiers.
        shifts: whether networks are asked for corrupted test images too.
        styled: whether the pool is of styled images, which have an arm of their own.
        parent: weights of a network that learned from an earlier run's images, with
            which networks may begin, or None.
    """

    data: LabelledImages
    test: LabelledImages | None = None
    settings: Settings
    kept: Kept
    make_pool: PoolMaker
    build: Build | OnFeatures
    device: torch.device = CPU
    shifts: bool = False
    styled: bool = False
    parent: Mapping[str, Tensor] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class SplitData:
    """The images, pools and settings of one split.

    Attributes:
        name: name of the split's folder of finished results.
        seed: seed of the GAN and the first network; each further network adds 1.
        train: training part, at the size that classifiers see.
        own: the split's own two parts of it: images to fit and images to choose by.
        folds: folds that choose recipes with real images only.
        pool: synthetic images.
        placebo: real images to mix in, in place of the synthetic ones.
        task: images and settings of a final fit.
        settings: amount of work.
        kept: store of finished results.
    """

    name: str
    seed: int
    train: LabelledImages
    own: Fold
    folds: list[Fold]
    pool: Pool
    placebo: Pool
    task: Task
    settings: Settings
    kept: Kept

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the plain values that this split keeps under that key."""
        return self.kept.once(f"{self.name}/{key}", make)

    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays that this split keeps under that key."""
        return self.kept.once_arrays(f"{self.name}/{key}", make)

    def judged(self, fold: Fold) -> NDArray[np.int64]:
        """Return the labels of the images that a fold judges."""
        return self.train.labels[fold.judge]


def open_split(experiment: Experiment, split: Split, number: int) -> SplitData:
    """Return a split's images and pools; the pools are made at the first call."""
    data, settings, kept = experiment.data, experiment.settings, experiment.kept
    name, seed = name_split(number), seed_split(settings.seed, number)
    train = to_grid(data.subset(split.train), settings.grid)
    own = Fold(
        np.searchsorted(split.train, split.fit),
        np.searchsorted(split.train, split.validation),
    )
    folds = make_trial_folds(train, *own, seed=seed)
    made = _make_pools(experiment, split, name, seed)
    hflip, vflip = made["flips"].tolist()
    task = make_task(experiment, train, (hflip, vflip))
    task = replace(task, parent=experiment.parent)
    return SplitData(
        name=name,
        seed=seed,
        train=train,
        own=own,
        folds=folds,
        pool=_read_pool(made, "", settings.grid),
        placebo=_read_pool(made, "placebo_", settings.grid),
        task=task,
        settings=settings,
        kept=kept,
    )


def name_split(number: int) -> str:
    """Return the name of a split's folder of finished results."""
    return f"split-{number:02d}"


def seed_split(seed: int, number: int) -> int:
    """Return the seed of a split's GAN and first network; further networks add 1.

    Example:
        >>> seed_split(7, 2)
        2007
    """
    return seed + 1000 * number


def _make_pools(experiment: Experiment, split: Split, name: str, seed: int) -> Arrays:
    folder = experiment.kept.path / "gans" / name
    fit = experiment.data.subset(split.fit)
    made = experiment.kept.once_arrays(
        f"{name}/{POOL}", lambda: experiment.make_pool(fit, folder, seed)
    )
    shutil.rmtree(folder, ignore_errors=True)  # a run is 20 MB and more
    return made


def _read_pool(made: Arrays, prefix: str, size: tuple[int, int]) -> Pool:
    """Read a pool, and bring its images to the size that classifiers see."""
    echo = bool(made[f"{prefix}echo"]) if f"{prefix}echo" in made else False
    images, labels, soft = (made[prefix + n] for n in ("images", "labels", "soft"))
    domains = made.get(f"{prefix}domains")
    return Pool(resize_images(images, size), labels, soft, echo, domains)

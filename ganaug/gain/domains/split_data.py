"""DomainSplit: the images, folds and pools of one split where domains are known."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.gain.classifiers.specs import Build, OnFeatures
from ganaug.gain.domains.filling import (
    FillMaker,
    fill_by_carrier,
    to_placebo,
    to_pool,
)
from ganaug.gain.domains.splits import list_folds, seed_part
from ganaug.gain.fitting.tasks import CPU, Task
from ganaug.gain.kept import Arrays, Kept
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.selection import Fold
from ganaug.gain.protocol.split_data import name_split, seed_split
from ganaug.gain.protocol.split_task import check_flips_once, make_task
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split


@dataclass(frozen=True, eq=False, kw_only=True)
class DomainExperiment:
    """The data and settings that all splits share.

    Attributes:
        data: all real images, with domains.
        test: the given test set, or None where hidden cells are tested.
        settings: amount of work.
        kept: store of finished results.
        make_fill: maker of the synthetic images.
        make_shuffled: the same with domains that were shuffled, or None to omit it.
        build: builder of the classifier.
        device: device for the classifiers.
        per_cell: images that carriers make for each cell.
    """

    data: LabelledImages
    test: LabelledImages | None = None
    settings: Settings
    kept: Kept
    make_fill: FillMaker
    make_shuffled: FillMaker | None = None
    build: Build | OnFeatures
    device: torch.device = CPU
    per_cell: int = 40


@dataclass(frozen=True, eq=False, kw_only=True)
class DomainSplit:
    """The images and settings of one split.

    Attributes:
        name: name of the split's folder of finished results.
        seed: seed of the translator and the first network; further networks add 1.
        source: training part at its own size.
        train: training part at the size that classifiers see.
        folds: hidden cells that choose recipes; the first one chooses mixtures.
        task: images and settings of a final fit.
        experiment: what all splits share.
    """

    name: str
    seed: int
    source: LabelledImages
    train: LabelledImages
    folds: list[Fold]
    task: Task
    experiment: DomainExperiment
    _pools: dict[tuple[str, int], Pool] = field(default_factory=dict, repr=False)

    @property
    def settings(self) -> Settings:
        """Amount of work."""
        return self.experiment.settings

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the plain values that this split keeps under that key."""
        return self.experiment.kept.once(f"{self.name}/{key}", make)

    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays that this split keeps under that key."""
        return self.experiment.kept.once_arrays(f"{self.name}/{key}", make)

    def narrow(self, fold: Fold) -> Task:
        """Return the task of a fit on one part of a fold."""
        task, rows = self.task, fold.fit
        assert task.domains is not None, "domains are known here"
        return replace(
            task, images=task.images[rows], labels=task.labels[rows],
            domains=task.domains[rows],
        )  # fmt: skip

    def carry(self, carrier: str, number: int | None = None) -> Pool:
        """Return cells filled by a carrier, from a fold's images or from all."""
        key = carrier, -1 if number is None else number
        if key not in self._pools:
            data = self.train
            if number is not None:
                data = data.subset(self.folds[number].fit)
            make = fill_by_carrier(carrier, self.experiment.per_cell)
            made = make(data, self.experiment.kept.path, self.seed, 1.0)
            self._pools[key] = to_pool(made, self.task.n_classes)
        return self._pools[key]

    def fill(
        self, key: str, maker: FillMaker, rows: NDArray[np.int64], effort: float
    ) -> tuple[Pool, Pool]:
        """Return synthetic images made from some rows, and their sources as a placebo.

        They are made at the first call.

        Args:
            key: key to keep them under.
            maker: what makes them.
            rows: rows of the training part to make them from.
            effort: share of the planned training time.
        """
        folder = self.experiment.kept.path / "gans" / f"{self.name}-{key}"
        own = self.source.subset(rows)
        made = self.once_arrays(key, lambda: maker(own, folder, self.seed, effort))
        shutil.rmtree(folder, ignore_errors=True)  # a run is 20 MB and more
        grid, k = self.settings.grid, self.task.n_classes
        images = resize_images(made["images"], grid)
        seen = self.train.subset(rows)
        return to_pool({**made, "images": images}, k), to_placebo(made, seen)


def open_split(experiment: DomainExperiment, split: Split, number: int) -> DomainSplit:
    """Return a split's images and folds."""
    settings, data = experiment.settings, experiment.data
    name, seed = name_split(number), seed_split(settings.seed, number)
    source = data.subset(split.train)
    train = to_grid(source, settings.grid)
    folds = list_folds(train, seed=seed_part(split.train))
    fit = train.subset(folds[0].fit)
    flips = check_flips_once(experiment, name, fit, seed=seed)
    task = replace(
        make_task(experiment, train, flips),
        domains=train.domains,
        n_domains=len(data.domain_names),
    )
    return DomainSplit(
        name=name, seed=seed, source=source, train=train, folds=folds, task=task,
        experiment=experiment,
    )  # fmt: skip

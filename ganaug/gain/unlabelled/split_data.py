"""UnlabelledSplit: labelled, unlabelled and test images of one split."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.gain.classifiers.specs import Build, OnFeatures
from ganaug.gain.fitting.tasks import CPU, Task
from ganaug.gain.kept import Arrays, Kept
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.split_data import name_split, seed_split
from ganaug.gain.protocol.split_task import check_flips_once, make_task
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split
from ganaug.gain.unlabelled.splits import find_hidden


class CarryMaker(Protocol):
    """Makes labelled images of the unlabelled domain.

    Returns `images` (m, h, w, c), their `labels` (m,), and `sources` (m,), the rows of
    the labelled images that they were carried over from.
    """

    def __call__(
        self,
        data: LabelledImages,
        pool: UnlabelledImages,
        folder: Path,
        guesses: NDArray[np.float32],
        *,
        policy: str,
        seed: int,
    ) -> Arrays:
        """Make the images.

        Args:
            data: labelled images.
            pool: unlabelled images.
            folder: empty folder to work in; it is removed afterwards.
            guesses: (m, k) probabilities of the unlabelled images by self-training.
            policy: augmentation that was chosen for these images.
            seed: seed for everything random.
        """
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class UnlabelledExperiment:
    """The data and settings that all splits share.

    Attributes:
        data: labelled images.
        pool: unlabelled images, or None where each split hides a domain of the data.
        test: labelled images of the same domain, or None where a domain is hidden.
        settings: amount of work.
        kept: store of finished results.
        make_carried: maker of the synthetic images.
        build: builder of the classifier.
        device: device for the classifiers.
    """

    data: LabelledImages
    pool: UnlabelledImages | None = None
    test: LabelledImages | None = None
    settings: Settings
    kept: Kept
    make_carried: CarryMaker
    build: Build | OnFeatures
    device: torch.device = CPU


@dataclass(frozen=True, eq=False, kw_only=True)
class UnlabelledSplit:
    """The images and settings of one split.

    Attributes:
        name: name of the split's folder of finished results.
        seed: seed of the translator and the first network; further networks add 1.
        source: training part at its own size.
        pool: unlabelled images at their own size.
        test: test images at their own size.
        images: (n, h, w, c) the same as classifiers see them.
        task: labelled and unlabelled images as classifiers see them, and settings.
        experiment: what all splits share.
    """

    name: str
    seed: int
    source: LabelledImages
    pool: UnlabelledImages
    test: LabelledImages
    images: NDArray[np.uint8]
    task: Task
    experiment: UnlabelledExperiment

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the plain values that this split keeps under that key."""
        return self.experiment.kept.once(f"{self.name}/{key}", make)

    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays that this split keeps under that key."""
        return self.experiment.kept.once_arrays(f"{self.name}/{key}", make)

    def carry(
        self, key: str, guesses: NDArray[np.float32], policy: str
    ) -> tuple[Pool, Pool]:
        """Return images carried into the domain, and their sources as a placebo.

        Args:
            key: key to keep them under.
            guesses: (m, k) probabilities of the unlabelled images by self-training.
            policy: augmentation that was chosen.
        """
        folder = self.experiment.kept.path / "gans" / self.name
        made = self.once_arrays(
            key,
            lambda: self.experiment.make_carried(
                self.source, self.pool, folder, guesses, policy=policy, seed=self.seed
            ),
        )
        shutil.rmtree(folder, ignore_errors=True)  # a run is 20 MB and more
        images = resize_images(made["images"], self.experiment.settings.grid)
        return (
            self._label(images, made["labels"]),
            self._label(self.task.images[made["sources"]], made["labels"]),
        )

    def _label(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> Pool:
        eye = np.eye(self.task.n_classes, dtype=np.float32)
        return Pool(images, labels, eye[labels])


def open_split(
    experiment: UnlabelledExperiment, split: Split, number: int
) -> UnlabelledSplit:
    """Return a split's images."""
    settings, data = experiment.settings, experiment.data
    name, seed = name_split(number), seed_split(settings.seed, number)
    source = data.subset(split.train)
    pool, test = experiment.pool, experiment.test
    if split.test is not None:
        pool, test = find_hidden(data, split), data.subset(split.test)
    assert pool is not None, "they are given, or a domain is hidden"
    assert test is not None, "they are given, or a domain is hidden"
    train = to_grid(source, settings.grid)
    part = train.subset(np.searchsorted(split.train, split.fit))
    flips = check_flips_once(experiment, name, part, seed=seed)
    task = replace(
        make_task(experiment, train, flips),
        unlabelled=resize_images(pool.images, settings.grid),
    )
    return UnlabelledSplit(
        name=name, seed=seed, source=source, pool=pool, test=test,
        images=to_grid(test, settings.grid).images, task=task,
        experiment=experiment,
    )  # fmt: skip

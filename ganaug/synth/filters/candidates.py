"""Candidates to be judged, and the real images that filters judge them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.random_net import random_features
from ganaug.classify.teacher import Teacher, fit_teacher
from ganaug.config import TrainConfig
from ganaug.gan.generators import MERGED
from ganaug.gan.inputs.training_set import to_grid
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.learned import Learned, make_key, read_learned, save_learned
from ganaug.synth.filters.learned_teacher import recall_teacher
from ganaug.synth.real_images import RealImages

COMPUTED = ("random", "probabilities")  # of candidates, what is small
MOST_EXAMPLES = 6_000  # real images; larger sets are thinned evenly

Scores = NDArray[np.float32]  # (n,) of candidates
Kept = NDArray[np.bool_]  # (n,) whether each candidate may stay


@dataclass(frozen=True, eq=False)
class Candidates:
    """Images with the classes that they were drawn for.

    Attributes:
        images: (n, h, w, c) uint8 at the GAN's grid.
        labels: (n,) indices of classes.
        teacher: classifiers that give features and probabilities; None if there is
            only one class.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    teacher: Teacher | None

    def __len__(self) -> int:
        return len(self.labels)

    def relabel(self, labels: NDArray[np.int64]) -> Candidates:
        """Return the same images with other numbers (n,), and without a teacher."""
        view = Candidates(self.images, labels, None)
        view.__dict__["random"] = self.random  # which need not be computed again
        return view

    def lighten(self) -> Candidates:
        """Return them with what was computed, and without what computes it."""
        light = replace(self, teacher=None)
        known = {k: v for k, v in self.__dict__.items() if k in COMPUTED}
        light.__dict__.update(known)
        return light

    @cached_property
    def random(self) -> NDArray[np.float32]:
        """Features (n, d) of a fixed random network."""
        return random_features(self.images)

    @cached_property
    def features(self) -> list[NDArray[np.float32]]:
        """Features (n, d) in each of the teacher's networks."""
        return self.teacher.features(self.images) if self.teacher else []

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """The teacher's probabilities (n, k)."""
        assert self.teacher is not None, "a single class has no teacher"
        return self.teacher.judge(self.features)


@dataclass(frozen=True, eq=False)
class RealExamples:
    """The real images at the GAN's grid, for the filters.

    Attributes:
        training: images that the GAN was trained on.
        held_out: held-out images, which set thresholds; may be empty.
        training_rows, held_out_rows: their indices among the user's images.
        classes: names of the classes in label order.
        hflip, vflip: whether mirroring left-right and up-down keeps labels.
        learned: numbers that were learned from these images.
        key: what they depend on.
    """

    training: Candidates
    held_out: Candidates
    training_rows: NDArray[np.int64]
    held_out_rows: NDArray[np.int64]
    classes: tuple[str, ...]
    hflip: bool
    vflip: bool
    learned: Learned = field(default_factory=Learned)
    key: Mapping[str, Any] = field(default_factory=dict)

    @property
    def teacher(self) -> Teacher | None:
        return self.training.teacher

    def save(self, folder: Path) -> None:
        """Write what was learned of these images into a run's folder."""
        save_learned(folder, self.key, self.learned)


def prepare_examples(
    real: RealImages,
    config: TrainConfig,
    classes: tuple[str, ...],
    *,
    teach: bool = True,
    seed: int = 0,
    folder: Path | None = None,
) -> RealExamples:
    """Bring real images to the GAN's grid and train a teacher on its training images.

    Args:
        real: real images of a run.
        config: configuration of the training.
        classes: classes of the store; one, if the GAN was trained without classes.
        teach: whether to train a teacher, which takes most of the time.
        seed: seed for the teacher's training.
        folder: a run's folder, in which numbers may lie that were learned from the same
            images earlier; None learns them all.
    """
    labels = real.images.labels
    if classes in MERGED:
        labels = np.zeros_like(labels)
    training, held_out = (thin(r, MOST_EXAMPLES) for r in (real.train, real.held))
    known, fresh = (
        to_grid(np.asarray(real.images.images[rows]), config)
        for rows in (training, held_out)
    )
    operations = parse_operations(config.augment)
    flips = ("hflip" in operations, "vflip" in operations)
    groups = None if real.images.groups is None else real.images.groups[training]
    key = make_key(
        {
            "training": known,
            "held out": fresh,
            "labels": labels[training],
            "labels of held out": labels[held_out],
            "groups": groups,
        },
        [list(classes), flips, seed],
    )
    learned = Learned() if folder is None else read_learned(folder, key)
    teacher = None
    if teach:
        teacher = _teach(
            known, labels[training], len(classes),
            groups=groups, flips=flips, seed=seed, learned=learned,
        )  # fmt: skip
    return RealExamples(
        Candidates(known, labels[training], teacher),
        Candidates(fresh, labels[held_out], teacher),
        training_rows=training,
        held_out_rows=held_out,
        classes=classes,
        hflip=flips[0],
        vflip=flips[1],
        learned=learned,
        key=key,
    )


def _teach(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    *,
    groups: NDArray[np.int64] | None,
    flips: tuple[bool, bool],
    seed: int,
    learned: Learned,
) -> Teacher | None:
    """Train a teacher; return None if there is only one class, group or image."""
    several = len(labels) if groups is None else len(np.unique(groups))
    if n_classes < 2 or several < 2 or len(np.unique(labels)) < 2:
        return None

    def learn() -> Teacher:
        return fit_teacher(
            images,
            labels,
            n_classes,
            groups=groups,
            hflip=flips[0],
            vflip=flips[1],
            seed=seed,
        )

    return recall_teacher(learned, images, labels, n_classes, learn)

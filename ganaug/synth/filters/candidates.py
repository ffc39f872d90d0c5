"""Candidates: images to be judged, and what several filters look at in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.random_net import random_features
from ganaug.classify.teacher import Teacher, fit_teacher
from ganaug.config import TrainConfig
from ganaug.gan.generators import MERGED
from ganaug.gan.inputs.training_set import to_grid
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.metrics.thinning import thin
from ganaug.synth.real_images import RealImages

MOST = 6_000  # real images that are looked at; larger sets are thinned evenly


@dataclass(frozen=True, eq=False)
class Candidates:
    """Images with the classes that were asked for.

    Attributes:
        images: (n, h, w, c) uint8 at the GAN's grid.
        labels: (n,) indices of classes.
        teacher: whose features and opinion they get; None where there is one class.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    teacher: Teacher | None

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def random(self) -> NDArray[np.float32]:
        """(n, d) features of a fixed random network."""
        return random_features(self.images)

    @cached_property
    def features(self) -> list[NDArray[np.float32]]:
        """(n, d) features in each of the teacher's networks."""
        return self.teacher.features(self.images) if self.teacher else []

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """(n, k) the teacher's opinion."""
        assert self.teacher is not None, "there is nothing to tell apart"
        return self.teacher.judge(self.features)


@dataclass(frozen=True, eq=False)
class Reality:
    """The real images as the filters see them.

    Attributes:
        seen: what the GAN was trained on.
        held: what it was not, to set thresholds by; may be empty.
        seen_rows, held_rows: where these stand among the user's images.
        classes: names in label order.
        hflip, vflip: whether mirrored images keep their label.
    """

    seen: Candidates
    held: Candidates
    seen_rows: NDArray[np.int64]
    held_rows: NDArray[np.int64]
    classes: tuple[str, ...]
    hflip: bool
    vflip: bool

    @property
    def teacher(self) -> Teacher | None:
        return self.seen.teacher


def look_at_reality(
    real: RealImages,
    config: TrainConfig,
    classes: tuple[str, ...],
    *,
    teach: bool = True,
    seed: int = 0,
) -> Reality:
    """Bring the real images to the GAN's grid and train a teacher on those it saw.

    Args:
        real: the images of a run, and which of them the GAN saw.
        config: of the training.
        classes: of the generator; without conditions all images count as one class.
        teach: whether a teacher is needed; it takes the most time.
        seed: of the teacher.
    """
    labels = real.images.labels
    if classes in MERGED:
        labels = np.zeros_like(labels)
    seen, held = (thin(rows, MOST) for rows in (real.train, real.held))
    pixels = [to_grid(np.asarray(real.images.images[r]), config) for r in (seen, held)]
    operations = parse_operations(config.augment)
    flips = ("hflip" in operations, "vflip" in operations)
    groups = None if real.images.groups is None else real.images.groups[seen]
    teacher = None
    if teach:
        teacher = _teach(pixels[0], labels[seen], len(classes), groups, flips, seed)
    return Reality(
        Candidates(pixels[0], labels[seen], teacher),
        Candidates(pixels[1], labels[held], teacher),
        seen,
        held,
        classes,
        *flips,
    )


def _teach(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    groups: NDArray[np.int64] | None,
    flips: tuple[bool, bool],
    seed: int,
) -> Teacher | None:
    """None where there is one class, or one group or image: nothing to learn from."""
    several = len(labels) if groups is None else len(np.unique(groups))
    if n_classes < 2 or several < 2 or len(np.unique(labels)) < 2:
        return None
    return fit_teacher(
        images,
        labels,
        n_classes,
        groups,
        hflip=flips[0],
        vflip=flips[1],
        seed=seed,
    )

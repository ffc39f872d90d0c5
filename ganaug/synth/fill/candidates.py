"""Candidates that a translator carried over, and the real images that judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.teacher import Teacher
from ganaug.synth.fill.guessing import Guessed
from ganaug.synth.filters.candidates import Candidates, RealExamples
from ganaug.synth.filters.learned import Learned

Numbers = NDArray[np.int64]  # (n,)


@dataclass(frozen=True, eq=False)
class CarriedCandidates(Candidates):
    """Candidates with what they were carried over from.

    Attributes:
        domains: (n,) domains that they were carried into.
        origins: (n,) domains of their source images.
        folds: (n,) the teacher's classifier that has not seen the source image.
        back: (n, h, w, c) uint8, the candidates carried back into `origins`.
        guessed: unlabelled images of their domain, whose classifier judges them; None
            for the teacher.
    """

    domains: Numbers
    origins: Numbers
    folds: Numbers
    back: NDArray[np.uint8]
    guessed: Guessed | None = None

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """Class probabilities (n, k), by classifiers that have not seen the source."""
        if self.guessed is not None:
            return self.guessed.judge(self.images)
        return self._judge(self.images)

    @cached_property
    def back_probabilities(self) -> NDArray[np.float32]:
        """The same of the images carried back."""
        return self._judge(self.back)

    def _judge(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        assert self.teacher is not None, "a single class has no teacher"
        return judge_unseen(self.teacher, images, self.folds)


def judge_unseen(
    teacher: Teacher, images: NDArray[np.uint8], folds: Numbers
) -> NDArray[np.float32]:
    """Return class probabilities (n, k), each image's by its fold's classifier."""
    found = np.zeros((len(images), teacher.probabilities.shape[1]), np.float32)
    for fold in np.unique(folds):
        mine = folds == fold
        found[mine] = teacher.classifiers[fold].predict_proba(images[mine])
    return found


def relabel_examples(
    real: RealExamples,
    training: Numbers,
    held_out: Numbers,
    classes: Sequence[str],
) -> RealExamples:
    """Return real images under other numbers; those below 0 are left out.

    Args:
        real: real images by class.
        training, held_out: new numbers of both parts.
        classes: names of the numbers.
    """
    known, fresh = training >= 0, held_out >= 0
    return replace(
        real,
        training=_take(real.training, known).relabel(training[known]),
        held_out=_take(real.held_out, fresh).relabel(held_out[fresh]),
        training_rows=real.training_rows[known],
        held_out_rows=real.held_out_rows[fresh],
        classes=tuple(classes),
        learned=Learned(),
    )


def add_examples(real: RealExamples, images: NDArray[np.uint8]) -> RealExamples:
    """Return real images with further training images, which are not the user's."""
    none = np.full(len(images), -1)
    training = Candidates(
        np.concatenate([real.training.images, images]),
        np.concatenate([real.training.labels, none]),
        None,
    )
    rows = np.concatenate([real.training_rows, none])
    return replace(real, training=training, training_rows=rows, learned=Learned())


def _take(part: Candidates, mask: NDArray[np.bool_]) -> Candidates:
    if mask.all():
        return part
    return Candidates(part.images[mask], part.labels[mask], None)

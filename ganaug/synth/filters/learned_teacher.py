"""The teacher among kept numbers: its networks' weights, folds and probabilities."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import Classifier
from ganaug.classify.network import build_classifier
from ganaug.classify.teacher import Teacher
from ganaug.errors import CheckpointError
from ganaug.synth.filters.learned import LEARNED_FILE, Learned
from ganaug.training.weights import fit_network

NETWORK, FOLDS, PROBABILITIES = "teacher.network", "teacher.folds", "teacher.out"


def recall_teacher(
    learned: Learned,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    learn: Callable[[], Teacher],
) -> Teacher:
    """Return the teacher that is kept, or learn one and keep it.

    Args:
        learned: numbers learned from these images.
        images: (n, h, w, c) uint8 that it learned from.
        labels: (n,) their classes.
        n_classes: number of classes.
        learn: trains it.
    """
    teacher = _restore(learned, images, labels, n_classes)
    if teacher is None:
        teacher = learn()
        _keep(learned, teacher)
    return teacher


def _restore(
    learned: Learned,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
) -> Teacher | None:
    """Put a teacher together again; None where a part is missing or does not fit."""
    fold_of, out = learned.arrays.get(FOLDS), learned.arrays.get(PROBABILITIES)
    if fold_of is None or out is None:
        return None
    if fold_of.shape != (len(images),) or out.shape != (len(images), n_classes):
        return None
    size, channels = images.shape[1:3], images.shape[3]
    build = partial(build_classifier, size, channels, n_classes)
    cpu = torch.device("cpu")
    try:
        classifiers = tuple(
            Classifier(fit_network(build, weights, Path(LEARNED_FILE)).eval(), cpu)
            for weights in _list_weights(learned, int(fold_of.max()) + 1)
        )
    except CheckpointError:
        return None
    return Teacher(classifiers, fold_of, out, labels)


def _list_weights(learned: Learned, networks: int) -> list[dict[str, torch.Tensor]]:
    return [
        {
            name: torch.from_numpy(array)
            for name, array in learned.under(f"{NETWORK}{k}").items()
        }
        for k in range(networks)
    ]


def _keep(learned: Learned, teacher: Teacher) -> None:
    for k, classifier in enumerate(teacher.classifiers):
        for name, tensor in classifier.network.state_dict().items():
            learned.note(f"{NETWORK}{k}.{name}", tensor.detach().cpu().numpy())
    learned.note(FOLDS, teacher.fold_of)
    learned.note(PROBABILITIES, teacher.probabilities)

"""Reverse validation: an augmentation is chosen by learning back from its guesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

POLICIES = ("rand", "jitter")  # augmentation to choose from, the usual one first

Probabilities = NDArray[np.float32]  # (images, k)
Labels = NDArray[np.int64]
LearnBack = Callable[[Labels], Probabilities]


def choose_policy(
    guesses: Mapping[str, Probabilities], labels: Labels, learn_back: LearnBack
) -> str:
    """Return the augmentation from whose guesses the labelled images are learned best.

    Guesses of networks that were trained in different ways cannot be compared by how
    sure they are: augmentation makes them less sure, and better. So a network learns
    the unlabelled images with the guesses as classes, and is tested on the labelled
    ones (Zhong et al., "Cross Validation Framework to Choose amongst Models and
    Datasets for Transfer Learning", 2010). Of equal ones the first is taken.

    Args:
        guesses: augmentation → (m, k) probabilities of the unlabelled images.
        labels: (n,) classes of the labelled images.
        learn_back: function that trains a network on the unlabelled images with classes
            (m,), and returns its probabilities (n, k) for the labelled ones.
    """
    scores = {
        name: score_back(learn_back(own.argmax(axis=1)), labels)
        for name, own in guesses.items()
        if np.isfinite(own).all()
    }
    return max(scores or guesses, key=lambda name: scores.get(name, 0.0))


def score_back(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean over classes of the share that is recognised.

    Example:
        >>> score_back(np.eye(2, dtype=np.float32)[[0, 0, 0]], np.array([0, 0, 1]))
        0.5
    """
    hits = probabilities.argmax(axis=1) == labels
    return float(np.mean([hits[labels == k].mean() for k in np.unique(labels)]))

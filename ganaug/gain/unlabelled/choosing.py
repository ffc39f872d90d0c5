"""Choosing without labels of the new domain: a fixed order, and what guesses tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]  # (m, k) of the unlabelled images


def choose_policy(guesses: Mapping[str, Probabilities]) -> str:
    """Return the augmentation whose guesses tell most, or the first of equal ones.

    Args:
        guesses: augmentation → probabilities of the unlabelled images, by a network
            whose batch normalisation was settled on them.
    """
    return max(guesses, key=lambda name: measure_information(guesses[name]))


def choose_arm(guesses: Mapping[str, Probabilities]) -> str:
    """Return the first training whose fit did not fail.

    Nothing that can be seen without labels compares trainings fairly: those that learn
    from their own guesses are sure of them, right or wrong. So the order is fixed.

    Args:
        guesses: training → probabilities of the unlabelled images, in that order.
    """
    fine = [name for name, own in guesses.items() if np.isfinite(own).all()]
    return next(iter([*fine, *guesses]))


def measure_information(probabilities: Probabilities) -> float:
    """Return how much guesses tell, in [0, 1]: each is sure, and all classes come.

    That is the entropy of the mean guess minus the mean entropy of guesses, over the
    logarithm of the number of classes (Bridle et al., "Unsupervised Classifiers, Mutual
    Information and Phantom Targets", 1992). Failed fits tell nothing.

    Example:
        >>> float(measure_information(np.eye(2, dtype=np.float32)))
        1.0
        >>> float(measure_information(np.full((2, 2), 0.5, np.float32)))
        0.0
    """
    if not np.isfinite(probabilities).all():
        return 0.0
    p = probabilities.astype(np.float64)
    told = _measure_entropy(p.mean(axis=0)) - _measure_entropy(p).mean()
    return float(told / np.log(p.shape[1]))


def _measure_entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-(p * np.log(np.maximum(p, 1e-12))).sum(axis=-1))

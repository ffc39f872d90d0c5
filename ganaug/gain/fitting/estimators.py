"""scikit-learn estimators on features of a fixed network, fitted by a recipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.classifiers.estimators import WEIGHT, find_weights
from ganaug.gain.classifiers.specs import Extract, OnFeatures
from ganaug.gain.fitting.batches import make_augment
from ganaug.gain.fitting.priors import find_chances
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool, mix_pool
from ganaug.mixing.schedule import count_synthetic
from ganaug.recipe import Recipe

COPIES = 4  # augmented versions of each real image


@dataclass(frozen=True, eq=False)
class FittedEstimator:
    """A fitted estimator that predicts like a network.

    Classes that it was not fitted to have probability 0.
    """

    estimator: Any
    extract: Extract
    n_classes: int

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return class probabilities, (n, k), of images (n, h, w, c)."""
        found = np.zeros((len(images), self.n_classes), np.float32)
        seen = np.asarray(self.estimator.classes_, np.int64)
        found[:, seen] = self.estimator.predict_proba(self.extract(images))
        return found


def fit_estimator(
    task: Task, recipe: Recipe, pool: Pool | None, *, seed: int
) -> FittedEstimator:
    """Fit an estimator by the parts of a recipe that apply to it.

    An estimator takes no steps: it is fitted once to 4 augmented versions of each real
    image and the recipe's share of synthetic images. A soft label counts as its
    likeliest class, weighted by that class's probability. Where the recipe samples
    evenly or adjusts its loss, uneven classes are weighted by 1/frequency. Mixing and
    a real-only ending have no effect.

    Args:
        task: real images and an estimator on features.
        recipe: recipe to train by.
        pool: images to mix in; None is allowed where the recipe's share is 0.
        seed: seed for the drawn images and for each `random_state` in the estimator.
    """
    build, images, labels, n_classes = (
        task.build, task.images, task.labels, task.n_classes,
    )  # fmt: skip
    assert isinstance(build, OnFeatures)
    augment = make_augment(task, recipe, seed)
    real = np.concatenate([augment(images) for _ in range(COPIES)])
    x, y, weights = [real], [np.tile(labels, COPIES)], [np.ones(len(real))]
    if recipe.share and pool is not None:
        more, own, weight = _draw(pool, recipe, real, labels=y[0], seed=seed)
        x.append(augment(more) if not pool.echo else more)
        y.append(own)
        weights.append(weight)
    targets, each = np.concatenate(y), np.concatenate(weights)
    if recipe.sampling == "cells":
        chances = find_chances(task, "cells")[np.arange(len(real)) % len(labels)]
        each[: len(real)] *= chances * len(labels)
    elif recipe.sampling == "balanced" or recipe.adjusted:
        counts = np.bincount(y[0], minlength=n_classes)
        each = each * len(y[0]) / (n_classes * np.maximum(1, counts)[targets])
    estimator = _clone(build.estimator, seed)
    weighs = {find_weights(estimator) or WEIGHT: each}
    estimator.fit(build.extract(np.concatenate(x)), targets, **weighs)
    return FittedEstimator(estimator, build.extract, n_classes)


def _clone(estimator: Any, seed: int) -> Any:
    """Return an unfitted copy with every random state set to the seed."""
    from sklearn.base import clone

    copy = clone(estimator)
    states = [k for k in copy.get_params() if k.split("__")[-1] == "random_state"]
    return copy.set_params(**dict.fromkeys(states, seed % 2**32))


def _draw(
    pool: Pool,
    recipe: Recipe,
    real: NDArray[np.uint8],
    *,
    labels: NDArray[np.int64],
    seed: int,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float64]]:
    """Draw images from the pool, or real ones for an echo, with labels and weights."""
    if pool.echo:
        rng = np.random.default_rng(seed)
        rows = rng.integers(0, len(labels), count_synthetic(len(labels), recipe.share))
        return real[rows], labels[rows], np.full(len(rows), recipe.weight)
    schedule, _ = mix_pool(labels, pool, recipe, seed=seed)
    rows = schedule.pick(0)
    own, weight = pool.labels[rows], np.full(len(rows), recipe.weight)
    if recipe.labels != "hard":
        own = pool.soft[rows].argmax(axis=1)
        weight = weight * pool.soft[rows].max(axis=1)
    return pool.images[rows], own, weight

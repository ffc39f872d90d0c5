"""scikit-learn estimators on features of a fixed network, as arms of a gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.pools import Pool
from ganaug.mixing.schedule import count_synthetic
from ganaug.recipe import Recipe

WEIGHT = "sample_weight"
COPIES = 4  # augmented versions of each real image

Extract = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
Augment = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class OnFeatures:
    """An estimator that is fitted to features.

    Attributes:
        estimator: with `predict_proba`, and `fit` that takes `sample_weight`, or a
            Pipeline that ends in such a one; cloned.
        extract: (n, h, w, c) uint8 → (n, d).
    """

    estimator: Any
    extract: Extract


@dataclass(frozen=True, eq=False)
class FittedEstimator:
    """Predicts like a network: classes that were not seen have probability 0."""

    estimator: Any
    extract: Extract
    n_classes: int

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Class probabilities, (n, k), of images (n, h, w, c)."""
        found = np.zeros((len(images), self.n_classes), np.float32)
        seen = np.asarray(self.estimator.classes_, np.int64)
        found[:, seen] = self.estimator.predict_proba(self.extract(images))
        return found


def fit_estimator(
    kind: OnFeatures,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    recipe: Recipe,
    pool: Pool | None,
    augment: Augment,
    *,
    seed: int,
) -> FittedEstimator:
    """Fit an estimator by what a recipe can mean to it.

    It takes no steps: each real image comes in COPIES augmented versions, and synthetic
    ones in their share beside them. A soft label is its likeliest class, weighted by
    that class's probability; uneven classes are weighted by 1/frequency where the
    recipe samples evenly or adjusts its loss; mixing and a real-only ending mean
    nothing here.

    Args:
        kind: the estimator and its features.
        images, labels: (n, h, w, c) uint8 and (n,), the real ones.
        n_classes: classes to tell apart.
        recipe: how to train.
        pool: of synthetic images, where the recipe has a share.
        augment: the recipe's policy.
        seed: of the choice of images, and of every `random_state` in the estimator.
    """
    from sklearn.base import clone

    rng = np.random.default_rng(seed)
    real = np.concatenate([augment(images) for _ in range(COPIES)])
    x, y, weights = [real], [np.tile(labels, COPIES)], [np.ones(len(real))]
    if recipe.share and pool is not None:
        more, own, weight = _draw(pool, recipe, real, y[0], rng)
        x.append(augment(more) if not pool.echo else more)
        y.append(own)
        weights.append(weight)
    targets, each = np.concatenate(y), np.concatenate(weights)
    if recipe.sampling == "balanced" or recipe.adjusted:
        counts = np.bincount(y[0], minlength=n_classes)
        each = each * len(y[0]) / (n_classes * np.maximum(1, counts)[targets])
    estimator = clone(kind.estimator)
    states = [k for k in estimator.get_params() if k.split("__")[-1] == "random_state"]
    estimator.set_params(**dict.fromkeys(states, seed % 2**32))
    weighs = {find_weights(estimator) or WEIGHT: each}
    estimator.fit(kind.extract(np.concatenate(x)), targets, **weighs)
    return FittedEstimator(estimator, kind.extract, n_classes)


def find_weights(estimator: Any) -> str | None:
    """The argument of `fit` by which images are weighed; None where it has none.

    Example:
        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> find_weights(make_pipeline(StandardScaler(), LogisticRegression()))
        'logisticregression__sample_weight'
    """
    from sklearn.utils.validation import has_fit_parameter

    last, prefix = estimator, ""
    while getattr(last, "steps", None):
        name, last = last.steps[-1]
        prefix += f"{name}__"
    # a search over parameters, or a vote, hands on what its fit does not name
    handed = any(
        p.kind is p.VAR_KEYWORD for p in signature(last.fit).parameters.values()
    )
    weighs = handed or has_fit_parameter(last, WEIGHT)
    return f"{prefix}{WEIGHT}" if weighs else None


def _draw(
    pool: Pool,
    recipe: Recipe,
    real: NDArray[np.uint8],
    labels: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float64]]:
    """Images of the pool, or real ones again for an echo: labels and weights too."""
    n = count_synthetic(len(labels), recipe.share)
    if pool.echo:
        rows = rng.integers(0, len(labels), n)
        return real[rows], labels[rows], np.full(n, recipe.weight)
    frequencies = np.bincount(labels, minlength=pool.soft.shape[1])[pool.labels]
    inside = np.bincount(pool.labels, minlength=pool.soft.shape[1])[pool.labels]
    shares = frequencies / inside
    if not shares.sum():
        return real[:0], labels[:0], np.empty(0)
    rows = rng.choice(len(pool), n, p=shares / shares.sum())
    own, weight = pool.labels[rows], np.full(n, recipe.weight)
    if recipe.labels != "hard":
        own = pool.soft[rows].argmax(axis=1)
        weight = weight * pool.soft[rows].max(axis=1)
    return pool.images[rows], own, weight

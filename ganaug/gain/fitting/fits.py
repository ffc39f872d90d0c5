"""Fits: train a classifier by a recipe, and predict with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.chunks import map_chunks
from ganaug.classify.invariances import INVARIANCES
from ganaug.classify.learning import normalise, settle_norms, teach_network
from ganaug.gain.classifiers.specs import OnFeatures
from ganaug.gain.fitting.adapting import (
    SELF_TRAINED,
    adapt_batches,
    adapt_task,
    fit_in_rounds,
    settle,
)
from ganaug.gain.fitting.batches import Batches
from ganaug.gain.fitting.building import build_network, find_optimisation
from ganaug.gain.fitting.estimators import FittedEstimator, fit_estimator
from ganaug.gain.fitting.priors import find_prior
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool
from ganaug.recipe import Recipe

DROPPING = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout,
    nn.FeatureAlphaDropout, nn.RReLU,
)  # fmt: skip
DROPPING_NAMES = ("StochasticDepth", "DropPath")  # torchvision's and timm's
SETTLING_BATCHES = 20  # real batches that re-estimate batch normalisation


def fit_arm(
    task: Task, recipe: Recipe, pool: Pool | None = None, *, seed: int
) -> Fitted | FittedEstimator:
    """Train a classifier by a recipe.

    Every arm takes the same number of steps with the same number of real images; the
    pool's images are added to them.

    Args:
        task: real images and settings that all arms share.
        recipe: recipe to train by.
        pool: images to mix in; None is allowed where the recipe's share is 0.
        seed: seed for weights, order, augmentation and dropout.

    Raises:
        FloatingPointError: the network's outputs stopped being finite.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> fitted = fit_arm(Task(x, y, 2, steps=3), Recipe(), seed=0)
        >>> fitted.predict_proba(x).shape
        (8, 2)
    """
    if recipe.adaptation == SELF_TRAINED:
        return fit_in_rounds(
            task, recipe, lambda own, each: fit_arm(own, each, pool, seed=seed)
        )
    task = adapt_task(task, recipe)
    if isinstance(task.build, OnFeatures):
        return fit_estimator(task, recipe, pool, seed=seed)
    network = build_network(task, recipe, seed)
    batches = Batches(task, recipe, pool, seed)
    adapted = adapt_batches(batches, network, task, recipe, seed)
    shares = find_prior(task, recipe, pool)
    prior = None if shares is None else torch.from_numpy(shares).to(task.device)
    invariance = None
    if recipe.invariance != "none":
        attach = INVARIANCES[recipe.invariance]
        invariance = attach(network, task.n_domains, seed=seed)
    # dropout draws from torch's global state: only one such fit may run at a time
    with engine.seeded(seed) if _draws(network) else nullcontext():
        teach_network(
            network, adapted, task.steps, prior=prior, invariance=invariance,
            optimisation=find_optimisation(task.optimisation, recipe),
        )  # fmt: skip
        if recipe.share and recipe.real_only:
            settle_norms(network, batches.iterate_real(SETTLING_BATCHES))
    settle(network, task, recipe, seed)
    if invariance is not None:
        invariance.release()
    if not all(bool(p.isfinite().all()) for p in network.parameters()):
        raise FloatingPointError("a fit's loss stopped being finite")
    return Fitted(network)


def fit_and_predict(
    task: Task,
    recipe: Recipe,
    pool: Pool | None,
    images: NDArray[np.uint8],
    *,
    seed: int,
) -> NDArray[np.float32]:
    """Fit a classifier and return its (n, k) probabilities for images (n, h, w, c).

    All are NaN if the fit failed, so that it can be counted and left out with its pair.
    """
    (found,) = fit_and_predict_each(task, recipe, pool, [images], seed=seed)
    return found


def fit_and_predict_each(
    task: Task,
    recipe: Recipe,
    pool: Pool | None,
    sets: Iterable[NDArray[np.uint8]],
    *,
    seed: int,
) -> Iterator[NDArray[np.float32]]:
    """Fit one classifier, and yield its probabilities for each set of images."""
    fitted = None
    with suppress(FloatingPointError):
        fitted = fit_arm(task, recipe, pool, seed=seed)
    for images in sets:
        if fitted is None:
            yield np.full((len(images), task.n_classes), np.nan, np.float32)
        else:
            yield fitted.predict_proba(images)


def _draws(network: nn.Module) -> bool:
    """Whether a layer of the network draws random numbers as it learns."""
    return any(
        isinstance(layer, DROPPING) or type(layer).__name__ in DROPPING_NAMES
        for layer in network.modules()
    )


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network in evaluation mode."""

    network: nn.Module

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return class probabilities, (n, k), of images (n, h, w, c)."""
        device = next(self.network.parameters()).device

        def judge(chunk: NDArray[np.uint8]) -> Tensor:
            with engine.autocast(device, engine.fast_precision(device)):
                logits: Tensor = self.network(normalise(chunk).to(device))
            return logits.float().softmax(dim=1)

        return map_chunks(images, judge)

"""Adapting: a fit learns from unlabelled images too, as its recipe says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.adaptation.blending import blend_batches
from ganaug.classify.adaptation.consistency import add_consistent
from ganaug.classify.adaptation.rounds import Predicts, train_in_rounds
from ganaug.classify.adaptation.settling import settle_network
from ganaug.classify.chunks import map_chunks
from ganaug.classify.learning import Batch, normalise
from ganaug.gain.fitting.batches import make_augment
from ganaug.gain.fitting.tasks import Task
from ganaug.recipe import Recipe

SETTLED, BLENDED = "settled", "blended"
CONSISTENT, SELF_TRAINED = "consistent", "self-trained"
WEAK = "shift"  # augmentation of what is guessed
LONGER = 1  # times as many steps where guesses are made on the way

Model = TypeVar("Model", bound=Predicts)


def fit_in_rounds(
    task: Task, recipe: Recipe, fit: Callable[[Task, Recipe], Model]
) -> Model:
    """Fit by self-training: on the task's images, then also on its surest guesses.

    Args:
        task: labelled images and unlabelled ones.
        recipe: how each fit is made, its batch normalisation settled.
        fit: function that makes one.
    """
    unlabelled, own = find_unlabelled(task), replace(recipe, adaptation=SETTLED)

    def fit_round(rows: NDArray[np.int64], guesses: NDArray[np.int64]) -> Model:
        return fit(join_guesses(task, rows, guesses), own)

    return train_in_rounds(fit_round, unlabelled, start=task.guesses).model


def join_guesses(
    task: Task, rows: NDArray[np.int64], guesses: NDArray[np.int64]
) -> Task:
    """Return the task with some unlabelled images more, labelled by guesses."""
    domains = task.domains
    if domains is not None:
        domains = np.concatenate([domains, np.full(len(rows), -1)])
    return replace(
        task,
        images=np.concatenate([task.images, find_unlabelled(task)[rows]]),
        labels=np.concatenate([task.labels, guesses[rows]]),
        domains=domains,
    )


def find_unlabelled(task: Task) -> NDArray[np.uint8]:
    """Return the unlabelled images of a task that has some."""
    assert task.unlabelled is not None, "this recipe needs unlabelled images"
    return task.unlabelled


def adapt_task(task: Task, recipe: Recipe) -> Task:
    """Return the task with the steps that the recipe's adaptation takes."""
    longer = LONGER if recipe.adaptation == CONSISTENT else 1
    return replace(task, steps=longer * task.steps)


def adapt_batches(
    batches: Iterable[Batch], network: nn.Module, task: Task, recipe: Recipe, seed: int
) -> Iterable[Batch]:
    """Return the batches with what the recipe takes from unlabelled images."""
    if recipe.adaptation == BLENDED:
        return blend_batches(batches, find_unlabelled(task), seed=seed)
    if recipe.adaptation != CONSISTENT:
        return batches
    weak = replace(recipe, policy=WEAK)
    return add_consistent(
        batches,
        find_unlabelled(task),
        lambda images: _guess(network, images),
        weak=make_augment(task, weak, seed),
        strong=make_augment(task, recipe, seed + 1),
        steps=task.steps,
        seed=seed,
    )


def settle(network: nn.Module, task: Task, recipe: Recipe, seed: int) -> None:
    """Estimate batch normalisation anew on unlabelled images, if the recipe does."""
    if recipe.adaptation != Recipe().adaptation:
        settle_network(network, find_unlabelled(task), seed=seed, device=task.device)


def _guess(network: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return probabilities (n, k) of a network that is being trained."""
    device = next(network.parameters()).device
    precision = engine.fast_precision(device)

    def judge(chunk: NDArray[np.uint8]) -> Tensor:
        with engine.autocast(device, precision):
            logits: Tensor = network(normalise(chunk).to(device))
        return logits.float().softmax(dim=1)

    network.eval()
    found = map_chunks(images, judge)
    network.train()
    return found

"""Batches of one fit: real images, and the recipe's share of synthetic ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.learning import Batch, normalise
from ganaug.classify.policies import Augment, make_policy
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool
from ganaug.mixing.schedule import count_synthetic
from ganaug.recipe import TEACHER_SHARE, Recipe

BATCH_SIZE = 64  # real images in a step


class Batches:
    """The batches of one fit, in order.

    Args:
        task: the fit's real images and settings.
        recipe: augmentation, sampling and mixing to use.
        pool: images to mix in; None is allowed where the recipe's share is 0.
        seed: seed for the order and the augmentation.
    """

    def __init__(
        self, task: Task, recipe: Recipe, pool: Pool | None, seed: int
    ) -> None:
        assert pool is not None or not recipe.share, "a share needs a pool"
        self.task, self.recipe, self.pool = task, recipe, pool
        self.rng = np.random.default_rng(seed)
        self.augment = make_augment(task, recipe, seed)
        counts = np.bincount(task.labels, minlength=task.n_classes)
        self.frequencies = _find_frequencies(counts, recipe.sampling)
        self.batch = min(BATCH_SIZE, max(16, len(task.labels)))
        self.extra = count_synthetic(self.batch, recipe.share)
        self.real = _Stream(task.labels, self.frequencies, self.rng, recipe.sampling)
        if self.extra and pool is not None and not pool.echo:
            self.more = _Stream(pool.labels, self.frequencies, self.rng, "balanced")

    def __iter__(self) -> Iterator[Batch]:
        steps = self.task.steps
        last = steps - math.floor(self.recipe.real_only * steps)
        for step in range(steps):
            yield self._draw(mixed=bool(self.extra) and step < last)

    def iterate_real(self, n: int) -> Iterator[Batch]:
        """Draw n batches that hold real images only."""
        return (self._draw(mixed=False) for _ in range(n))

    def _draw(self, *, mixed: bool) -> Batch:
        rows = self.real.take(self.batch)
        images = self.augment(self.task.images[rows])
        targets = np.eye(self.task.n_classes, dtype=np.float32)[self.task.labels[rows]]
        weights = np.ones(len(rows), np.float32)
        if mixed:
            more, more_targets = self._draw_more(images, targets)
            images = np.concatenate([images, more])
            targets = np.concatenate([targets, more_targets])
            low = np.full(len(more), self.recipe.weight, np.float32)
            weights = np.concatenate([weights, low])
            weights /= weights.mean()
        batch = Batch(
            normalise(images), torch.from_numpy(targets), torch.from_numpy(weights)
        )
        return MIXES[self.recipe.mix](batch, self.rng).to(self.task.device)

    def _draw_more(
        self, images: NDArray[np.uint8], targets: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Draw images from the pool, augmented like real ones, and their targets."""
        assert self.pool is not None
        if self.pool.echo:
            again = np.arange(self.extra) % len(images)
            return images[again], targets[again]
        rows = self.more.take(self.extra)
        hard = np.eye(self.task.n_classes, dtype=np.float32)[self.pool.labels[rows]]
        part = TEACHER_SHARE[self.recipe.labels]
        soft = self.pool.soft[rows]
        return self.augment(self.pool.images[rows]), (1 - part) * hard + part * soft


class _Stream:
    """An endless order of rows that repeats none before all others had their turn.

    `natural` shuffles all rows. Any other sampling draws a class by its frequency
    first, then the next row of that class.
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        frequencies: NDArray[np.float64],
        rng: np.random.Generator,
        sampling: str,
    ) -> None:
        self.rng = rng
        if sampling == "natural":
            self.parts, self.shares = [np.arange(len(labels))], np.ones(1)
        else:
            own = [np.flatnonzero(labels == k) for k in range(len(frequencies))]
            there = [k for k, rows in enumerate(own) if len(rows) and frequencies[k]]
            self.parts = [own[k] for k in there]
            self.shares = frequencies[there] / frequencies[there].sum()
        self.left: list[list[int]] = [[] for _ in self.parts]

    def take(self, n: int) -> NDArray[np.int64]:
        chosen = self.rng.choice(len(self.parts), n, p=self.shares)
        return np.array([self._next(part) for part in chosen], np.int64)

    def _next(self, part: int) -> int:
        if not self.left[part]:
            self.left[part] = self.rng.permutation(self.parts[part]).tolist()
        return self.left[part].pop()


def _find_frequencies(counts: NDArray[np.int64], sampling: str) -> NDArray[np.float64]:
    """Return (k,) the share of draws that each class gets."""
    weights = (counts > 0) if sampling == "balanced" else counts
    return np.asarray(weights / weights.sum(), np.float64)


def make_augment(task: Task, recipe: Recipe, seed: int) -> Augment:
    """Return the recipe's augmentation; it mirrors only where labels allow it."""
    return make_policy(
        recipe.policy,
        task.images.shape[1:],
        hflip=task.hflip and recipe.flips,
        vflip=task.vflip and recipe.flips,
        seed=seed,
    )

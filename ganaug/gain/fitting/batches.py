"""Batches of one fit: real images, and the recipe's share of synthetic ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.learning import Batch, normalise
from ganaug.classify.policies import Augment, make_policy
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool, mix_pool
from ganaug.mixing.epochs.streams import Stream, number_parts
from ganaug.mixing.schedule import Schedule, count_synthetic
from ganaug.mixing.targets import blend
from ganaug.recipe import TEACHER_SHARE, Recipe

BATCH_SIZE, LEAST_BATCH = 64, 16  # real images in a step


class Batches:
    """The batches of one fit, in order.

    Which synthetic images come in which epoch, and which real ones stand in their
    places at the end, is planned as `SyntheticDataset` plans it.

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
        self.batch = count_batch(len(task.labels))
        parts = number_parts(task.labels, task.domains, recipe.sampling)
        self.real = Stream(len(task.labels), parts, self.rng)
        self.extra = 0
        if recipe.share and pool is not None:
            self.extra = self._plan(pool, recipe, seed)

    def _plan(self, pool: Pool, recipe: Recipe, seed: int) -> int:
        """Plan the further images, and return how many of them a batch has."""
        if not pool.echo:
            schedule, others = mix_pool(self.task.labels, pool, recipe, seed=seed)
            if not sum(schedule.counts.values()):
                return 0
            self.more = _walk(schedule, self.rng)
            self.stand_ins = _walk(others, self.rng)
        return count_synthetic(self.batch, recipe.share)

    def __iter__(self) -> Iterator[Batch]:
        steps = self.task.steps
        last = steps - math.floor(self.recipe.real_only * steps)
        for step in range(steps):
            mixed = bool(self.extra) and step < last
            yield self._draw(mixed=mixed, others=0 if mixed else self.extra)

    def iterate_real(self, n: int) -> Iterator[Batch]:
        """Draw n batches that hold real images only."""
        return (self._draw(mixed=False) for _ in range(n))

    def _draw(self, *, mixed: bool, others: int = 0) -> Batch:
        """Draw a batch.

        Args:
            mixed: whether images of the pool are mixed in.
            others: number of real images in the places of these.
        """
        rows = self.real.take(self.batch)
        if others and self.pool is not None and not self.pool.echo:
            rows = np.concatenate([rows, _take(self.stand_ins, others)])
        images = self.augment(self.task.images[rows])
        targets = np.eye(self.task.n_classes, dtype=np.float32)[self.task.labels[rows]]
        weights = np.ones(len(rows), np.float32)
        domains = None if self.task.domains is None else self.task.domains[rows]
        if mixed:
            more, more_targets, more_domains = self._draw_more(images, targets, domains)
            images = np.concatenate([images, more])
            targets = np.concatenate([targets, more_targets])
            low = np.full(len(more), self.recipe.weight, np.float32)
            weights = np.concatenate([weights, low])
            weights /= weights.mean()
            if domains is not None:
                domains = np.concatenate([domains, more_domains])
        batch = Batch(
            normalise(images), torch.from_numpy(targets), torch.from_numpy(weights),
            None if domains is None else torch.from_numpy(domains),
        )  # fmt: skip
        return MIXES[self.recipe.mix](batch, self.rng).to(self.task.device)

    def _draw_more(
        self,
        images: NDArray[np.uint8],
        targets: NDArray[np.float32],
        domains: NDArray[np.int64] | None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
        """Draw images from the pool, augmented like real ones; targets and domains."""
        assert self.pool is not None
        unknown = np.full(self.extra, -1, np.int64)
        if self.pool.echo:
            again = np.arange(self.extra) % len(images)
            own = unknown if domains is None else domains[again]
            return images[again], targets[again], own
        rows = _take(self.more, self.extra)
        hard = np.eye(self.task.n_classes, dtype=np.float32)[self.pool.labels[rows]]
        part = TEACHER_SHARE[self.recipe.labels]
        images = self.augment(self.pool.images[rows])
        own = unknown if self.pool.domains is None else self.pool.domains[rows]
        return images, blend(hard, self.pool.soft[rows], part), own


def _walk(schedule: Schedule, rng: np.random.Generator) -> Iterator[int]:
    """Yield the rows of one epoch after the other, each epoch in random order."""
    for epoch in itertools.count():
        yield from rng.permutation(schedule.pick(epoch)).tolist()


def _take(rows: Iterator[int], n: int) -> NDArray[np.int64]:
    return np.fromiter(itertools.islice(rows, n), np.int64, n)


def make_augment(task: Task, recipe: Recipe, seed: int) -> Augment:
    """Return the recipe's augmentation; it mirrors only where labels allow it."""
    return make_policy(
        recipe.policy,
        task.images.shape[1:],
        hflip=task.hflip and recipe.flips,
        vflip=task.vflip and recipe.flips,
        seed=seed,
    )


def count_batch(n: int, size: int = BATCH_SIZE) -> int:
    """Return how many real images a step sees, of n: fewer where there are few.

    Example:
        >>> count_batch(500), count_batch(40), count_batch(4)
        (64, 40, 16)
    """
    return min(size, max(LEAST_BATCH, n))

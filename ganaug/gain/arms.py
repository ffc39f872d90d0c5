"""Arms: one recipe turned into a trained classifier."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.chunks import map_chunks
from ganaug.classify.learning import (
    Batch,
    Optimisation,
    normalise,
    settle_norms,
    teach_network,
)
from ganaug.classify.policies import Augment, make_policy
from ganaug.gain.classifiers import Build, find_classifier
from ganaug.gain.estimators import FittedEstimator, OnFeatures, fit_estimator
from ganaug.gain.pools import Pool
from ganaug.mixing.schedule import count_synthetic
from ganaug.recipe import Recipe

BATCH = 64  # real images in a step
CPU = torch.device("cpu")
DROPPING = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout,
    nn.FeatureAlphaDropout, nn.RReLU,
)  # fmt: skip
DROPPING_NAMES = ("StochasticDepth", "DropPath")  # torchvision's and timm's
SETTLING = 20  # batches that batch normalisation is estimated on anew


@dataclass(frozen=True, eq=False)
class Task:
    """What all arms of a split have in common.

    Attributes:
        images: (n, h, w, c) uint8, the real training images.
        labels: (n,).
        n_classes: classes to tell apart.
        hflip, vflip: whether mirroring keeps labels.
        steps: of each fit.
        optimisation: learning rate and weight decay.
        build: (size, channels, n_classes, seed) → network, or an estimator on features.
        device: where networks learn; features are computed on the CPU.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    n_classes: int
    hflip: bool = False
    vflip: bool = False
    steps: int = 500
    optimisation: Optimisation = field(default_factory=Optimisation)
    build: Build | OnFeatures = find_classifier().build
    device: torch.device = CPU


def fit_arm(
    task: Task, recipe: Recipe, pool: Pool | None = None, *, seed: int
) -> Fitted | FittedEstimator:
    """Train a classifier by a recipe.

    Every arm takes the same number of steps with the same number of real images; those
    of the pool come on top.

    Args:
        task: the real images and what all arms share.
        recipe: how to train.
        pool: where the recipe's share comes from; may be None without one.
        seed: of weights, order, augmentation and the network's drop-out layers.

    Raises:
        FloatingPointError: the network's outputs stopped being finite.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> fitted = fit_arm(Task(x, y, 2, steps=3), Recipe(), seed=0)
        >>> fitted.predict_proba(x).shape
        (8, 2)
    """
    if isinstance(task.build, OnFeatures):
        return fit_estimator(
            task.build,
            task.images,
            task.labels,
            task.n_classes,
            recipe,
            pool,
            _make_augment(task, recipe, seed),
            seed=seed,
        )
    _, height, width, channels = task.images.shape
    network = task.build((height, width), channels, task.n_classes, seed)
    network.to(task.device)
    batches = _Batches(task, recipe, pool, seed)
    prior = None
    if recipe.adjusted:
        prior = torch.from_numpy(batches.frequencies).float().to(task.device)
    # drop-out draws from torch's global state: one such fit at a time
    with engine.seeded(seed) if _draws(network) else nullcontext():
        teach_network(
            network, batches, task.steps, optimisation=task.optimisation, prior=prior
        )
        if recipe.share and recipe.real_only:
            settle_norms(network, batches.iterate_real(SETTLING))
    if not all(bool(p.isfinite().all()) for p in network.parameters()):
        raise FloatingPointError("a fit's loss stopped being finite")
    return Fitted(network)


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
        """Class probabilities, (n, k), of images (n, h, w, c)."""
        device = next(self.network.parameters()).device

        def judge(chunk: NDArray[np.uint8]) -> Tensor:
            with engine.autocast(device, engine.fast_precision(device)):
                logits: Tensor = self.network(normalise(chunk).to(device))
            return logits.float().softmax(dim=1)

        return map_chunks(images, judge)


class _Batches:
    """The batches of one fit, in order."""

    def __init__(
        self, task: Task, recipe: Recipe, pool: Pool | None, seed: int
    ) -> None:
        assert pool is not None or not recipe.share, "a share of what?"
        self.task, self.recipe, self.pool = task, recipe, pool
        self.rng = np.random.default_rng(seed)
        self.augment = _make_augment(task, recipe, seed)
        counts = np.bincount(task.labels, minlength=task.n_classes)
        self.frequencies = _find_frequencies(counts, recipe.sampling)
        self.batch = min(BATCH, max(16, len(task.labels)))
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
        """`n` batches of real images alone."""
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
        """Images of the pool, augmented as the real ones are, and their targets."""
        assert self.pool is not None
        if self.pool.echo:
            again = np.arange(self.extra) % len(images)
            return images[again], targets[again]
        rows = self.more.take(self.extra)
        hard = np.eye(self.task.n_classes, dtype=np.float32)[self.pool.labels[rows]]
        part = {"hard": 0.0, "half": 0.5, "soft": 1.0}[self.recipe.labels]
        soft = self.pool.soft[rows]
        return self.augment(self.pool.images[rows]), (1 - part) * hard + part * soft


class _Stream:
    """Rows without an end: each comes once before any of its kind comes again.

    `natural` shuffles all rows; `balanced` draws the class first, by the frequencies,
    then the next row of that class.
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
    """(k,) how often a class is drawn."""
    weights = (counts > 0) if sampling == "balanced" else counts
    return np.asarray(weights / weights.sum(), np.float64)


def _make_augment(task: Task, recipe: Recipe, seed: int) -> Augment:
    return make_policy(
        recipe.policy,
        task.images.shape[1:],
        hflip=task.hflip and recipe.flips,
        vflip=task.vflip and recipe.flips,
        seed=seed,
    )

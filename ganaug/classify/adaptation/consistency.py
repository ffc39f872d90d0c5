"""Consistency: what a network makes of an image is its target for a changed version."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.learning import Batch, normalise
from ganaug.classify.policies import Augment

SURE = 0.9  # least confidence, relative to that in labelled images
MEMORY = 0.9  # decay of the running mean of guesses

Guess = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def add_consistent(
    batches: Iterable[Batch],
    unlabelled: NDArray[np.uint8],
    guess: Guess,
    *,
    weak: Augment,
    strong: Augment,
    steps: int,
    seed: int = 0,
) -> Iterator[Batch]:
    """Add as many unlabelled images to each batch, with the network's own guesses.

    The guess is made of a slightly changed image and learned for a strongly changed
    one, if it is sure (FixMatch: Sohn et al., 2020). Guesses are aligned first, so
    that no class is guessed more often than the labelled images have it (ReMixMatch:
    Berthelot et al., 2020); how sure they must be follows from the labelled images, and
    they count more and more over the first half (AdaMatch: Berthelot et al., 2022).

    Args:
        batches: batches of labelled images.
        unlabelled: (m, h, w, c) uint8.
        guess: function images → (n, k) probabilities of the network as it is now.
        weak, strong: augmentation of what is guessed, and of what is learned from.
        steps: number of batches.
        seed: seed of the order.
    """
    rng = np.random.default_rng(seed)
    usual: NDArray[np.float32] | None = None
    for step, batch in enumerate(batches):
        n = len(batch.images)
        images = unlabelled[rng.integers(len(unlabelled), size=n)]
        found = guess(np.concatenate([weak(images), _to_pixels(batch.images)]))
        own, known = found[:n], found[n:]
        mean = own.mean(axis=0)
        usual = mean if usual is None else MEMORY * usual + (1 - MEMORY) * mean
        shares = batch.targets.mean(dim=0).cpu().numpy()
        aligned = align(own, usual, shares)
        sure = aligned.max(axis=1) >= SURE * known.max(axis=1).mean()
        part = ramp(step / max(1, steps))
        yield _join(batch, strong(images), aligned, part * sure)


def align(
    guesses: NDArray[np.float32],
    usual: NDArray[np.float32],
    shares: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Divide guesses (n, k) by how often they are made, and fit them to (k,) shares.

    Example:
        >>> even = np.array([0.5, 0.5], np.float32)
        >>> align(np.array([[0.8, 0.2]], np.float32), np.array([0.8, 0.2]), even)
        array([[0.5, 0.5]])
    """
    weighed = guesses * (shares / np.maximum(usual, 1e-6))
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-12))


def ramp(progress: float) -> float:
    """Return the weight of guesses: from 0 up to 1 in the first half.

    Example:
        >>> [round(ramp(part), 2) for part in (0, 0.25, 0.5, 1)]
        [0.0, 0.5, 1.0, 1.0]
    """
    return 0.5 - math.cos(min(math.pi, 2 * math.pi * progress)) / 2


def _join(
    batch: Batch,
    images: NDArray[np.uint8],
    guesses: NDArray[np.float32],
    weights: NDArray[np.floating],
) -> Batch:
    device, n = batch.images.device, len(images)
    hard = np.eye(guesses.shape[1], dtype=np.float32)[guesses.argmax(axis=1)]
    more = torch.from_numpy(weights.astype(np.float32)).to(device)
    domains = batch.domains
    if domains is not None:
        domains = torch.cat([domains, torch.full((n,), -1, device=device)])
    return Batch(
        torch.cat([batch.images, normalise(images).to(device)]),
        torch.cat([batch.targets, torch.from_numpy(hard).to(device)]),
        torch.cat([batch.weights, more]),
        domains,
    )


def _to_pixels(images: Tensor) -> NDArray[np.uint8]:
    """Turn (n, c, h, w) in [−1, 1] back into (n, h, w, c) uint8."""
    pixels = images.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return np.asarray(pixels.permute(0, 2, 3, 1).cpu().numpy())

"""fit_classifier trains a small network on arrays and returns a Classifier."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug import engine
from ganaug.classify.chunks import map_chunks
from ganaug.classify.learning import Batch, iterate_indices, normalise, teach_network
from ganaug.classify.network import build_classifier
from ganaug.classify.policies import Augment, make_policy

BATCH = 64
EPOCHS, FEWEST_STEPS, MOST_STEPS = 20, 150, 1500  # used if no steps are given


@dataclass(frozen=True)
class Classifier:
    """A trained network in evaluation mode; `network[-1]` maps features to logits."""

    network: nn.Sequential
    device: torch.device

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return class probabilities (n, k) of images (n, h, w, c)."""
        return self.judge(self.features(images))

    def judge(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return class probabilities (n, k), given what `features` returned."""
        with torch.inference_mode():
            logits = self.network[-1](torch.from_numpy(features).to(self.device))
            probabilities: NDArray[np.float32] = logits.softmax(dim=1).cpu().numpy()
        return probabilities

    def features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the inputs of the last layer (n, d) for images (n, h, w, c)."""
        body = self.network[:-1]
        precision = engine.fast_precision(self.device)

        def look(chunk: NDArray[np.uint8]) -> Tensor:
            with engine.autocast(self.device, precision):
                seen: Tensor = body(normalise(chunk).to(self.device))
            return seen

        return map_chunks(images, look)


def fit_classifier(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    *,
    steps: int | None = None,
    width: int = 32,
    policy: str = "shift",
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Classifier:
    """Train a small residual network: AdamW, one cycle, classical augmentation.

    The result follows from the arguments (and on a CPU from its number of threads);
    the global random state is neither used nor changed.

    Args:
        images: (n, h, w, c) uint8, n ≥ 1.
        labels: (n,) indices below `n_classes`.
        n_classes: number of classes, also those without images.
        steps: number of batches of 64; None means 20 epochs, within 150 to 1,500.
        width: channels of the network's first stage.
        policy: classical augmentation, by one of `make_policy`'s names.
        hflip: whether to mirror left-right, where that keeps labels.
        vflip: whether to mirror up-down, where that keeps labels.
        seed: seed of weights, order and augmentation.
        device: device to train on.

    Example:
        >>> x, y = np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 1, 1])
        >>> fit_classifier(x, y, 2, steps=2).predict_proba(x).shape
        (4, 2)
    """
    place = torch.device(device)
    steps = steps or default_steps(len(images))
    network = build_classifier(
        images.shape[1:3], images.shape[3], n_classes, width=width, seed=seed
    ).to(place)
    augment = make_policy(policy, images.shape[1:], hflip=hflip, vflip=vflip, seed=seed)
    targets = np.eye(n_classes, dtype=np.float32)[labels]
    batches = _iterate(images, targets, augment, steps=steps, seed=seed)
    teach_network(network, (batch.to(place) for batch in batches), steps)
    return Classifier(network, place)


def default_steps(n: int) -> int:
    """Return the steps for n images: 20 epochs, within 150 to 1,500.

    Example:
        >>> default_steps(500), default_steps(1600)
        (157, 500)
    """
    return min(MOST_STEPS, max(FEWEST_STEPS, math.ceil(EPOCHS * n / BATCH)))


def _iterate(
    images: NDArray[np.uint8],
    targets: NDArray[np.float32],
    augment: Augment,
    *,
    steps: int,
    seed: int,
) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(seed)
    n = len(images)
    for index in iterate_indices(n, min(BATCH, max(16, n)), steps, generator):
        rows = index.numpy()
        yield Batch(
            normalise(augment(images[rows])),
            torch.from_numpy(targets[rows]),
            torch.ones(len(rows)),
        )

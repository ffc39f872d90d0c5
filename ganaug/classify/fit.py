"""fit_classifier: trains the small network on arrays; Classifier is what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ganaug.classify.augment import Augmentation, augment_batch
from ganaug.classify.network import build_classifier

BATCH = 64
EPOCHS, FEWEST_STEPS, MOST_STEPS = 20, 150, 1500  # when no number of steps is given
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 3e-3, 0.05, 0.15


@dataclass(frozen=True)
class Classifier:
    """A trained network in evaluation mode; `network[-1]` maps features to logits."""

    network: nn.Sequential
    device: torch.device

    def predict_proba(
        self, images: NDArray[np.uint8], *, chunk: int = 256
    ) -> NDArray[np.float32]:
        """Class probabilities, (n, k), of images (n, h, w, c)."""
        return self.judge(self.features(images, chunk=chunk))

    def judge(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Class probabilities, (n, k), of what `features` gave."""
        with torch.inference_mode():
            logits = self.network[-1](torch.from_numpy(features).to(self.device))
            probabilities: NDArray[np.float32] = logits.softmax(dim=1).cpu().numpy()
        return probabilities

    def features(
        self, images: NDArray[np.uint8], *, chunk: int = 256
    ) -> NDArray[np.float32]:
        """What the last layer sees, (n, d), of images (n, h, w, c)."""
        head = self.network[-1]
        assert isinstance(head, nn.Linear)
        parts = [np.empty((0, head.in_features), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(images), chunk):
                x = torch.from_numpy(np.array(images[start : start + chunk]))
                features = self.network[:-1](_normalise(x.to(self.device)))
                parts.append(features.cpu().numpy())
        return np.concatenate(parts)


def fit_classifier(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    *,
    steps: int | None = None,
    width: int = 32,
    hflip: bool = False,
    vflip: bool = False,
    shift: bool = True,
    cutout: bool = False,
    sample_weights: NDArray[np.float32] | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Classifier:
    """Trains a small residual network: AdamW, one cycle, classical augmentation.

    The result follows from the arguments (and on a CPU from its number of threads);
    the global random state is neither used nor changed.

    Args:
        images: (n, h, w, c) uint8, n ≥ 1.
        labels: (n,) indices below `n_classes`.
        n_classes: classes to tell apart, also those without images.
        steps: batches of 64 to see; None means 20 epochs, within 150 to 1,500.
        width: of the network.
        hflip: whether to mirror left-right, where that keeps labels.
        vflip: whether to mirror up-down, where that keeps labels.
        shift: whether to move images by up to an eighth of their sides.
        cutout: whether to blank a square.
        sample_weights: (n,) weight of each image's loss, or None for equal ones.
        seed: of weights, order and augmentation.
        device: where to train.

    Example:
        >>> x, y = np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 1, 1])
        >>> fit_classifier(x, y, 2, steps=2).predict_proba(x).shape
        (4, 2)
    """
    place = torch.device(device)
    network = build_classifier(
        images.shape[1:3], images.shape[3], n_classes, width=width, seed=seed
    ).to(place)
    training = _TrainingSet(
        torch.from_numpy(np.array(images)).to(place),
        torch.from_numpy(np.array(labels)).to(place),
        _scale_weights(sample_weights, len(images)).to(place),
    )
    augmentation = Augmentation(shift, hflip, vflip, cutout)
    generator = torch.Generator().manual_seed(seed)
    _train(
        network, training, augmentation, steps or default_steps(len(images)), generator
    )
    return Classifier(network.eval(), place)


def default_steps(n: int) -> int:
    """Steps for `n` images: 20 epochs, within 150 to 1,500.

    Example:
        >>> default_steps(500), default_steps(1600)
        (157, 500)
    """
    return min(MOST_STEPS, max(FEWEST_STEPS, math.ceil(EPOCHS * n / BATCH)))


def one_cycle(progress: float) -> float:
    """Share of the top learning rate: a linear rise, then half a cosine to zero.

    Example:
        >>> one_cycle(0.0), one_cycle(WARM_UP)
        (0.0, 1.0)
    """
    if progress < WARM_UP:
        return progress / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))


class _TrainingSet(NamedTuple):
    images: Tensor  # (n, h, w, c) uint8
    labels: Tensor  # (n,) int64
    weights: Tensor  # (n,) float32


def _train(
    network: nn.Module,
    training: _TrainingSet,
    augmentation: Augmentation,
    steps: int,
    generator: torch.Generator,
) -> None:
    images, labels, weights = training
    optimiser = torch.optim.AdamW(
        network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY
    )
    network.train()
    for step, chosen in enumerate(_draw_batches(len(images), steps, generator), 1):
        index = chosen.to(images.device)
        x = augment_batch(images[index], augmentation, generator)
        logits = network(_normalise(x))
        loss = F.cross_entropy(logits, labels[index], reduction="none")
        optimiser.zero_grad(set_to_none=True)
        (loss * weights[index]).mean().backward()  # type: ignore[no-untyped-call]
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * one_cycle(step / (steps + 1))
        optimiser.step()


def _scale_weights(weights: NDArray[np.float32] | None, n: int) -> Tensor:
    if weights is None:
        return torch.ones(n)
    scaled = torch.from_numpy(np.array(weights, np.float32))
    return scaled / scaled.mean()


def _draw_batches(n: int, steps: int, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Indices for each step: passes through shuffled images, without gaps."""
    batch = min(BATCH, max(16, n))
    passes = math.ceil(steps * batch / n)
    order = [torch.randperm(n, generator=generator) for _ in range(passes)]
    return torch.split(torch.cat(order)[: steps * batch], batch)


def _normalise(images: Tensor) -> Tensor:
    """(n, h, w, c) uint8 → (n, c, h, w) in [−1, 1], channels last in memory."""
    return images.permute(0, 3, 1, 2).float().div(127.5).sub(1)

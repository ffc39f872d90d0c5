"""Settling: batch normalisation is estimated anew on unlabelled images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ganaug.classify.fit import BATCH
from ganaug.classify.learning import Batch, normalise, settle_norms

SETTLING_BATCHES = 20


def settle_network(
    network: nn.Module,
    images: NDArray[np.uint8],
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
) -> None:
    """Estimate a network's batch normalisation anew on images (n, h, w, c).

    Li et al., "Revisiting Batch Normalization For Practical Domain Adaptation" (2017).

    Example:
        >>> network = nn.Sequential(nn.BatchNorm2d(1))
        >>> settle_network(network, np.full((20, 2, 2, 1), 255, np.uint8))
        >>> network[0].running_mean.item()
        1.0
    """
    place = torch.device(device)
    settle_norms(network, (batch.to(place) for batch in _iterate(images, seed)))


def _iterate(images: NDArray[np.uint8], seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    for _ in range(SETTLING_BATCHES):
        rows = rng.choice(len(images), min(BATCH, len(images)), replace=False)
        n = len(rows)
        yield Batch(normalise(images[rows]), torch.zeros(n, 1), torch.ones(n))

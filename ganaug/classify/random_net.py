"""Features of a fixed random convolutional network: no training, no weights file."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.chunks import map_chunks
from ganaug.classify.learning import normalise

LONGEST_SIDE = 32  # pixels; the longest side of every image is resized to this
WIDTHS = (16, 64, 128)  # channels per layer; features are twice as many in all


def random_features(images: NDArray[np.uint8], *, seed: int = 0) -> NDArray[np.float32]:
    """Compute means and deviations over the image of a random network's layers.

    The network depends on the seed and the number of channels only, so features of
    different sets can be compared.

    Args:
        images: (n, h, w, c) uint8 of any size, c in 1, 3, 4.
        seed: seed of the network's weights.

    Returns:
        (n, 416) float32.

    Example:
        >>> random_features(np.zeros((2, 28, 28, 1), np.uint8)).shape
        (2, 416)
    """
    weights = _draw_weights(images.shape[3], seed)
    return map_chunks(images, lambda chunk: _describe(_prepare(chunk), weights))


def _draw_weights(channels: int, seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    sizes = (channels, *WIDTHS)
    weights = []
    for before, after in zip(sizes, WIDTHS, strict=False):
        weight = torch.randn(after, before, 3, 3, generator=generator)
        weight *= math.sqrt(2 / (9 * before))
        weights.append(weight.contiguous(memory_format=torch.channels_last))
    return weights


def _prepare(images: NDArray[np.uint8]) -> Tensor:
    x = normalise(images)
    height, width = x.shape[2:]
    scale = LONGEST_SIDE / max(height, width)
    size = [max(8, round(side * scale)) for side in (height, width)]
    if size != [height, width]:
        x = F.interpolate(
            x, size=size, mode="bilinear", antialias=True, align_corners=False
        )
    return x.contiguous(memory_format=torch.channels_last)


def _describe(x: Tensor, weights: list[Tensor]) -> Tensor:
    parts = []
    for i, weight in enumerate(weights):
        if i:
            x = F.avg_pool2d(x, 2)
        x = F.leaky_relu(F.conv2d(x, weight, padding=1), 0.1)
        cells = x.permute(0, 2, 3, 1).flatten(1, 2)  # as they lie in memory
        mean, n = cells.mean(dim=1), cells.shape[1]
        variance = (cells - mean[:, None]).square().sum(dim=1) / max(1, n - 1)
        parts += [mean, variance.sqrt()]
    return torch.cat(parts, dim=1)

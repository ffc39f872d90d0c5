"""Losses of style transfer, on features of a fixed network.

Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks"
(2016). Features are those of `translate/style/features.py`: name of a layer → (n, c, h,
w). All losses are means over the images, so a batch of two is the mean of two batches;
with `each`, they are returned one by one, (n,).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

Features = Mapping[str, Tensor]


def content_loss(drawn: Tensor, content: Tensor, *, each: bool = False) -> Tensor:
    """Compare features of one layer, (n, c, h, w) each, by their squared difference.

    Equation 1 of the paper, as a mean where it has a sum.

    Example:
        >>> content_loss(torch.ones(1, 2, 3, 3), torch.zeros(1, 2, 3, 3))
        tensor(1.)
    """
    return _average((drawn - content).square(), each)


def gram_matrix(features: Tensor) -> Tensor:
    """Return how much each two channels of an image go together, wherever it is.

    Equation 3 of the paper, divided by the number of values of an image, so that it
    does not depend on the image's size.

    Args:
        features: (n, c, h, w).

    Returns:
        (n, c, c), one matrix per image.

    Example:
        >>> gram_matrix(torch.ones(1, 2, 3, 3)).tolist()
        [[[0.5, 0.5], [0.5, 0.5]]]
    """
    n, c, h, w = features.shape
    flat = features.reshape(n, c, h * w)
    return flat @ flat.transpose(1, 2) / (c * h * w)


def style_loss(
    drawn: Features,
    grams: Features,
    weights: Mapping[str, float] | None = None,
    *,
    each: bool = False,
) -> Tensor:
    """Compare Gram matrices by their squared difference, summed over layers.

    Equations 4 and 5 of the paper, with means over a layer's matrix.

    Args:
        drawn: features of the images that are made.
        grams: for each layer that counts, the matrices (n, c, c) or (1, c, c) to have.
        weights: factor of each layer, 1 where it is not named.

    Example:
        >>> features = {"relu1_1": torch.rand(2, 3, 4, 4)}
        >>> own = {name: gram_matrix(x) for name, x in features.items()}
        >>> style_loss(features, own)
        tensor(0.)
    """
    parts = [
        (weights or {}).get(name, 1.0)
        * _average((gram_matrix(drawn[name]) - gram).square(), each)
        for name, gram in grams.items()
    ]
    return torch.stack(parts).sum(dim=0)


def total_variation(images: Tensor, *, each: bool = False) -> Tensor:
    """Return the mean difference between neighbouring pixels; noise has much of it.

    Rudin, Osher and Fatemi (1992), with absolute differences along both axes. Along a
    side of one pixel there are none.

    Args:
        images: (n, c, h, w).
        each: whether to return that of each image (n,).

    Example:
        >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]))
        tensor(1.)
    """
    down = (images[:, :, 1:] - images[:, :, :-1]).abs()
    across = (images[:, :, :, 1:] - images[:, :, :, :-1]).abs()
    return _average(down, each) + _average(across, each)


def _average(x: Tensor, each: bool) -> Tensor:
    """Average over all but the images, or over these as well; 0 where x is empty."""
    sums = x.flatten(1).sum(dim=1) / max(1, x[0].numel())
    return sums if each else sums.mean()

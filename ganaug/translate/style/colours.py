"""Colours: an image's lightness apart from them, so that a style may leave them."""

from __future__ import annotations

import torch
from torch import Tensor

REC_601 = (0.299, 0.587, 0.114)  # shares of red, green and blue in the lightness


def measure_lightness(x: Tensor) -> Tensor:
    """Return the lightness (n, 1, h, w) of images (n, 1 or 3, h, w).

    Example:
        >>> measure_lightness(torch.ones(1, 3, 1, 1)).shape
        torch.Size([1, 1, 1, 1])
    """
    if x.shape[1] == 1:
        return x
    shares = torch.tensor(REC_601, dtype=x.dtype, device=x.device).view(1, 3, 1, 1)
    return (x * shares).sum(dim=1, keepdim=True)


def give_lightness(x: Tensor, lightness: Tensor) -> Tensor:
    """Give images (n, c, h, w) another lightness (n, 1, h, w), in their own colours.

    All of an image's channels move by as much, which in YIQ changes Y alone: Gatys et
    al., "Preserving Color in Neural Artistic Style Transfer" (2016), section 4.2.

    Example:
        >>> red = torch.tensor([0.8, 0.1, 0.1]).view(1, 3, 1, 1)
        >>> grey = torch.full((1, 1, 1, 1), 0.4)
        >>> round(float(measure_lightness(give_lightness(red, grey))), 3)
        0.4
    """
    return x + (lightness - measure_lightness(x))

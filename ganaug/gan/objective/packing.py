"""Packing: D judges several images of one class together, and sees if they repeat."""

from __future__ import annotations

import torch
from torch import Tensor


def pack_images(x: Tensor, m: int) -> Tensor:
    """Join each m images as channels of one: (n, c, h, w) → (n/m, m·c, h, w).

    Lin et al., "PacGAN: The power of two samples in generative adversarial networks"
    (2018), section 3.

    Args:
        x: (n, c, h, w) images, each m neighbours of one class; n is a multiple of m.
        m: images in a pack; 1 changes nothing.

    Example:
        >>> pack_images(torch.zeros(6, 3, 8, 8), 2).shape
        torch.Size([3, 6, 8, 8])
    """
    if m == 1:
        return x
    n, c, h, w = x.shape
    packed = x.reshape(n // m, m * c, h, w)
    return packed.contiguous(memory_format=torch.channels_last)

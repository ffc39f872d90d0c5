"""Signals: pixels as the networks of style see them, and back."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.gan.inputs.value_range import full_span


def to_signal(images: NDArray[np.uint8] | Tensor) -> Tensor:
    """Turn uint8 (n, h, w, c) into float32 (n, c, h, w) in [-1, 1].

    Example:
        >>> to_signal(np.zeros((1, 2, 2, 3), np.uint8)).min().item()
        -1.0
    """
    pixels = images if isinstance(images, Tensor) else torch.tensor(images)
    return full_span(pixels.shape[3]).to(pixels.device).to_signal(pixels)


def to_pixels(x: Tensor) -> NDArray[np.uint8]:
    """Turn float (n, c, h, w), clipped to [-1, 1], into uint8 (n, h, w, c)."""
    pixels: NDArray[np.uint8] = full_span(x.shape[1]).to_pixels(x.cpu()).numpy()
    return pixels

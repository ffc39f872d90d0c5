"""Chunks: images go through a network in batches of one size, for equal results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug import engine
from ganaug.classify.parallel import map_parallel

IMAGES_AT_ONCE = 64


def map_chunks(
    images: NDArray[np.uint8], function: Callable[[NDArray[np.uint8]], Tensor]
) -> NDArray[np.float32]:
    """Apply `function` to the images, chunk by chunk, in order.

    It always gets IMAGES_AT_ONCE images, with the last one repeated at the end: a
    processor chooses its kernels by their number, which would change the last bits.

    Args:
        images: (n, h, w, c) uint8.
        function: (IMAGES_AT_ONCE, h, w, c) → (IMAGES_AT_ONCE, d) float.

    Returns:
        (n, d) float32.

    Example:
        >>> x = np.ones((70, 2, 2, 1), np.uint8)
        >>> map_chunks(x, lambda y: torch.from_numpy(y).flatten(1)).shape
        (70, 4)
    """
    n = len(images)
    if not n:
        blank = np.zeros((1, *images.shape[1:]), np.uint8)
        return map_chunks(blank, function)[:0]

    def look(start: int) -> NDArray[np.float32]:
        rows = np.minimum(np.arange(start, start + IMAGES_AT_ONCE), n - 1)
        with torch.inference_mode(), engine.one_thread():
            found: NDArray[np.float32] = function(images[rows]).float().cpu().numpy()
        return found

    return np.concatenate(map_parallel(look, range(0, n, IMAGES_AT_ONCE)))[:n]

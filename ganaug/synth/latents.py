"""Latents: z as a pure function of (seed, class name, index)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray
from scipy.special import ndtri

WORDS = 4  # 64-bit words that one step of Philox's counter gives


def draw_latents(
    seed: int,
    class_name: str,
    indices: Sequence[int] | NDArray[np.int64],
    latent: int,
) -> NDArray[np.float32]:
    """Standard normal latents, each decided by its own seed, class and index alone.

    Philox 4x64 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
    is keyed by seed and class name; its counter starts at a fixed place per index.

    Args:
        seed: any whole number.
        class_name: images of different classes never share a latent.
        indices: (n,) whole numbers from 0 up, in any order.
        latent: numbers per image.

    Returns:
        (n, latent) float32.

    Example:
        >>> several = draw_latents(0, "cat", [5, 6, 7], 64)
        >>> bool((several[1] == draw_latents(0, "cat", [6], 64)[0]).all())
        True
    """
    name = f"{seed}:{class_name}".encode(errors="surrogateescape")
    key = np.frombuffer(hashlib.sha256(name).digest()[:16], "<u8")
    steps = -(-latent // WORDS)
    numbers = np.asarray(indices, np.int64)
    z = np.empty((len(numbers), latent), np.float32)
    for start, stop in _runs(numbers):
        source = Philox(counter=int(numbers[start]) * steps, key=key)
        words = source.random_raw((stop - start) * steps * WORDS)
        # 53 bits, moved by half a step: never 0 or 1, whose normal is infinite
        words = words.reshape(-1, steps * WORDS)[:, :latent] >> np.uint64(11)
        z[start:stop] = ndtri((words + 0.5) * 2.0**-53)
    return z


def _runs(indices: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """(start, stop) of the stretches in which each index follows the last."""
    if len(indices):
        cuts = np.flatnonzero(np.diff(indices) != 1) + 1
        edges = [0, *cuts.tolist(), len(indices)]
        yield from pairwise(edges)

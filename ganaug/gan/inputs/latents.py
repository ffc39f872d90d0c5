"""Latents and source images: pure functions of (seed, class name, index)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray
from scipy.special import ndtri

WORDS_PER_STEP = 4  # 64-bit words that one step of Philox's counter gives


def draw_latents(
    seed: int,
    class_name: str,
    indices: Sequence[int] | NDArray[np.int64],
    latent: int,
) -> NDArray[np.float32]:
    """Draw standard normal latents, each decided by its seed, class and index alone.

    Philox 4x64 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
    is keyed by seed and class name; its counter starts at a fixed place per index.

    Args:
        seed: any whole number.
        class_name: name of the class; different classes never share a latent.
        indices: (n,) whole numbers from 0 up, in any order.
        latent: random numbers per image.

    Returns:
        (n, latent) float32.

    Example:
        >>> several = draw_latents(0, "cat", [5, 6, 7], 64)
        >>> bool((several[1] == draw_latents(0, "cat", [6], 64)[0]).all())
        True
    """
    return ndtri(_draw_uniforms(f"{seed}:{class_name}", indices, latent)).astype(
        np.float32
    )


def choose_source_images(
    seed: int,
    class_name: str,
    indices: Sequence[int] | NDArray[np.int64],
    count: int,
) -> NDArray[np.int64]:
    """Return (n,) which of a class's `count` source images each index is drawn from.

    Example:
        >>> several = choose_source_images(0, "cat", range(100), 5)
        >>> sorted(set(several.tolist()))
        [0, 1, 2, 3, 4]
        >>> bool(several[7] == choose_source_images(0, "cat", [7], 5)[0])
        True
    """
    # class names from files have no zero byte, so none gives the same key
    u = _draw_uniforms(f"{seed}:{class_name}\0source", indices, 1)[:, 0]
    return np.minimum((u * count).astype(np.int64), count - 1)


def _draw_uniforms(
    name: str, indices: Sequence[int] | NDArray[np.int64], n: int
) -> NDArray[np.float64]:
    """Draw n numbers inside (0, 1) for each index."""
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).digest()
    key = np.frombuffer(digest[:16], "<u8")
    steps = -(-n // WORDS_PER_STEP)
    numbers = np.asarray(indices, np.int64)
    u = np.empty((len(numbers), n))
    for start, stop in _runs(numbers):
        source = Philox(counter=int(numbers[start]) * steps, key=key)
        words = source.random_raw((stop - start) * steps * WORDS_PER_STEP)
        # 53 bits plus half a step: never 0 or 1, which would give an infinite normal
        words = words.reshape(-1, steps * WORDS_PER_STEP)[:, :n] >> np.uint64(11)
        u[start:stop] = (words + 0.5) * 2.0**-53
    return u


def _runs(indices: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of stretches of consecutive indices."""
    if len(indices):
        cuts = np.flatnonzero(np.diff(indices) != 1) + 1
        edges = [0, *cuts.tolist(), len(indices)]
        yield from pairwise(edges)

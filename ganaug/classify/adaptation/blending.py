"""Blending: labelled images are mixed with unlabelled ones, and keep their classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.learning import Batch, normalise

LEAST = 0.5  # of a labelled image in a blend
BLENDED = 0.5  # share of the images


def blend_batches(
    batches: Iterable[Batch], unlabelled: NDArray[np.uint8], *, seed: int = 0
) -> Iterator[Batch]:
    """Blend about half of each batch's images with unlabelled ones.

    The labelled image has the larger part, so its class stays the target: the
    classifier learns to find it under what the other domain looks like.

    Args:
        batches: batches of labelled images.
        unlabelled: (m, h, w, c) uint8.
        seed: seed of partners and shares.

    Example:
        >>> batch = Batch(torch.ones(4, 1, 2, 2), torch.ones(4, 1), torch.ones(4))
        >>> black = np.zeros((3, 2, 2, 1), np.uint8)
        >>> mixed = next(blend_batches([batch], black)).images
        >>> bool((mixed >= 0).all()), bool((mixed < 1).any())
        (True, True)
    """
    rng = np.random.default_rng(seed)
    for batch in batches:
        n = len(batch.images)
        others = normalise(unlabelled[rng.integers(len(unlabelled), size=n)])
        share = np.where(rng.random(n) < BLENDED, rng.uniform(LEAST, 1, n), 1.0)
        own = torch.from_numpy(share.astype(np.float32)).to(batch.images.device)
        mixed = torch.lerp(
            others.to(batch.images.device), batch.images, own.view(-1, 1, 1, 1)
        )
        yield batch._replace(images=mixed)

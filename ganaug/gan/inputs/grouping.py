"""Groups of images of one class, side by side in a batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.config import TrainConfig


def group_size(config: TrainConfig) -> int:
    """Return how many images of one class must lie side by side in a batch.

    That is `pack` times `batch_std`; a diversity term needs at least two packs.

    Example:
        >>> group_size(TrainConfig()), group_size(TrainConfig(pack=2, batch_std=4))
        (1, 8)
    """
    packs = max(config.batch_std or 1, 2 if config.diversity else 1)
    return config.pack * packs


class Groups:
    """Finds further images of the same class for given images.

    Args:
        labels: (n,) class of each image, from 0.

    Example:
        >>> groups = Groups(np.array([0, 1, 0, 1, 1]))
        >>> groups.fill(np.array([2, 1]), np.array([[0.0], [0.9]]))
        array([[2, 0],
               [1, 4]])
    """

    def __init__(self, labels: NDArray[np.int64]) -> None:
        self.counts = np.bincount(labels)[labels]  # of each image's class
        self.order = np.argsort(labels, kind="stable")
        self.starts = np.searchsorted(labels[self.order], labels)
        ranks = np.empty(len(labels), np.int64)
        ranks[self.order] = np.arange(len(labels))
        self.ranks = ranks - self.starts  # of each image in its class

    def fill(
        self, anchors: NDArray[np.int64], u: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Choose further images of each anchor's class.

        Args:
            anchors: (k,) indices of images.
            u: (k, more) uniform numbers in [0, 1).

        Returns:
            (k, 1 + more) indices. Each row begins with its anchor and has no image
            twice, unless the class has fewer images than the row.
        """
        counts, chosen = self.counts[anchors], self.ranks[anchors][:, None]
        for j in range(u.shape[1]):
            left = np.maximum(counts - (j + 1), 0)
            left = np.where(left > 0, left, counts)
            rank = np.minimum((u[:, j] * left).astype(np.int64), left - 1)
            # `rank` counts only images not chosen yet: skip those chosen before
            for taken in np.sort(chosen, axis=1).T:
                rank = rank + ((rank >= taken) & (left < counts))
            chosen = np.concatenate([chosen, rank[:, None]], axis=1)
        found: NDArray[np.int64] = self.order[self.starts[anchors][:, None] + chosen]
        return found

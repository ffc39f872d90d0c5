"""Twins: candidates that nearly repeat an image which the store has already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.classify.random_net import random_features
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, Reality

CLOSE = 0.2  # of a class's median distance between nearest real images
POOLED = 20  # real images of a class, below which all classes' median is taken
MOST = 1_000  # real images of a class that the median is taken over
SIZE = 32  # numbers kept of each accepted image
SEED = 0

Array = NDArray[np.float32]


class Twins:
    """Remembers the accepted images of each class by a short description.

    The description is a random projection of the random network's features, which
    keeps distances (Johnson and Lindenstrauss, 1984).

    Args:
        reality: decides what is close in each class.
    """

    def __init__(self, reality: Reality) -> None:
        width = reality.seen.random.shape[1]
        rng = np.random.default_rng(SEED)
        self._project = rng.normal(0, SIZE**-0.5, (width, SIZE)).astype(np.float32)
        self.limits = self._find_limits(reality)
        self._known = {
            k: _Growing(SIZE) for k in range(len(reality.classes))
        }  # by label

    def forget(self) -> None:
        """All images, those too that were not refused but did not enter the store."""
        self._known = {label: _Growing(SIZE) for label in self._known}

    def remember(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Images that the store has."""
        places = random_features(images) @ self._project
        for label in np.unique(labels):
            self._known[int(label)].extend(places[labels == label])

    def refuse(
        self, candidates: Candidates, alive: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """(n,) which of the living candidates repeat an image; the others are kept.

        What is not refused is remembered, in order.
        """
        places = candidates.random @ self._project
        refused = np.zeros(len(candidates), bool)
        for label in np.unique(candidates.labels[alive]):
            rows = np.flatnonzero(alive & (candidates.labels == label))
            fresh = self._sift(places[rows], int(label))
            refused[rows[~fresh]] = True
            self._known[int(label)].extend(places[rows[fresh]])
        return refused

    def _sift(self, places: Array, label: int) -> NDArray[np.bool_]:
        """(m,) which are far from all known ones and from the fresh ones before."""
        limit, known = self.limits[label], self._known[label].rows
        fresh = np.ones(len(places), bool)
        if len(known):
            fresh &= cdist(places, known).min(axis=1) > limit
        among = cdist(places, places)
        for i in np.flatnonzero(fresh):
            fresh[i] = not (among[i, :i][fresh[:i]] <= limit).any()
        return fresh

    def _find_limits(self, reality: Reality) -> NDArray[np.float64]:
        """(k,) distances; of a single real image nothing can be said, so 0."""
        places = reality.seen.random @ self._project
        nearest = []
        for label in range(len(reality.classes)):
            own = thin(places[reality.seen.labels == label], MOST)
            among = cdist(own, own)
            np.fill_diagonal(among, np.inf)
            nearest.append(among.min(axis=1) if len(own) > 1 else np.empty(0))
        pooled = np.concatenate(nearest)
        middle = float(np.median(pooled)) if len(pooled) else 0.0
        return CLOSE * np.array(
            [np.median(d) if len(d) >= POOLED else middle for d in nearest]
        )


class _Growing:
    """Rows of float32 that are added to, without a copy each time."""

    def __init__(self, width: int) -> None:
        self._all, self._n = np.empty((64, width), np.float32), 0

    @property
    def rows(self) -> Array:
        return self._all[: self._n]

    def extend(self, more: Array) -> None:
        need = self._n + len(more)
        if need > len(self._all):
            larger = np.empty((2 * need, self._all.shape[1]), np.float32)
            larger[: self._n] = self.rows
            self._all = larger
        self._all[self._n : need] = more
        self._n = need

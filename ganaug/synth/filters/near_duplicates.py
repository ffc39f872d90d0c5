"""The duplicate filter: a candidate must not repeat an image that the store has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.classify.random_net import random_features
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter, score_nothing

CLOSE = 0.2  # share of the class's median distance between nearest real images
POOLED = 20  # with fewer real images of a class, the median of all classes is used
MOST_COMPARED = 1_000  # most real images of a class for the median
LENGTH = 32  # numbers in the description of an accepted image
SEED = 0

Array = NDArray[np.float32]


def filter_near_duplicates(real: RealExamples) -> Filter:
    """Keep candidates that nearly repeat no accepted image of their class.

    Unlike the other filters, this one has no score and remembers the images that it
    kept, to compare later candidates with them.
    """
    accepted = AcceptedImages(real)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return ~accepted.find_repeats(candidates, kept)

    return Filter("duplicate", score_nothing, keep, memory=accepted)


class AcceptedImages:
    """Remembers the accepted images of each class by a short description.

    The description is a random projection of the random network's features, which
    keeps distances (Johnson and Lindenstrauss, 1984).

    Args:
        real: real images, which decide what is close in each class.
    """

    def __init__(self, real: RealExamples) -> None:
        width = real.training.random.shape[1]
        rng = np.random.default_rng(SEED)
        self._project = rng.normal(0, LENGTH**-0.5, (width, LENGTH)).astype(np.float32)
        self.limits = real.learned.recall(
            "duplicate.limits",
            (len(real.classes),),
            float,
            lambda: self._find_limits(real),
        )
        self._known = {
            k: _Growing(LENGTH) for k in range(len(real.classes))
        }  # by label

    def forget(self) -> None:
        """Forget all images, also kept ones that did not enter the store."""
        self._known = {label: _Growing(LENGTH) for label in self._known}

    def remember(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
        """Remember images (n, h, w, c) of the store, with labels (n,)."""
        places = random_features(images) @ self._project
        for label in np.unique(labels):
            self._known[int(label)].extend(places[labels == label])

    def find_repeats(self, candidates: Candidates, kept: Kept) -> NDArray[np.bool_]:
        """Return (n,) whether a candidate that was kept so far repeats an image.

        Candidates that repeat none are remembered, in order.
        """
        places = candidates.random @ self._project
        repeats = np.zeros(len(candidates), bool)
        for label in np.unique(candidates.labels[kept]):
            rows = np.flatnonzero(kept & (candidates.labels == label))
            fresh = self._find_fresh(places[rows], int(label))
            repeats[rows[~fresh]] = True
            self._known[int(label)].extend(places[rows[fresh]])
        return repeats

    def _find_fresh(self, places: Array, label: int) -> NDArray[np.bool_]:
        """Return (m,) whether each is far from all known and earlier fresh images."""
        limit, known = self.limits[label], self._known[label].rows
        fresh = np.ones(len(places), bool)
        if len(known):
            fresh &= cdist(places, known).min(axis=1) > limit
        among = cdist(places, places)
        for i in np.flatnonzero(fresh):
            fresh[i] = not (among[i, :i][fresh[:i]] <= limit).any()
        return fresh

    def _find_limits(self, real: RealExamples) -> NDArray[np.float64]:
        """Return (k,) limits; 0 if there is only a single real image."""
        places = real.training.random @ self._project
        nearest = []
        for label in range(len(real.classes)):
            own = thin(places[real.training.labels == label], MOST_COMPARED)
            among = cdist(own, own)
            np.fill_diagonal(among, np.inf)
            nearest.append(among.min(axis=1) if len(own) > 1 else np.empty(0))
        pooled = np.concatenate(nearest)
        middle = float(np.median(pooled)) if len(pooled) else 0.0
        return CLOSE * np.array(
            [np.median(d) if len(d) >= POOLED else middle for d in nearest]
        )


class _Growing:
    """A growing table of float32 rows; most additions copy nothing."""

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

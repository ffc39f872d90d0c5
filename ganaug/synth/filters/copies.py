"""Copying: candidates too near to an image that the GAN was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.data.duplicates import mark_strangers
from ganaug.metrics.copies import POOLED, CopySearch, copy_threshold
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, Reality

ENOUGH = 20  # held-out images to set thresholds by, or the training images do it
RARE = 0.005  # share of real images refused by each of the two feature spaces
MOST = 2_000  # real images of a class that are compared in feature space
LEAST = 1e-6

Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Space:
    """Real images in one network's features, mirrored ones too where they count."""

    places: dict[int, NDArray[np.float32]]  # class → (m, d)
    middles: dict[int, float]  # class → median distance between nearest real images

    def score(self, features: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
        """(n,) distance to the nearest real image over that median."""
        scores = np.full(len(labels), np.inf, np.float32)
        for label, places in self.places.items():
            rows = np.flatnonzero(labels == label)
            if len(rows):
                nearest = cdist(features[rows], places).min(axis=1)
                scores[rows] = nearest / self.middles[label]
        return scores


class CopyDetector:
    """Distances to the training images in pixels and in two feature spaces.

    A score below 1 marks a copy: each space's ratio is divided by its threshold, which
    few real images that the GAN has not seen fall below, and the smallest counts. The
    feature spaces are those of the random network and of the teacher's first one.

    Args:
        reality: the real images.

    Attributes:
        held_labels, held_scores: of the images that the GAN has not seen, without
            those that repeat one that it has, where these are many.
        notes: what the user should know of how thresholds were set.
    """

    def __init__(self, reality: Reality) -> None:
        seen = reality.seen
        flips = {"hflip": reality.hflip, "vflip": reality.vflip}
        self.search = CopySearch(seen.images, seen.labels, **flips)
        self.rows = reality.seen_rows
        mirrored = list(_mirror(seen, **flips))
        self.spaces = [
            make_space(features, seen.labels, others)
            for features, *others in zip(
                _spaces(seen), *map(_spaces, mirrored), strict=True
            )
        ]
        # only fresh images tell how near one comes that is no copy
        fresh = mark_strangers(reality.held.images, seen.images)
        self.notes = _say_repeats(fresh)
        ratios = [each[fresh] for each in self._ratios(reality.held)]
        self.thresholds = self._calibrate(ratios)
        self.held_labels = reality.held.labels[fresh]
        self.held_scores = self._join(ratios)

    def score(self, candidates: Candidates) -> Scores:
        """(n,) below 1 for copies."""
        return self._join(self._ratios(candidates))

    def find_nearest(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """(n,) which of the user's images is nearest in pixels; -1 for none."""
        nearest = self.search.score(images, labels).nearest
        return np.where(nearest < 0, -1, self.rows[nearest])

    def _ratios(self, candidates: Candidates) -> list[Scores]:
        pixels = self.search.score(candidates.images, candidates.labels).ratio
        features = [
            space.score(own, candidates.labels)
            for space, own in zip(self.spaces, _spaces(candidates), strict=True)
        ]
        return [pixels, *features]

    def _join(self, ratios: list[Scores]) -> Scores:
        """(n,) the smallest over spaces, each over its threshold."""
        each = [r / max(LEAST, t) for r, t in zip(ratios, self.thresholds, strict=True)]
        return np.asarray(np.min(each, axis=0), np.float32)

    def _calibrate(self, ratios: list[Scores]) -> list[float]:
        """Thresholds by held-out images, else by training images, of pixels alone."""
        pixels, *features = ratios
        if len(pixels) < ENOUGH:
            return [copy_threshold(self.search.own), *[LEAST] * len(self.spaces)]
        finite = [f[np.isfinite(f)] for f in features]
        return [
            copy_threshold(pixels[np.isfinite(pixels)]),
            *(copy_threshold(f, RARE) for f in finite),
        ]


def _say_repeats(fresh: NDArray[np.bool_]) -> tuple[str, ...]:
    repeats = int((~fresh).sum())
    if not repeats:
        return ()
    return (
        f"copy: {repeats} of {len(fresh)} held-out images nearly repeat one that the "
        "GAN was trained on, and do not count in setting the threshold; if images "
        "come in groups, such as frames of one video, name them (--group-regex)",
    )


def make_space(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    mirrored: list[NDArray[np.float32]],
) -> Space:
    """Places and medians by class, medians pooled under POOLED images."""
    places, nearest = {}, {}
    for label in map(int, np.unique(labels)):
        own = thin(features[labels == label], MOST)
        among = cdist(own, own)
        np.fill_diagonal(among, np.inf)
        nearest[label] = among.min(axis=1) if len(own) > 1 else np.empty(0)
        others = [thin(m[labels == label], MOST) for m in mirrored]
        places[label] = np.concatenate([own, *others])
    every = np.concatenate(list(nearest.values()))
    pooled = float(np.median(every)) if len(every) else 1.0
    middles = {
        k: max(LEAST, float(np.median(d)) if len(d) >= POOLED else pooled)
        for k, d in nearest.items()
    }
    return Space(places, middles)


def _spaces(candidates: Candidates) -> list[NDArray[np.float32]]:
    return [candidates.random, *candidates.features[:1]]


def _mirror(seen: Candidates, *, hflip: bool, vflip: bool) -> list[Candidates]:
    axes = [(2,)] * hflip + [(1,)] * vflip + [(1, 2)] * (hflip and vflip)
    return [
        Candidates(np.flip(seen.images, axis), seen.labels, seen.teacher)
        for axis in axes
    ]

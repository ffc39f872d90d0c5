"""CopyDetector: how near candidates come to the training images of the GAN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.data.duplicates import mark_strangers
from ganaug.metrics.copies import POOLED, CopySearch, copy_threshold
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, RealExamples, Scores
from ganaug.synth.filters.learned import Learned

FEWEST_HELD_OUT = 20  # with fewer held-out images, training images set thresholds
RARE = 0.005  # share of real images rejected by each of the two feature spaces
MOST_COMPARED = 2_000  # most real images of a class in feature space
TINY = 1e-6


@dataclass(frozen=True, eq=False)
class RealFeatures:
    """Training images in one network's features, mirrored ones too if labels allow."""

    features: dict[int, NDArray[np.float32]]  # class → (m, d)
    medians: dict[int, float]  # class → median distance between nearest real images

    def score(self, features: NDArray[np.float32], labels: NDArray[np.int64]) -> Scores:
        """Return (n,) distances to the nearest real image, divided by the median."""
        scores = np.full(len(labels), np.inf, np.float32)
        for label, own in self.features.items():
            rows = np.flatnonzero(labels == label)
            if len(rows):
                nearest = cdist(features[rows], own).min(axis=1)
                scores[rows] = nearest / self.medians[label]
        return scores


class CopyDetector:
    """Distances to the training images in pixels and in two feature spaces.

    Each space's ratio is divided by its threshold, which few held-out images fall
    below; the smallest of the three results is the score, and a score below 1 marks a
    copy. The feature spaces are those of the random network and of the teacher's first
    network.

    Args:
        real: real images.

    Attributes:
        held_out_labels, held_out_scores: labels and scores of the held-out images,
            without those that repeat a training image.
        notes: lines for the user about the thresholds.
    """

    def __init__(self, real: RealExamples) -> None:
        training = real.training
        flips, learned = {"hflip": real.hflip, "vflip": real.vflip}, real.learned
        known = learned.arrays.get("copy.distances")
        self.search = CopySearch(
            training.images, training.labels, **flips, distances=known
        )
        if self.search.distances is not known:
            learned.note("copy.distances", self.search.distances)
        self.rows = real.training_rows
        mirrored = list(_mirror(training, **flips))
        self.spaces = [
            collect_features(features, training.labels, others, learned, f"copy.{k}")
            for k, (features, *others) in enumerate(
                zip(_spaces(training), *map(_spaces, mirrored), strict=True)
            )
        ]
        # thresholds come only from held-out images that repeat no training image
        fresh = learned.recall(
            "copy.fresh",
            (len(real.held_out),),
            bool,
            lambda: mark_strangers(real.held_out.images, training.images),
        )
        self.notes = _say_repeats(fresh)
        shape = (1 + len(self.spaces), int(fresh.sum()))
        ratios = list(
            learned.recall(
                "copy.ratios", shape, np.float32,
                lambda: np.stack([r[fresh] for r in self._ratios(real.held_out)]),
            )
        )  # fmt: skip
        self.thresholds = self._calibrate(ratios)
        self.held_out_labels = real.held_out.labels[fresh]
        self.held_out_scores = self._join(ratios)

    def score(self, candidates: Candidates) -> Scores:
        """Return scores (n,), below 1 for copies."""
        return self._join(self._ratios(candidates))

    def find_nearest(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return (n,) indices of the user's nearest images in pixels, or -1."""
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
        """Return (n,) the smallest of the ratios divided by their thresholds."""
        each = [r / max(TINY, t) for r, t in zip(ratios, self.thresholds, strict=True)]
        return np.asarray(np.min(each, axis=0), np.float32)

    def _calibrate(self, ratios: list[Scores]) -> list[float]:
        """Set thresholds by held-out images, or in pixels only by training images."""
        pixels, *features = ratios
        if len(pixels) < FEWEST_HELD_OUT:
            return [copy_threshold(self.search.own), *[TINY] * len(self.spaces)]
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
        "GAN was trained on, and are not used to set the threshold; if images come "
        "in groups, such as frames of one video, name the groups (--group-regex)",
    )


def collect_features(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    mirrored: list[NDArray[np.float32]],
    learned: Learned,
    name: str,
) -> RealFeatures:
    """Collect features and medians by class; the medians are kept by that name."""
    classes = list(map(int, np.unique(labels)))
    own = [thin(features[labels == label], MOST_COMPARED) for label in classes]
    medians = learned.recall(
        f"{name}.medians", (len(classes),), float, lambda: _find_medians(own)
    )
    found = {}
    for label, plain in zip(classes, own, strict=True):
        others = [thin(m[labels == label], MOST_COMPARED) for m in mirrored]
        found[label] = np.concatenate([plain, *others])
    return RealFeatures(found, dict(zip(classes, medians.tolist(), strict=True)))


def _find_medians(features: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Find each class's median distance to the nearest; small ones share one."""
    nearest = []
    for own in features:
        among = cdist(own, own)
        np.fill_diagonal(among, np.inf)
        nearest.append(among.min(axis=1) if len(own) > 1 else np.empty(0))
    every = np.concatenate(nearest)
    pooled = float(np.median(every)) if len(every) else 1.0
    return np.array(
        [
            max(TINY, float(np.median(d)) if len(d) >= POOLED else pooled)
            for d in nearest
        ]
    )


def _spaces(candidates: Candidates) -> list[NDArray[np.float32]]:
    return [candidates.random, *candidates.features[:1]]


def _mirror(training: Candidates, *, hflip: bool, vflip: bool) -> list[Candidates]:
    axes = [(2,)] * hflip + [(1,)] * vflip + [(1, 2)] * (hflip and vflip)
    return [
        Candidates(np.flip(training.images, axis), training.labels, training.teacher)
        for axis in axes
    ]

"""The realism filter: a candidate must lie near real images of its class, unnoisy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.balls import TINY, Balls, find_radii
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter
from ganaug.synth.filters.patches import Patches, learn_patches

NEIGHBOURS = 5
FEWEST_IN_FOLD = 30  # with fewer real images in a network's fold, it is not used
FEWEST_HELD_OUT = 20  # with fewer held-out images, training images set the scale
STRICT = 0.05  # share of real images that would be rejected
MOST_COMPARED = 1_000  # most real images of a class
# share of real images that are rougher than a typical limit, and a factor: generators
# that are good otherwise draw a bit rougher; heavy noise is several times as rough
ROUGH, SLACK = 0.02, 1.25


def filter_unrealistic(real: RealExamples) -> Filter:
    """Keep candidates as near to real images as other real images are, and unnoisy.

    The score is the smaller one of `Manifold.score` and `Texture.score`. A candidate
    needs a score of at least 1, which 95 % of the real images reach.
    """
    manifold, texture = map_manifold(real), learn_texture(real)
    notes = tuple(
        f"realism: only noise is rejected for {name}, which has too few real images"
        for k, name in enumerate(real.classes)
        if k not in manifold.balls
    )

    def score_both(candidates: Candidates) -> Scores:
        # of a class that cannot be compared, at least the texture can
        return np.fmin(manifold.score(candidates), texture.score(candidates))

    some = real.held_out if len(real.held_out) >= FEWEST_HELD_OUT else None
    scale = 1.0
    if some is not None:
        scale = real.learned.recall_number(
            "realism.scale", lambda: _low(score_both(some))
        )

    def score(candidates: Candidates) -> Scores:
        return np.asarray(score_both(candidates) / scale, np.float32)

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        return np.asarray(np.isnan(scores) | (scores >= 1))

    return Filter("realism", score, keep, threshold=1.0, notes=notes)


@dataclass(frozen=True, eq=False)
class Texture:
    """The fine structure of real images, which noise has not.

    Attributes:
        patches: patches of real images; None if these are too few.
        limit: roughness that few real images exceed.
    """

    patches: Patches | None = None
    limit: float = 1.0

    def score(self, candidates: Candidates) -> Scores:
        """Return (n,) how far below the limit the roughness lies, 1 at the limit."""
        if self.patches is None:
            return np.full(len(candidates), np.nan, np.float32)
        rough = np.maximum(self.patches.roughness(candidates.images), TINY)
        return np.asarray(self.limit / rough, np.float32)


def learn_texture(real: RealExamples) -> Texture:
    """Learn the texture of training images, and the limit from images not learned."""
    images = real.training.images
    if len(images) < FEWEST_HELD_OUT:
        return Texture()
    patches = learn_patches(images)  # not kept: those of tiny images are like images
    limit = real.learned.recall_number(
        "realism.roughness", lambda: _find_roughest(patches, real)
    )
    return Texture(patches, limit)


def _find_roughest(patches: Patches, real: RealExamples) -> float:
    """Find the roughness that few real images exceed."""
    images = real.training.images
    if len(real.held_out) >= FEWEST_HELD_OUT:
        rough = patches.roughness(real.held_out.images)
    else:
        halves = images[::2], images[1::2]
        pairs = (halves, halves[::-1])
        rough = np.concatenate([learn_patches(a).roughness(b) for a, b in pairs])
    return max(TINY, SLACK * float(np.quantile(rough, 1 - ROUGH)))


@dataclass(frozen=True, eq=False)
class Manifold:
    """The positions of real images in feature spaces, which `score` compares with.

    Attributes:
        balls: class → space → balls; space 0 is the random network's, the others are
            the teacher's. A class with too few images has none.
        units: space → score that 5 % of the real images fall below there.
        scale: mean score over spaces that 5 % of the real images fall below.
    """

    balls: dict[int, dict[int, Balls]]
    units: dict[int, float]
    scale: float = 1.0

    def score(self, candidates: Candidates) -> NDArray[np.float32]:
        """Return (n,) scores; 5 % of the real images score below 1.

        Scores are NaN for classes with too few real images.
        """
        spaces = _spaces(candidates)
        scores = np.full(len(candidates), np.nan, np.float32)
        for label, balls in self.balls.items():
            rows = np.flatnonzero(candidates.labels == label)
            if len(rows):
                each = [
                    ball.score(spaces[k][rows]) / self.units[k]
                    for k, ball in balls.items()
                ]
                scores[rows] = np.mean(each, axis=0) / self.scale
        return scores


def map_manifold(real: RealExamples) -> Manifold:
    """Locate the training images in feature space, and scale scores by held-out ones.

    Each network's features are compared only among images that it was not trained on,
    since training images of one class lie unusually close together.
    """
    spaces = _spaces(real.training)
    labels = range(len(real.classes))
    every = {label: _make_balls_of(real, spaces, label) for label in labels}
    balls = {label: own for label, own in every.items() if own}
    units = real.learned.recall(
        "realism.units",
        (len(spaces),),
        float,
        lambda: np.array([_calibrate(real, balls, k) for k in range(len(spaces))]),
    )
    raw = Manifold(balls, dict(enumerate(units.tolist())))
    if len(real.held_out) < FEWEST_HELD_OUT:
        return raw
    scale = real.learned.recall_number("realism.mean", lambda: _find_scale(raw, real))
    return replace(raw, scale=scale)


def _find_scale(manifold: Manifold, real: RealExamples) -> float:
    """Find the mean score that 5 % of the held-out images fall below."""
    scores = manifold.score(real.held_out)
    scores = scores[~np.isnan(scores)]
    return _low(scores) if len(scores) else 1.0


def _make_balls_of(
    real: RealExamples, spaces: list[NDArray[np.float32]], label: int
) -> dict[int, Balls]:
    """Make the balls of one class, by space."""
    own = real.training.labels == label
    fold_of = real.teacher.fold_of if real.teacher else None
    balls = {}
    for k, space in enumerate(spaces):
        strangers = own if k == 0 or fold_of is None else own & (fold_of == k - 1)
        fewest = NEIGHBOURS + 1 if k == 0 else FEWEST_IN_FOLD
        if strangers.sum() >= fewest:
            places = thin(space[strangers], MOST_COMPARED)
            radii = real.learned.recall(
                f"realism.radii.{label}.{k}", (len(places),), float,
                partial(find_radii, places, NEIGHBOURS),
            )  # fmt: skip
            balls[k] = Balls(places, radii)
    return balls


def _spaces(candidates: Candidates) -> list[NDArray[np.float32]]:
    return [candidates.random, *candidates.features]


def _calibrate(
    real: RealExamples, balls: dict[int, dict[int, Balls]], space: int
) -> float:
    """Return the score in a space that 5 % of the real images fall below."""
    held = real.held_out
    if len(held) >= FEWEST_HELD_OUT:
        features = _spaces(held)[space]
        scores = [
            own[space].score(features[held.labels == label])
            for label, own in balls.items()
            if space in own and (held.labels == label).any()
        ]
    else:
        scores = [own[space].score_own() for own in balls.values() if space in own]
    if not scores:
        return 1.0
    return _low(np.concatenate(scores))


def _low(scores: NDArray[np.floating]) -> float:
    """Return the score that at most 5 % of the real images fall below."""
    return max(TINY, float(np.quantile(scores, STRICT, method="lower")))

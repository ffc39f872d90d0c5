"""Realism: how near a candidate is to the real images of its class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.balls import TINY, Balls, make_balls
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import Candidates, Reality

NEIGHBOURS = 5
FEWEST = 30  # real images of a class in a network's own fold, or it is left out
ENOUGH = 20  # held-out images to calibrate by, or the training images do it
STRICT = 0.05  # share of real images that would be refused
MOST = 1_000  # real images of a class that are compared


@dataclass(frozen=True, eq=False)
class Manifold:
    """Where real images lie, by class and space; `score` measures against them.

    Attributes:
        balls: class → space → ball; space 0 is the random network's, the others are
            the teacher's. A class with too few images has none.
        units: space → the score that a twentieth of real images falls below there.
        scale: the mean over spaces that a twentieth falls below.
    """

    balls: dict[int, dict[int, Balls]]
    units: dict[int, float]
    scale: float = 1.0

    def score(self, candidates: Candidates) -> NDArray[np.float32]:
        """(n,) mean over the spaces; 1 is where a twentieth of real images lie below.

        NaN for classes with too few real images.
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


def map_manifold(reality: Reality) -> Manifold:
    """The manifold of the images that the GAN saw, calibrated by those it did not.

    A network's features are compared among images that it was not trained on, since it
    draws those that it knows together.
    """
    spaces = _spaces(reality.seen)
    fold_of = reality.teacher.fold_of if reality.teacher else None
    balls: dict[int, dict[int, Balls]] = {}
    for label in range(len(reality.classes)):
        own = reality.seen.labels == label
        for k, space in enumerate(spaces):
            strangers = own if k == 0 or fold_of is None else own & (fold_of == k - 1)
            least = NEIGHBOURS + 1 if k == 0 else FEWEST
            if strangers.sum() >= least:
                near = make_balls(thin(space[strangers], MOST), NEIGHBOURS)
                balls.setdefault(label, {})[k] = near
    units = {k: _calibrate(reality, balls, k) for k in range(len(spaces))}
    raw = Manifold(balls, units)
    if len(reality.held) < ENOUGH:
        return raw
    scores = raw.score(reality.held)
    scores = scores[~np.isnan(scores)]
    return replace(raw, scale=_low(scores)) if len(scores) else raw


def _spaces(candidates: Candidates) -> list[NDArray[np.float32]]:
    return [candidates.random, *candidates.features]


def _calibrate(
    reality: Reality, balls: dict[int, dict[int, Balls]], space: int
) -> float:
    """The lower quantile of real images' scores in a space, over all classes."""
    held = reality.held
    if len(held) >= ENOUGH:
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
    """What a small share of real images falls below."""
    return max(TINY, float(np.quantile(scores, STRICT)))

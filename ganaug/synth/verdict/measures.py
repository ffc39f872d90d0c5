"""Measures of one class: synthetic images, as real ones would fare in their place.

All compare features of a fixed random network. Halves of the real images, drawn again
and again, tell what real images reach against other real images.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ganaug.metrics.thinning import thin

MOST_COMPARED = 200  # images of a class, synthetic ones and real ones
HALVINGS = 8  # times that the real images are halved
NEAREST = 5  # neighbours that decide a ball's radius
FEWEST = 4  # images on each side, below which balls say nothing

Features = NDArray[np.float32]  # (n, d)
Array = NDArray[np.float64]
Rows = NDArray[np.int64]


class Likeness(NamedTuple):
    """How like real images those of a class are; 1 is as like as other real ones.

    Attributes:
        variety: mean distance between two synthetic images, over that between two real
            ones.
        recall: share of real images that lie in a ball around a synthetic image.
        nearness: share of synthetic images that lie in a ball around a real one. For
            both, Kynkäänniemi et al., "Improved Precision and Recall Metric for
            Assessing Generative Models" (2019), over the same share for as many real
            images in place of the synthetic ones.
    """

    variety: float
    recall: float
    nearness: float


NOTHING = Likeness(0.0, 0.0, math.nan)  # of a class without images


def compare_class(fake: Features, real: Features) -> Likeness:
    """Compare the images of a class with all its real ones.

    A figure is NaN where there are too few images to measure it.

    Example:
        >>> real = np.random.default_rng(0).normal(size=(120, 3)).astype(np.float32)
        >>> alike = compare_class(real[:60] / 9, real)
        >>> alike.variety < 0.2, alike.recall < 0.2, alike.nearness > 0.9
        (True, True, True)
    """
    if not len(fake):
        return NOTHING
    fake, real = thin(fake, MOST_COMPARED), thin(real, MOST_COMPARED)
    n = min(len(fake), len(real) // 2)
    among_fake, among_real = cdist(fake, fake), cdist(real, real)
    variety = _divide(_mean_pair(among_fake), _mean_pair(among_real))
    if n < FEWEST:
        return Likeness(variety, math.nan, math.nan)
    between, rng = cdist(fake, real), np.random.default_rng(0)
    shares = []
    for _ in range(HALVINGS):
        order = rng.permutation(len(real))
        some, others = order[:n], order[n : 2 * n]
        ours = rng.permutation(len(fake))[:n]
        shares.append((
            *_share_inside(
                among_fake[np.ix_(ours, ours)],
                among_real[np.ix_(others, others)],
                between[np.ix_(ours, others)],
            ),
            *_share_inside(
                among_real[np.ix_(some, some)],
                among_real[np.ix_(others, others)],
                among_real[np.ix_(some, others)],
            ),
        ))  # fmt: skip
    recall, nearness, of_real, near_real = np.mean(shares, axis=0).tolist()
    return Likeness(variety, _divide(recall, of_real), _divide(nearness, near_real))


def _share_inside(ours: Array, theirs: Array, between: Array) -> tuple[float, float]:
    """Return the share of theirs in balls around ours, and of ours in theirs.

    Args:
        ours, theirs: (n, n) distances inside both samples.
        between: (n, n) distances from ours to theirs.
    """
    around_ours = between <= _radii(ours)[:, None]
    around_theirs = between <= _radii(theirs)
    return float(around_ours.any(axis=0).mean()), float(
        around_theirs.any(axis=1).mean()
    )


def _radii(distances: Array) -> Array:
    """Return distances (n,) to the NEAREST-th other image, or to the last but one."""
    k = min(NEAREST, len(distances) - 2)
    return np.asarray(np.partition(distances, k, axis=1)[:, k])  # 0 is the image itself


def _mean_pair(distances: Array) -> float:
    n = len(distances)
    return float(distances.sum() / (n * (n - 1))) if n > 1 else math.nan


def _divide(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan

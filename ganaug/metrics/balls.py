"""Balls around real images, and how near another image is to them.

Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative
Models" (2019), equation 3: an image's realism is the largest ratio, over real images,
of the distance to their k-th neighbour to the distance from the image. From 1 up it
lies inside one of those balls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

TINY = 1e-6  # least radius and distance, as identical images have none

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Balls:
    """Balls of one class in one feature space.

    Attributes:
        places: (m, d) features of the real images.
        radii: (m,) distance of each to its k-th neighbour.
    """

    places: NDArray[np.float32]
    radii: Array

    def score(self, features: NDArray[np.float32]) -> Array:
        """Return the largest ratio (n,) of radius to distance."""
        distances = np.maximum(cdist(features, self.places), TINY)
        return np.asarray((self.radii / distances).max(axis=1))

    def score_own(self) -> Array:
        """Return the scores (m,) of these images, each without its own ball."""
        distances = np.maximum(cdist(self.places, self.places), TINY)
        ratios = self.radii / distances
        np.fill_diagonal(ratios, 0)
        return np.asarray(ratios.max(axis=1))


def make_balls(features: NDArray[np.float32], k: int = 5) -> Balls:
    """Make the balls around features (m, d), m > k.

    Example:
        >>> line = np.arange(7, dtype=np.float32)[:, None]
        >>> make_balls(line).score(np.array([[3.5]], np.float32)).item()
        6.0
    """
    return Balls(features, find_radii(features, k))


def find_radii(features: NDArray[np.float32], k: int = 5) -> Array:
    """Return the distance (m,) of each of features (m, d) to its k-th neighbour.

    Example:
        >>> find_radii(np.arange(7, dtype=np.float32)[:, None]).tolist()
        [5.0, 4.0, 3.0, 3.0, 3.0, 4.0, 5.0]
    """
    distances = np.sort(cdist(features, features), axis=1)
    return np.asarray(np.maximum(distances[:, k], TINY))

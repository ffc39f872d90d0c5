"""Memorisation: are generated images nearer to training images than real ones are?"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.jackknife import Influence, influence_of
from ganaug.metrics.neighbours import nearest_neighbours, nearest_others

Features = NDArray[np.floating]
Floats = NDArray[np.floating]

FEWEST_HELD = 20  # held-out images of a cell, after Meehan et al. (2020)


def copying_score(generated: Floats, held: Floats) -> Influence | None:
    """Compute C_T of one cell: z-scored Mann–Whitney U of nearest-training distances.

    Near 0 where generated images are as far from the training images as held-out ones
    are; far below 0 (−2, say) where they are copies, far above where they are far off.
    Source: Meehan, Chaudhuri and Dasgupta, "A non-parametric test to detect data
    copying in generative models" (2020), section 3.

    Args:
        generated: (n,) distances of generated images, n ≥ 2.
        held: (m,) distances of held-out images.

    Returns:
        z, with the influence of each distance; None where there are not enough
        held-out images: fewer than 20.

    Example:
        >>> far = np.arange(20.0)
        >>> copying_score(far - 100, far).value < -5, copying_score(far, far[:19])
        (True, None)
    """
    n, m = len(generated), len(held)
    if m < FEWEST_HELD or n < 2:
        return None
    # a pair counts 1 where the generated one is farther, ½ where both are as far
    of_generated = _count_below(generated, held)
    of_held = n - _count_below(held, generated)
    total = of_generated.sum()
    return influence_of(
        float(_z_score(total, n, m)),
        _z_score(total - of_generated, n - 1, m),
        _z_score(total - of_held, n, m - 1),
    )


def overall_copying_score(
    scores: Mapping[int, Influence], held: Mapping[int, int]
) -> Influence | None:
    """Average z over cells, weighted by their held-out images (ibid., equation 3).

    Args:
        scores: score of each cell that has one.
        held: number of held-out images of each cell.

    Example:
        >>> one, other = (Influence(z, np.ones(2), np.ones(2)) for z in (1.0, 4.0))
        >>> overall_copying_score({0: one, 1: other}, {0: 40, 1: 20}).value
        2.0
    """
    if not scores:
        return None
    total = sum(held[cell] for cell in scores)
    shares = {cell: held[cell] / total for cell in scores}
    return Influence(
        sum(shares[cell] * score.value for cell, score in scores.items()),
        np.concatenate([shares[cell] * s.of_x for cell, s in scores.items()]),
        np.concatenate([shares[cell] * s.of_y for cell, s in scores.items()]),
    )


def find_authentic(generated: Features, training: Features) -> NDArray[np.bool_]:
    """Find the generated images that are no near copies (Alaa et al., 2022, section 4).

    An image is authentic unless it is nearer to its nearest training image than any
    other training image is; equal training images count once. Of images as real as the
    training ones about half are authentic by this measure, so compare with the share
    among held-out images.

    Args:
        generated: (n, d) features.
        training: (m, d) features, m ≥ 2.

    Returns:
        (n,) bool.

    Example:
        >>> find_authentic(np.array([[0.1], [7.0]]), np.array([[0.0], [3.0]]))
        array([False,  True])
    """
    different = np.unique(training, axis=0)  # a repeated image would have distance 0
    if len(different) < 2:
        return np.asarray((generated != different[0]).any(axis=1))
    own = nearest_others(different).distances[:, 0]
    nearest = nearest_neighbours(generated, different)
    return np.asarray(nearest.distances[:, 0] >= own[nearest.indices[:, 0]])


def share_influence(values: NDArray[np.generic]) -> Influence:
    """Average a value per image, such as the share of authentic ones.

    Example:
        >>> share_influence(np.array([True, False])).value
        0.5
    """
    numbers = values.astype(np.float64)
    if len(numbers) < 2:
        return Influence(float(numbers.mean()), np.empty(0), np.empty(0))
    without = (numbers.sum() - numbers) / (len(numbers) - 1)
    return influence_of(float(numbers.mean()), without, np.empty(0))


def _count_below(values: Floats, others: Floats) -> NDArray[np.float64]:
    """Count the others (n,) below each value, those equal to it as a half."""
    from scipy.stats import rankdata  # takes .6 s

    ranked = rankdata(np.concatenate([values, others]))[: len(values)]
    return np.asarray(ranked - rankdata(values))


def _z_score(u: NDArray[np.float64], n: int, m: int) -> NDArray[np.float64]:
    return np.asarray((u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12))

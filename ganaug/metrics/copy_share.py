"""The share of generated images that are copies, compared with chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.metrics.copies import ALARMS


class CopyShare(NamedTuple):
    """How many images are nearer to a training image than nearly all held-out ones.

    Attributes:
        share: share of the generated images that lie below the threshold.
        held: share of the held-out images that do.
        p: probability of a share at least as large if generated images were as near
            to the training images as held-out ones are.
    """

    share: float
    held: float
    p: float


def compare_copies(
    generated: NDArray[np.floating],
    held: NDArray[np.floating],
    *,
    alarms: float = ALARMS,
) -> CopyShare:
    """Compare the distances to the nearest training image of two sets of images.

    Where both come from one continuous distribution, how many of n generated ones lie
    below the k-th smallest of m held-out ones is beta-binomial, BB(n, k, m − k + 1):
    the k-th smallest of m uniform numbers is Beta(k, m − k + 1). So the p value is
    exact, also for few held-out images.

    Args:
        generated: (n,) ratios of `CopySearch.score`, n ≥ 1.
        held: (m,) ratios of images that are no copies, m ≥ 1.
        alarms: expected share of images that are no copies but below the threshold.

    Example:
        >>> far = np.linspace(0.5, 1.5, 100)
        >>> compare_copies(far, far).p > 0.3, compare_copies(far / 10, far).p < 1e-6
        (True, True)
    """
    assert min(len(generated), len(held)) > 0, "both sets have images"
    k = max(1, int(alarms * (len(held) + 1)))
    threshold = np.sort(held)[k - 1]
    below = int((generated < threshold).sum())
    from scipy import stats  # takes .6 s

    p = stats.betabinom.sf(below - 1, len(generated), k, len(held) - k + 1)
    share = float((held < threshold).mean())
    return CopyShare(below / len(generated), share, float(p))

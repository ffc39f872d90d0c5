"""Choosing a training without labels of the new domain: by a fixed order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def choose_arm(guesses: Mapping[str, NDArray[np.float32]]) -> str:
    """Return the first training whose fit did not fail.

    Nothing that can be seen without labels compares trainings fairly: those that learn
    from their own guesses are sure of them, right or wrong, and reverse validation
    (see `ganaug.classify.adaptation.reversing`) favours guesses that are easy to learn.
    So the order is fixed.

    Args:
        guesses: training → (m, k) probabilities of the unlabelled images, in order.

    Example:
        >>> fine, failed = np.ones((2, 2)) / 2, np.full((2, 2), np.nan)
        >>> choose_arm({"self-trained": failed, "settled": fine, "standard": fine})
        'settled'
    """
    fine = [name for name, own in guesses.items() if np.isfinite(own).all()]
    return next(iter([*fine, *guesses]))

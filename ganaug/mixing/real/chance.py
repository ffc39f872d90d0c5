"""Chance: random numbers of a user's own code, fixed while it is looked at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ganaug import engine


@contextmanager
def fixed_chance(seed: int) -> Iterator[None]:
    """Seed the random numbers of Python, numpy and torch; restore them afterwards.

    Example:
        >>> with fixed_chance(0):
        ...     first = random.random()
        >>> with fixed_chance(0):
        ...     first == random.random()
        True
    """
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        with engine.seeded(seed):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)

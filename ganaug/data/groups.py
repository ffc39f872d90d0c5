"""Groups: images of one subject, which must stay together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.word import NOT_SAID

OWN_GROUP = NOT_SAID  # the name of a group of one image


def number_groups(names: Sequence[str]) -> NDArray[np.int64]:
    """Number groups in order of first appearance; OWN_GROUP takes a new one each time.

    Example:
        >>> number_groups(["p1", "", "p1", ""])
        array([0, 1, 0, 2])
    """
    numbers: dict[object, int] = {}
    keys = [i if name == OWN_GROUP else name for i, name in enumerate(names)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)

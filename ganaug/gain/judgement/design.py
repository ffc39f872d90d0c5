"""Design: what a gain compares, and how its splits hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """What the figures of a gain's splits are to be read with.

    Attributes:
        classes: names.
        classifier: what was trained, with its article.
        pretrained_run: whether it started from weights learned elsewhere; where it did
            not, the verdict says that the question remains open for such a one.
        margin: difference that does not count, a share: .01 is one point.
        overlap: images left out of a training part per image in it, as `Splits` has it.
        shared_test: whether all splits are tested on the same images.
        test_groups: (n,) groups of these images, or None.
        minutes_per_split: what a split costs, or None where not known.
    """

    classes: tuple[str, ...] = ()
    classifier: str
    pretrained_run: bool
    margin: float
    overlap: float = 0.0
    shared_test: bool = False
    test_groups: NDArray[np.int64] | None = None
    minutes_per_split: float | None = None

"""Design: the facts about a gain's splits that its statistics and verdict need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.protocol.arms import GAN

METRIC = "balanced accuracy"


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """The facts about a gain's splits that its statistics and verdict need.

    Attributes:
        classes: names of the classes.
        classifier: the trained classifier in words, with its article.
        pretrained_run: whether it started from weights learned elsewhere; if not, the
            verdict says that no pretrained classifier was measured.
        margin: largest difference that counts as none, a share: .01 is one point.
        overlap: images left out of a training part per image in it, see `Splits`.
        shared_test: whether all splits are tested on the same images.
        test_groups: (n,) groups of the shared test images, or None.
        minutes_per_split: time that one split takes, or None when unknown.
        metric: name of the score that gains are differences of.
        kind: kind of the synthetic images, a key of `protocol.arms.IMAGES`.
        start: name of the earlier run that both sides may start from, or empty.
    """

    classes: tuple[str, ...] = ()
    classifier: str
    pretrained_run: bool
    margin: float
    overlap: float = 0.0
    shared_test: bool = False
    test_groups: NDArray[np.int64] | None = None
    minutes_per_split: float | None = None
    metric: str = METRIC
    kind: str = GAN
    start: str = ""

"""ClassifierSpec: a classifier, ready to be built as often as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

SMALL = "small"
Factory = Callable[[tuple[int, int], int, int], nn.Module]
Build = Callable[[tuple[int, int], int, int, int], nn.Module]  # the last is the seed
Extract = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class OnFeatures:
    """An estimator that is fitted to features.

    Attributes:
        estimator: with `predict_proba`, and `fit` that takes `sample_weight`, or a
            Pipeline that ends in such a one; cloned before each fit.
        extract: (n, h, w, c) uint8 → (n, d).
    """

    estimator: Any
    extract: Extract


@dataclass(frozen=True, eq=False)
class ClassifierSpec:
    """A classifier that is built anew for each fit.

    Attributes:
        name: short, for files.
        phrase: with its article, for a sentence.
        pretrained: whether it starts from weights learned elsewhere.
        build: (size, channels, n_classes, seed) → network with logits as its output,
            or an estimator on features.
        identity: what tells it from others of its name: its settings, or a digest.
        own: whether it is a function of the user's.
    """

    name: str
    phrase: str
    pretrained: bool
    build: Build | OnFeatures
    identity: str = ""
    own: bool = False

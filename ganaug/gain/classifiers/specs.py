"""ClassifierSpec: a classifier that can be built as often as needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

SMALL_NETWORK = "small"
Factory = Callable[[tuple[int, int], int, int], nn.Module]
Build = Callable[[tuple[int, int], int, int, int], nn.Module]  # the last is the seed
Extract = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class OnFeatures:
    """An estimator that is fitted to features.

    Attributes:
        estimator: scikit-learn classifier with `predict_proba` and a `fit` that takes
            `sample_weight`, or a Pipeline that ends in one; cloned before each fit.
        extract: function (n, h, w, c) uint8 → (n, d) features.
    """

    estimator: Any
    extract: Extract


@dataclass(frozen=True, eq=False)
class ClassifierSpec:
    """A classifier that is built anew for each fit.

    Attributes:
        name: short name for files.
        phrase: name with its article, for a sentence.
        pretrained: whether it starts from weights learned elsewhere.
        build: function (size, channels, n_classes, seed) → network that returns
            logits, or an estimator on features.
        identity: settings or a digest that tell apart classifiers with one name.
        own: whether the user's own function builds it.
    """

    name: str
    phrase: str
    pretrained: bool
    build: Build | OnFeatures
    identity: str = ""
    own: bool = False

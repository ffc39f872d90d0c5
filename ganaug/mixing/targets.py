"""Targets: soft labels and weights of a mixed set, for losses that take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError, StoreError
from ganaug.mixing.pool import Pool, StorePool

Array = NDArray[np.float32]


def one_hot(targets: Sequence[int | str], label_of: Mapping[str, int | str]) -> Array:
    """(n, k) with a 1 in each label's column; columns in the classes' order.

    Example:
        >>> one_hot(["b", "a"], {"a": "a", "b": "b"}).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    column = {label: k for k, label in enumerate(label_of.values())}
    vectors = np.zeros((len(targets), len(column)), np.float32)
    vectors[np.arange(len(targets)), [column[label] for label in targets]] = 1
    return vectors


def read_targets(pool: Pool, classes: Sequence[str]) -> Array:
    """(rows, k) the teacher's distribution for each image of a pool.

    Args:
        pool: of a store that was written with soft labels.
        classes: the real set's, in the order of the columns.

    Raises:
        StoreError: the images were drawn from a run, or the store has hard labels.
    """
    if not isinstance(pool, StorePool):
        raise StoreError(
            "soft targets need a store, and this is a run; write one with: ganaug "
            "synth RUN --labels soft"
        )
    soft = pool.store.read_soft_labels()
    column = {name: k for k, name in enumerate(pool.store.classes)}
    vectors = np.zeros((len(soft), len(classes)), np.float32)
    for k, name in enumerate(classes):
        if name in column:
            vectors[:, k] = soft[:, column[name]]
    return vectors


def read_weights(pool: Pool, rows: int, weights: bool | float) -> Array | None:
    """(rows,) weight of each synthetic image, or None where none are wanted.

    Args:
        pool: the synthetic images.
        rows: how many there are.
        weights: True takes the teacher's probability of the class asked for, a number
            gives every image that weight.

    Raises:
        DataError: a number below 0.
    """
    if weights is False:
        return None
    if weights is not True:
        if not 0 <= weights < float("inf"):
            raise DataError(f"weights={weights} is not allowed; give True or 0 or more")
        return np.full(rows, weights, np.float32)
    if isinstance(pool, StorePool):
        return pool.store.read_label_scores()
    return np.ones(rows, np.float32)

"""Targets: soft labels and loss weights of a mixed set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.labels.label import read_labels
from ganaug.errors import ConfigError
from ganaug.mixing.pool import Pool, StorePool
from ganaug.scalars import to_plain

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Targets:
    """Soft labels and weights of a mixed set's items.

    Attributes:
        hard: (n, k) one-hot labels of all items.
        soft: (rows, k) the teacher's distribution for the pool's images, or None for
            hard labels.
        part: share of the teacher's distribution in a synthetic image's target.
        weights: (rows,) weights of the pool's images, or None.
    """

    hard: Array
    soft: Array | None
    part: float
    weights: Array | None

    def mix(self, place: int, row: int | None) -> torch.Tensor:
        """Return an item's distribution over the classes, (k,) float32.

        Args:
            place: the item, or another one of the same label.
            row: its row of the pool, None for a real image.
        """
        vector = self.hard[place].copy()
        if row is not None and self.soft is not None:
            vector = blend(vector, self.soft[row], self.part)
        return torch.from_numpy(vector)

    def weigh(self, row: int | None) -> torch.Tensor:
        """Return the weight of an item's loss."""
        assert self.weights is not None, "called for weights"
        return torch.tensor(1.0 if row is None else float(self.weights[row]))


def blend(hard: Array, soft: Array, part: float) -> Array:
    """Mix one-hot vectors with the teacher's distributions, which count for `part`.

    Example:
        >>> blend(np.array([1.0, 0.0]), np.array([0.4, 0.6]), 0.5).round(2)
        array([0.7, 0.3])
    """
    return (1 - part) * hard + part * soft


def one_hot(targets: Sequence[int | str], label_of: Mapping[str, int | str]) -> Array:
    """Return (n, k) with a 1 in each label's column; columns in the classes' order.

    Example:
        >>> one_hot(["b", "a"], {"a": "a", "b": "b"}).tolist()
        [[0.0, 1.0], [1.0, 0.0]]
    """
    column = {label: k for k, label in enumerate(label_of.values())}
    vectors = np.zeros((len(targets), len(column)), np.float32)
    vectors[np.arange(len(targets)), [column[label] for label in targets]] = 1
    return vectors


def one_hot_of(label_of: Mapping[str, int | str]) -> OneHot:
    """Return a transform from a label to its distribution over the classes.

    Example:
        >>> one_hot_of({"a": "a", "b": "b"})("b")
        tensor([0., 1.])
    """
    return OneHot({label: k for k, label in enumerate(label_of.values())})


@dataclass(frozen=True)
class OneHot:
    """Turns a label into a vector (k,) with a 1 in its column."""

    columns: Mapping[int | str, int]

    def __call__(self, label: Any) -> torch.Tensor:
        vector = torch.zeros(len(self.columns))
        vector[self.columns[read_labels([label])[0]]] = 1
        return vector


def read_targets(pool: Pool, classes: Sequence[str]) -> Array:
    """Read the teacher's distribution for each image of a pool, (rows, k).

    Args:
        pool: images of a store with soft labels.
        classes: classes of the real set, in the order of the columns.

    Raises:
        ConfigError: the images were drawn from a run.
        StoreError: the store has hard labels.
    """
    if not isinstance(pool, StorePool):
        raise ConfigError(
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


def read_weights(pool: Pool, weights: bool | float) -> Array | None:
    """Return each synthetic image's weight, (rows,), or None for no weights.

    Args:
        pool: the synthetic images.
        weights: True for the teacher's probability of the image's class, False for no
            weights, or one weight for all images.

    Raises:
        ConfigError: a number below 0.
    """
    weights = to_plain(weights)
    if weights is False:
        return None
    if weights is not True:
        if not 0 <= weights < float("inf"):
            raise ConfigError(
                f"weights={weights} is not allowed; give True, or a number from 0 up"
            )
        return np.full(pool.size, weights, np.float32)
    if isinstance(pool, StorePool):
        return pool.store.read_label_scores()
    return np.ones(pool.size, np.float32)

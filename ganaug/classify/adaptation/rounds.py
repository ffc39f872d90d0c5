"""Rounds of self-training, for any classifier: fit, guess, choose the surest, again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

ROUNDS = 3
FIRST_SHARE = 0.4  # of the unlabelled images that the first round learns from

Rows = NDArray[np.int64]


class Predicts(Protocol):
    """A classifier of images (n, h, w, c)."""

    def predict_proba(self, images: NDArray[np.uint8]) -> NDArray[np.float32]: ...


Model = TypeVar("Model", bound=Predicts)


@dataclass(frozen=True, eq=False)
class Rounds(Generic[Model]):
    """The outcome of some rounds.

    Attributes:
        model: classifier of the last round.
        probabilities: (m, k) its probabilities for the unlabelled images.
        chosen: (m,) whether the last round learned from an image.
        changed: share of guesses that each round changed, in [0, 1].
    """

    model: Model
    probabilities: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    changed: tuple[float, ...]


def train_in_rounds(
    fit: Callable[[Rows, Rows], Model],
    unlabelled: NDArray[np.uint8],
    *,
    rounds: int = ROUNDS,
    start: NDArray[np.float32] | None = None,
    done: int = 0,
) -> Rounds[Model]:
    """Fit a classifier, then again with its surest guesses, in each round with more.

    Args:
        fit: function (rows of the unlabelled images to learn from, guesses of all of
            them) → classifier; both are empty at first.
        unlabelled: (m, h, w, c) uint8.
        rounds: rounds after the first fit.
        start: (m, k) probabilities by what was trained before, in place of a first fit.
        done: number of rounds before these probabilities.
    """
    none = chosen = np.empty(0, np.int64)
    model, found, changed = None, start, []
    if found is None:
        model = fit(none, none)
        found = model.predict_proba(unlabelled)
    for number in range(done, rounds):
        share = FIRST_SHARE + (1 - FIRST_SHARE) * number / rounds
        chosen, guesses = choose_surest(found, share), found.argmax(axis=1)
        model = fit(chosen, guesses)
        found = model.predict_proba(unlabelled)
        changed.append(float((found.argmax(axis=1) != guesses).mean()))
    assert model is not None, "the last round makes the classifier"
    sure = np.zeros(len(unlabelled), bool)
    sure[chosen] = True
    return Rounds(model, found, sure, tuple(changed))


def choose_surest(
    probabilities: NDArray[np.float32], share: float
) -> NDArray[np.int64]:
    """Choose the surest images of each class, at most an equal part of each.

    Args:
        probabilities: (m, k) of the classes.
        share: share of the images to choose, in (0, 1].

    Returns:
        Rows, ascending; fewer than that share where classes were guessed unevenly.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]], np.float32)
        >>> choose_surest(p, 0.5).tolist()
        [0, 3]
    """
    m, k = probabilities.shape
    most = math.ceil(share * m / k)
    guesses, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    rows = [np.empty(0, np.int64)]
    for label in range(k):
        own = np.flatnonzero(guesses == label)
        rows.append(own[np.argsort(-sure[own], kind="stable")[:most]])
    return np.sort(np.concatenate(rows))

"""Hidden cells: cells that are there, left out to see whether filling them works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN
from ganaug.gain.protocol.selection import Fold

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Hiding:
    """Cells of one class to hide, all but one of its seen ones.

    Attributes:
        label: the class.
        domains: domains in which it is hidden.
        shown: domain in which it stays.
    """

    label: int
    domains: tuple[int, ...]
    shown: int


def list_hidings(counts: NDArray[np.int64], *, seed: int = 0) -> list[Hiding]:
    """List what can be hidden, each class once before any comes again.

    A class can be hidden if it is seen in two domains or more. What hides it leaves it
    in one of them, as the classes are whose cells lack. Each hidden domain must still
    be shown with another one by some other class: otherwise nothing shows how to carry
    an image across.

    Args:
        counts: (k, d) images of each class in each domain.
        seed: seed for the order.

    Example:
        >>> counts = np.array([[9, 9], [9, 9], [9, 0]])
        >>> sorted({hiding.label for hiding in list_hidings(counts)})
        [0, 1]
        >>> list_hidings(np.array([[9, 9], [9, 0]]))
        []
    """
    rng = np.random.default_rng(seed)
    turns: list[list[Hiding]] = []
    for label in rng.permutation(len(counts)).tolist():
        seen = np.flatnonzero(counts[label] >= SEEN)
        if len(seen) < 2:
            continue
        found = [
            Hiding(label, tuple(d for d in seen.tolist() if d != shown), shown)
            for shown in rng.permutation(seen).tolist()
        ]
        turns.append([hiding for hiding in found if _is_learnable(counts, hiding)])
    most = max(map(len, turns), default=0)
    return [turn[i] for i in range(most) for turn in turns if i < len(turn)]


def hide_rows(
    labels: Indices, domains: Indices, hiding: Hiding, *, left: int, seed: int
) -> Fold:
    """Divide images into those that stay and those that are hidden.

    Args:
        labels, domains: (n,) classes and domains of the images.
        hiding: cells to hide.
        left: number of images that stay in each hidden cell, as in a thin one.
        seed: seed for which ones.

    Example:
        >>> labels, domains = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1])
        >>> fold = hide_rows(labels, domains, Hiding(0, (1,), 0), left=0, seed=0)
        >>> fold.fit.tolist(), fold.judge.tolist()
        ([0, 3], [1, 2])
    """
    rng = np.random.default_rng(seed)
    hidden = [np.empty(0, np.int64)]
    for domain in hiding.domains:
        own = np.flatnonzero((labels == hiding.label) & (domains == domain))
        hidden.append(rng.permutation(own)[left:])
    judge = np.sort(np.concatenate(hidden))
    return Fold(np.setdiff1d(np.arange(len(labels)), judge), judge)


def count_left(counts: NDArray[np.int64]) -> int:
    """Return how many images a hidden cell keeps: the median of thin and empty cells.

    Example:
        >>> count_left(np.array([[40, 2], [2, 40], [40, 2]]))
        2
    """
    lacking = counts[counts < SEEN]
    return int(np.median(lacking)) if len(lacking) else 0


def _is_learnable(counts: NDArray[np.int64], hiding: Hiding) -> bool:
    """Whether other classes show each hidden domain beside some other domain."""
    seen = np.delete(counts, hiding.label, axis=0) >= SEEN
    both = seen[seen.sum(axis=1) >= 2]
    return bool(both[:, list(hiding.domains)].any(axis=0).all()) and len(both) > 0

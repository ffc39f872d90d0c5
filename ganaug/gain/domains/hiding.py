"""Hidden cells: cells that are there, left out to see whether filling them works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN
from ganaug.data.images import LabelledImages
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
    data: LabelledImages, hiding: Hiding, *, left: int = 0, seed: int = 0
) -> Fold:
    """Divide images into those that stay and those that are hidden and judged.

    Images of a group that is judged stay nowhere. Where the groups of a class show in
    several domains, half of them are judged, and the others stay.

    Args:
        data: images with domains.
        hiding: cells to hide.
        left: number of images that stay in each hidden cell, as in a thin one.
        seed: seed for which ones.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 0, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 1, 1, 1]), domain_names=("lamp", "sun"),
        ... )
        >>> fold = hide_rows(data, Hiding(0, (1,), 0))
        >>> fold.fit.tolist(), fold.judge.tolist()
        ([0, 3], [1, 2])
    """
    assert data.domains is not None, "cells are hidden where domains are known"
    rng = np.random.default_rng(seed)
    own = [
        rng.permutation(
            np.flatnonzero((data.labels == hiding.label) & (data.domains == domain))
        )
        for domain in hiding.domains
    ]
    stay = np.concatenate([np.empty(0, np.int64), *(rows[:left] for rows in own)])
    hidden = np.concatenate([np.empty(0, np.int64), *(rows[left:] for rows in own)])
    every = np.arange(len(data))
    if data.groups is None:
        return Fold(np.setdiff1d(every, hidden), np.sort(hidden))
    judged = _pick_groups(data.groups, hidden, np.setdiff1d(every, hidden), rng)
    inside = np.isin(data.groups, judged)
    judge = np.sort(hidden[inside[hidden]])
    fit = np.setdiff1d(every[~inside], np.setdiff1d(hidden, stay))
    return Fold(fit, judge)


def _pick_groups(
    groups: Indices, hidden: Indices, others: Indices, rng: np.random.Generator
) -> Indices:
    """Pick the groups to judge: those hidden alone, and half of those shown too."""
    own, shown = np.unique(groups[hidden]), np.unique(groups[others])
    both = rng.permutation(np.intersect1d(own, shown))
    return np.union1d(np.setdiff1d(own, shown), both[: -(-len(both) // 2)])


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

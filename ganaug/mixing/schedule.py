"""Schedule: how many synthetic images an epoch has, and which ones come in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import ConfigError, StoreError
from ganaug.scalars import to_plain

# draw → weight of a class, from its real images and the domains that its synthetic
# images have
WEIGHTS: dict[str, Callable[[int, int], float]] = {
    "natural": lambda real, domains: real,
    "balanced": lambda real, domains: 1,
    "cells": lambda real, domains: domains,
    "inverse": lambda real, domains: 1 / max(1, real),
}


def check_share(share: object) -> float | None:
    """Return the share as a number, or None for the whole store.

    Raises:
        ConfigError: it is not a number in [0, 1).
    """
    share = to_plain(share)
    if share is None:
        return None
    if (
        isinstance(share, bool)
        or not isinstance(share, int | float)
        or not 0 <= share < 1
    ):
        raise ConfigError(
            f"share={share!r} is not allowed: it must lie in [0, 1), or be None for "
            'the whole store, or "auto" for what a verdict found'
        )
    return float(share)


def check_real_only_after(after: object) -> float | None:
    """Return the share of epochs after which all images are real; None for never.

    Raises:
        ConfigError: it is not a number in (0, 1].
    """
    after = to_plain(after)
    if after is None:
        return None
    if (
        isinstance(after, bool)
        or not isinstance(after, int | float)
        or not 0 < after <= 1
    ):
        raise ConfigError(
            f"real_only_after={after!r} is not allowed: it must lie in (0, 1], or be "
            "None for never; share=0 uses real images alone"
        )
    return float(after)


def plan_epoch(
    real: Mapping[str, int],
    synthetic: Mapping[str, int],
    share: float | None,
    *,
    draw: str = "natural",
    domains: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Return class name → number of synthetic images in an epoch.

    Args:
        real, synthetic: class name → number of images.
        share: see `check_share`.
        draw: how often each class comes, see `ganaug.recipe.Recipe`.
        domains: class name → domains that its synthetic images have; 1 by default.

    Example:
        >>> real, synthetic = {"cat": 60, "dog": 30}, {"cat": 500, "dog": 500}
        >>> plan_epoch(real, synthetic, 0.25)
        {'cat': 20, 'dog': 10}
        >>> plan_epoch(real, synthetic, 0.25, draw="inverse")
        {'cat': 10, 'dog': 20}
    """
    if share is None:
        return dict(synthetic)
    total = count_synthetic(sum(real.values()), share)
    if not total:
        return {}
    weigh, cells = WEIGHTS[draw], domains or {}
    weights = [weigh(real[name], cells.get(name, 1)) for name in synthetic]
    if not sum(weights):
        raise StoreError("no class with synthetic images has a real one in this set")
    return dict(zip(synthetic, split_total(total, weights), strict=True))


@dataclass(frozen=True)
class Schedule:
    """Which synthetic images come in which epoch.

    Attributes:
        rows: class name → rows of the pool.
        counts: class name → number of images in an epoch.
        seed: seed for the order, a whole number from 0 up.
        domains: domain of each row of the pool, whose domains then take turns in each
            class; None takes all rows of a class alike.
    """

    rows: Mapping[str, NDArray[np.int64]]
    counts: Mapping[str, int]
    seed: int
    domains: NDArray[np.int64] | None = None

    def pick(self, epoch: int) -> NDArray[np.int64]:
        """Return an epoch's rows of the pool, class by class in order of `counts`."""
        picked = [np.empty(0, np.int64)]
        for number, (name, count) in enumerate(self.counts.items()):
            if count:
                steps = np.arange(epoch * count, (epoch + 1) * count)
                parts = split_rows(self.rows[name], self.domains)
                picked.append(_take_turns(parts, steps, (self.seed, number)))
        return np.concatenate(picked)


def spread_over_cells(
    labels: NDArray[np.int64], domains: NDArray[np.int64], seed: int
) -> Schedule:
    """Plan epochs in which rows of every class in every domain come equally often.

    An epoch has as many rows as there are; unknown domains, -1, count as one more.

    Example:
        >>> plan = spread_over_cells(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 1]), 0)
        >>> sorted(plan.pick(0).tolist()).count(3)
        2
    """
    cells = labels * (domains.max(initial=-1) + 2) + domains + 1
    rows = np.arange(len(labels))
    return Schedule({"": rows}, {"": len(rows)}, seed, cells)


def plan_stand_ins(
    targets: Sequence[int | str],
    label_of: Mapping[str, int | str],
    counts: Mapping[str, int],
    seed: int,
) -> Schedule:
    """Plan which real images replace synthetic ones, epoch by epoch.

    They have the same class; if the real set has no image of it, they have any class.

    Args:
        targets: labels of the real images.
        label_of: class name → label.
        counts: class name → number of images to replace.
        seed: seed for the order, a whole number from 0 up.

    Example:
        >>> plan_stand_ins([0, 1, 1], {"cat": 0, "dog": 1}, {"dog": 2}, 0).pick(3)
        array([2, 1])
    """
    names = tuple(label_of)
    number = {label: k for k, label in enumerate(label_of.values())}
    labels = np.array([number[label] for label in targets], np.int64)
    own, every = group_rows(labels, names), np.arange(len(labels))
    return Schedule({name: own.get(name, every) for name in counts}, counts, seed)


def find_last_phase(of: int | None, after: float | None) -> int | None:
    """Return the first epoch of the phase of real images only, None for never.

    Args:
        of: number of epochs in all.
        after: see `check_real_only_after`.

    Raises:
        ConfigError: the number of epochs is needed, and not given.

    Example:
        >>> find_last_phase(5, 0.6)
        3
    """
    if after is None:
        return None
    if of is None or of < 1:
        raise ConfigError(
            f"real_only_after={after:g} needs the number of epochs, 1 or more; call "
            "set_epoch(epoch, of=epochs)"
        )
    return math.ceil(after * of - 1e-9)  # .55 · 100 is a little more than 55


def count_synthetic(real: int, share: float) -> int:
    """Return how many synthetic images are `share` of an epoch with all real ones.

    Example:
        >>> count_synthetic(300, 0.25)
        100
    """
    return round(real * share / (1 - share))


def split_total(total: int, weights: Sequence[float]) -> list[int]:
    """Split `total` into parts proportional to `weights`, by largest remainder.

    Example:
        >>> split_total(10, [1, 1, 1])
        [4, 3, 3]
    """
    shares = np.asarray(weights, float)
    exact = total * shares / shares.sum()
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(parts - exact, kind="stable")
    parts[order[: total - parts.sum()]] += 1
    return [int(part) for part in parts]


def pick_steps(
    rows: int, count: int, epoch: int, key: Sequence[int]
) -> NDArray[np.int64]:
    """Pick the rows of one epoch: `count` steps on a walk through shuffled rows.

    Every row comes once before any comes again, within and across epochs.

    Args:
        rows: number of rows, at least one.
        count: number of rows to pick in an epoch.
        epoch: number of the epoch, from 0 up.
        key: seed of the shuffling, as whole numbers from 0 up.

    Returns:
        (count,) int64 in 0…rows−1.

    Example:
        >>> both = [*pick_steps(6, 3, 0, [0]), *pick_steps(6, 3, 1, [0])]
        >>> sorted(int(row) for row in both)
        [0, 1, 2, 3, 4, 5]
    """
    return _walk(rows, np.arange(epoch * count, (epoch + 1) * count), key)


def split_rows(
    rows: NDArray[np.int64], domains: NDArray[np.int64] | None
) -> list[NDArray[np.int64]]:
    """Split rows by their domains; without domains all stay together.

    Example:
        >>> split_rows(np.array([0, 2, 3]), np.array([1, 1, 0, 1]))
        [array([2]), array([0, 3])]
    """
    if domains is None:
        return [rows]
    own = domains[rows]
    return [rows[own == domain] for domain in np.unique(own)]


def _take_turns(
    parts: Sequence[NDArray[np.int64]], steps: NDArray[np.int64], key: Sequence[int]
) -> NDArray[np.int64]:
    """Return the rows at these steps of a walk that visits each part in turn."""
    if len(parts) == 1:
        return parts[0][_walk(len(parts[0]), steps, key)]
    picked = np.empty(len(steps), np.int64)
    for number, own in enumerate(parts):
        now = steps % len(parts) == number
        places = steps[now] // len(parts)
        picked[now] = own[_walk(len(own), places, (*key, number))]
    return picked


def _walk(rows: int, steps: NDArray[np.int64], key: Sequence[int]) -> NDArray[np.int64]:
    """Return where a walk through shuffled rows is at these steps."""
    rounds, places = steps // rows, steps % rows
    picked = np.empty(len(steps), np.int64)
    for number in np.unique(rounds):
        shuffled = np.random.default_rng([*key, int(number)]).permutation(rows)
        now = rounds == number
        picked[now] = shuffled[places[now]]
    return picked


def group_rows(
    labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, NDArray[np.int64]]:
    """Group rows by class name, for the classes that have any.

    Example:
        >>> group_rows(np.array([2, 0, 2]), ("a", "b", "c"))
        {'a': array([1]), 'c': array([0, 2])}
    """
    return {
        name: np.flatnonzero(labels == k)
        for k, name in enumerate(classes)
        if (labels == k).any()
    }

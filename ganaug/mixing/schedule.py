"""Epochs: how many synthetic images a share means, and which ones are next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError, StoreError


def check_share(share: object) -> float | None:
    """The share as a number, or None for the whole store.

    Raises:
        DataError: it is not a number in [0, 1).
    """
    if share is None:
        return None
    if (
        isinstance(share, bool)
        or not isinstance(share, int | float)
        or not 0 <= share < 1
    ):
        raise DataError(
            f"share={share!r} is not allowed: it must lie in [0, 1), or be None for "
            'the whole store, or "auto" for what a verdict found'
        )
    return float(share)


def plan_epoch(
    real: Mapping[str, int],
    synthetic: Mapping[str, int],
    share: float | None,
    *,
    balanced: bool = False,
) -> dict[str, int]:
    """Synthetic images of an epoch by class, out of the classes that have some.

    Args:
        real, synthetic: images by class name.
        share: see `check_share`.
        balanced: whether classes come evenly, instead of as often as real ones.

    Example:
        >>> plan_epoch({"cat": 60, "dog": 30}, {"cat": 500, "dog": 500}, 0.25)
        {'cat': 20, 'dog': 10}
    """
    if share is None:
        return dict(synthetic)
    total = count_synthetic(sum(real.values()), share)
    if not total:
        return {}
    weights = [1 if balanced else real[name] for name in synthetic]
    if not sum(weights):
        raise StoreError("no class with synthetic images has a real one in this set")
    return dict(zip(synthetic, split_total(total, weights), strict=True))


@dataclass(frozen=True)
class Schedule:
    """Which synthetic images come in which epoch.

    Attributes:
        rows: of the pool, by class.
        counts: how many an epoch takes, by class.
        seed: from 0 up.
    """

    rows: Mapping[str, NDArray[np.int64]]
    counts: Mapping[str, int]
    seed: int

    def pick(self, epoch: int) -> NDArray[np.int64]:
        """Rows of the pool, class by class as `counts` has them."""
        picked = [np.empty(0, np.int64)]
        for number, (name, count) in enumerate(self.counts.items()):
            own = self.rows[name]
            if count:
                key = (self.seed, number)
                picked.append(own[pick_steps(len(own), count, epoch, key)])
        return np.concatenate(picked)


def count_synthetic(real: int, share: float) -> int:
    """Synthetic images that make up `share` of an epoch with all real ones.

    Example:
        >>> count_synthetic(300, 0.25)
        100
    """
    return round(real * share / (1 - share))


def split_total(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in parts proportional to `weights`, by largest remainder.

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
    """The rows of one epoch: `count` steps on a walk through shuffled rows.

    Every row comes once before any comes again, over epochs as within one.

    Args:
        rows: how many there are, at least one.
        count: how many an epoch takes.
        key: whole numbers from 0 up; another key shuffles otherwise.

    Returns:
        (count,) int64 in 0…rows−1.

    Example:
        >>> both = [*pick_steps(6, 3, 0, [0]), *pick_steps(6, 3, 1, [0])]
        >>> sorted(int(row) for row in both)
        [0, 1, 2, 3, 4, 5]
    """
    steps = np.arange(epoch * count, (epoch + 1) * count)
    rounds, places = steps // rows, steps % rows
    picked = np.empty(count, np.int64)
    for number in np.unique(rounds):
        shuffled = np.random.default_rng([*key, int(number)]).permutation(rows)
        now = rounds == number
        picked[now] = shuffled[places[now]]
    return picked

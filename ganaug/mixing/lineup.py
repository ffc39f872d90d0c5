"""Lineup: which image stands at each place of a mixed set, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.mixing.epochs.epoch import SharedEpoch
from ganaug.mixing.schedule import Schedule, plan_stand_ins

EPOCHS_KEPT = 8  # of which the rows are remembered


class Spot(NamedTuple):
    """An image of an epoch.

    Attributes:
        place: place of its label in `targets`; for a real image, its own number.
        row: row of the pool, or None for a real image.
        epoch: the epoch.
        real_only: whether the epoch has real images only.
    """

    place: int
    row: int | None
    epoch: int
    real_only: bool


class Lineup:
    """The real images in their order, and synthetic ones or stand-ins behind them.

    Args:
        epoch: the epoch of each item.
        real: number of real images.
        synthetic: which rows of the pool come in which epoch.
        stand_ins: which real images come in their places at the end, or None.
    """

    def __init__(
        self,
        epoch: SharedEpoch,
        real: int,
        synthetic: Schedule,
        stand_ins: Schedule | None,
    ) -> None:
        self._epoch, self._real = epoch, real
        self._schedules = synthetic, stand_ins
        self._picked: dict[int, NDArray[np.int64]] = {}

    def find(self, i: int) -> Spot:
        """Find the i-th image of the epoch that it is in."""
        epoch = self._epoch.at(i)
        real_only = self._epoch.is_real_only(epoch)
        if i < self._real:
            return Spot(i, None, epoch, real_only)
        row = int(self._pick(epoch, real_only)[i - self._real])
        if real_only:
            return Spot(row, None, epoch, real_only)
        return Spot(i, row, epoch, real_only)

    def _pick(self, epoch: int, real_only: bool) -> NDArray[np.int64]:
        """Pick an epoch's rows; items may be in different epochs, so some are kept."""
        key = 2 * epoch + real_only
        if key not in self._picked:
            if len(self._picked) >= EPOCHS_KEPT:
                self._picked = {}
            schedule = self._schedules[real_only]
            assert schedule is not None, "an epoch is real only where that was asked"
            self._picked[key] = schedule.pick(epoch)
        return self._picked[key]


def plan_lineup(
    rows: Mapping[str, NDArray[np.int64]],
    counts: Mapping[str, int],
    targets: Sequence[int | str],
    label_of: Mapping[str, int | str],
    *,
    domains: NDArray[np.int64] | None = None,
    seed: int,
    stand_ins: bool,
) -> tuple[Lineup, SharedEpoch]:
    """Plan the epochs of a mixed set, and return the counter of epochs with them.

    Args:
        rows: class name → rows of the pool.
        counts: class name → number of synthetic images in an epoch.
        targets: labels of the real images.
        label_of: class name → label.
        domains: domain of each row of the pool, where these take turns; or None.
        seed: seed for the order, a whole number from 0 up.
        stand_ins: whether real images take the places of synthetic ones at the end.
    """
    real = len(targets)
    epoch = SharedEpoch(real + sum(counts.values()))
    others = plan_stand_ins(targets, label_of, counts, seed) if stand_ins else None
    return Lineup(epoch, real, Schedule(rows, counts, seed, domains), others), epoch

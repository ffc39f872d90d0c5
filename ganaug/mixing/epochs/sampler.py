"""EpochSampler: the order of an epoch, for a DataLoader whose host forgets epochs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from ganaug.mixing.epochs.epoch import SharedEpoch, check_epoch
from ganaug.mixing.schedule import Schedule


class EpochSampler(Sampler[int]):
    """All items of a mixed set, in an order that each epoch has for itself.

    Each pass begins the epoch that `set_epoch` named, of the sampler or of the mixed
    set, and otherwise the one after the last.

    Args:
        epoch: the epoch of the mixed set's items.
        n: number of items.
        seed: decides the order, with the epoch.
        shuffle: whether items come in random order.
        last_phase: first epoch of real images only, None for never.
        real: which real images come in which epoch, in place of each once; None for
            that.

    Example:
        >>> epoch = SharedEpoch(3)
        >>> sampler = EpochSampler(epoch, 3, 0, shuffle=False)
        >>> list(sampler), list(sampler), epoch.at(0)
        ([0, 1, 2], [0, 1, 2], 1)
    """

    def __init__(
        self,
        epoch: SharedEpoch,
        n: int,
        seed: int,
        *,
        shuffle: bool = True,
        last_phase: int | None = None,
        real: Schedule | None = None,
    ) -> None:
        self._epoch, self._n, self._seed, self._real = epoch, n, seed, real
        self._shuffle, self._last_phase = shuffle, last_phase

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next pass, as Lightning and Accelerate do."""
        self._epoch.set(check_epoch(epoch), last_phase=self._last_phase)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[int]:
        epoch = self._epoch.find_next()
        self._epoch.begin(epoch, last_phase=self._last_phase)
        items = np.arange(self._n)
        if self._real is not None:
            picked = self._real.pick(epoch)
            items[: len(picked)] = picked
        if not self._shuffle:
            return iter(items.tolist())
        order = np.random.default_rng([self._seed, epoch]).permutation(self._n)
        return iter(items[order].tolist())

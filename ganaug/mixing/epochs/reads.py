"""Reads: who reads which item of a mixed set, counted, and warned of once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils.data import get_worker_info

from ganaug.mixing.epochs.epoch import SharedEpoch
from ganaug.mixing.epochs.split_watch import SPLIT_WARNING, SplitWatch

logger = logging.getLogger(__name__)


class Reads:
    """The reads of a mixed set, in memory that worker processes share.

    Args:
        epoch: the epoch of each item.
        real: number of real images, which come first.
        n: number of all items.
        after: see `check_real_only_after`.
    """

    def __init__(
        self, epoch: SharedEpoch, real: int, n: int, after: float | None
    ) -> None:
        self._epoch, self._real, self._after = epoch, real, after
        self._watch = SplitWatch(n, real)
        self._batch_reader = 0

    @contextmanager
    def batch(self, reader: int) -> Iterator[None]:
        """Count all reads in this block as those of a DataLoader.

        Args:
            reader: see `find_reader`.
        """
        self._batch_reader = reader
        try:
            yield
        finally:
            self._batch_reader = 0

    def note(self, item: int, reader: int) -> None:
        """Note that an item is read, and warn once of each thing that goes wrong."""
        loaded = bool(self._batch_reader) or get_worker_info() is not None
        if loaded:
            self._epoch.count(item)
        if torch.is_grad_enabled():  # otherwise it is a pass for the accuracy
            self._epoch.learn(item, loaded=loaded)
        reader = self._batch_reader or reader
        self._watch.note(item, reader)
        if item < self._real:
            return
        if self._watch.is_split(reader):
            logger.warning(SPLIT_WARNING)
        if not self._epoch.has_warned:
            self._warn_of_epochs(item)

    def _warn_of_epochs(self, item: int) -> None:
        epoch, warning = self._epoch, None
        if epoch.is_repeated(item):
            since = "" if epoch.stated is None else f" since set_epoch({epoch.stated})"
            warning = (
                f"all images are read a second time{since}, and the same synthetic "
                "ones come again: call set_epoch(epoch) before each epoch, or give the "
                "DataLoader sampler=data.sampler()"
            )
        elif self._after is not None and epoch.stated is None and epoch.at(item) > 0:
            warning = (
                f"real_only_after={self._after:g} has no effect without the number of "
                "epochs: call set_epoch(epoch, of=epochs) before each epoch, or give "
                "the DataLoader sampler=data.sampler(epochs=epochs)"
            )
        if warning and epoch.warn_once():
            logger.warning(warning)

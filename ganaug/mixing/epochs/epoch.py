"""SharedEpoch: the epoch that each item of a mixed set is in, known to all workers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import torch
from torch import distributed

from ganaug.errors import ConfigError

EPOCH, STATE, LAST_PHASE, WARNED = range(4)  # places of the shared numbers
COUNTED, STATED, BEGUN = range(3)  # states: by reads, set, begun by a sampler
NEVER = 2**62  # an epoch that does not come


class SharedEpoch:
    """The epoch of each item, in memory that worker processes share.

    `set` puts all items into one epoch. Until it is called, an item is in epoch 0 when
    a DataLoader reads it first, in epoch 1 the second time, and so on. In a
    distributed training, ranks then count in turns (rank 1 of 2: epochs 1, 3, 5, …),
    so that no two of them show the same synthetic images.

    Args:
        n: number of items.

    Example:
        >>> epoch = SharedEpoch(3)
        >>> epoch.count(1)
        >>> epoch.count(1)
        >>> [epoch.at(i) for i in range(3)]
        [0, 1, 0]
        >>> epoch.set(4)
        >>> epoch.at(0)
        4
    """

    def __init__(self, n: int) -> None:
        self._shared = [torch.zeros(size, dtype=torch.int64) for size in (4, n, n, n)]
        for tensor in self._shared:
            tensor.share_memory_()  # type: ignore[no-untyped-call]
        self._ranks: tuple[int, int] | None = None
        self._view()
        self._numbers[LAST_PHASE] = NEVER

    def _view(self) -> None:
        """View the shared memory, whose items are then read ten times faster."""
        self._numbers, self._loaded, *self._learned = map(view, self._shared)

    def set(self, epoch: int, *, last_phase: int | None = None) -> None:
        """Put all items into an epoch.

        Args:
            epoch: from 0 up.
            last_phase: first epoch of real images only, None for never.
        """
        self._numbers[LAST_PHASE] = NEVER if last_phase is None else last_phase
        self._numbers[EPOCH] = epoch
        self._numbers[STATE] = STATED
        for reads in self._shared[1:]:
            reads.zero_()

    def find_next(self) -> int:
        """Return the epoch that a sampler begins now: as it was set, or the next."""
        return self._numbers[EPOCH] + (self._numbers[STATE] == BEGUN)

    def begin(self, epoch: int, *, last_phase: int | None = None) -> None:
        """Put all items into the epoch that a sampler begins."""
        self.set(epoch, last_phase=last_phase)
        self._numbers[STATE] = BEGUN

    def count(self, place: int) -> None:
        """Note that a DataLoader reads an item."""
        self._loaded[place] += 1

    def learn(self, place: int, *, loaded: bool) -> None:
        """Note that an item is trained on, read by a DataLoader or otherwise."""
        self._learned[loaded][place] += 1

    def at(self, place: int) -> int:
        """Return the epoch of an item: that of its last read by a DataLoader."""
        epoch = self._numbers[EPOCH]
        if self._numbers[STATE] != COUNTED:
            return epoch
        rank, ranks = self._ranks or find_ranks()
        return epoch + max(0, self._loaded[place] - 1) * ranks + rank

    def is_real_only(self, epoch: int) -> bool:
        """Whether that epoch belongs to the phase of real images only."""
        return epoch >= self._numbers[LAST_PHASE]

    @property
    def stated(self) -> int | None:
        """The epoch that was set, or None."""
        known = self._numbers[STATE] != COUNTED
        return self._numbers[EPOCH] if known else None

    def is_repeated(self, place: int) -> bool:
        """Whether this item and all others are trained on again in one epoch."""
        looked, loaded = self._learned
        counters = [looked] if self._numbers[STATE] == COUNTED else [looked, loaded]
        return any(reads[place] > 1 and _is_second_pass(reads) for reads in counters)

    def warn_once(self) -> bool:
        """Whether nothing was warned of yet, in any worker."""
        first = not self._numbers[WARNED]
        self._numbers[WARNED] = 1
        return first

    @property
    def has_warned(self) -> bool:
        return bool(self._numbers[WARNED])

    def __getstate__(self) -> dict[str, Any]:
        # a worker that is spawned does not know its rank
        return {"_shared": self._shared, "_ranks": self._ranks or find_ranks()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._view()


def view(tensor: torch.Tensor) -> memoryview[int]:
    """View whole numbers in memory that processes share.

    Example:
        >>> numbers = torch.zeros(2, dtype=torch.int64)
        >>> view(numbers)[1] = 5
        >>> numbers.tolist()
        [0, 5]
    """
    numbers: Any = tensor.numpy()
    return memoryview(numbers)


def find_ranks() -> tuple[int, int]:
    """Return this process's rank and the number of ranks."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return 0, 1
    return distributed.get_rank(), distributed.get_world_size()


def _is_second_pass(numbers: memoryview[int]) -> bool:
    """Whether half of the items or more were read, and twice on average.

    So neither some items that are looked at often count, nor a sampler's first pass
    that draws items with replacement.
    """
    reads = np.asarray(numbers)
    read = int((reads > 0).sum())
    return 2 * read >= len(reads) and int(reads.sum()) >= 2 * read


def check_epoch(epoch: int) -> int:
    """Return the number of an epoch as an int.

    Raises:
        ConfigError: it is no whole number from 0 up.
    """
    try:
        number = operator.index(epoch)
    except TypeError:
        number = -1
    if number < 0:
        raise ConfigError(
            f"epoch={epoch!r} is not allowed: give a whole number from 0 up"
        )
    return number

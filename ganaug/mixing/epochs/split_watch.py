"""SplitWatch: notices that a mixed set is split for validation."""

from __future__ import annotations

import sys
import zlib
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch.utils.data import Subset, SubsetRandomSampler
from torch.utils.data._utils.fetch import _BaseDatasetFetcher

from ganaug.mixing.epochs.epoch import view

WITH_GRADIENTS, WITHOUT = 1, 2  # readers that name no items
FIRST, SEVERAL, OVERLAP, WARNED = range(4)  # places of the shared numbers
SHARE = 0.25  # of the synthetic items that another reader must have read: it is no peek

SPLIT_WARNING = (
    "synthetic images are read by two parts of a mixed set, as if it had been split "
    "after wrapping: a validation part must have real images alone; split these first "
    "and wrap the training part, or use hold_out=True and data.validation()"
)


class SplitWatch:
    """Who read which item of a mixed set, in memory that worker processes share.

    A reader is a Subset, a SubsetRandomSampler in the main process, or whoever reads
    with gradients on, or off. Two that read different synthetic items are a split; two
    that read the same item look at the same set twice, as for the training accuracy.

    Args:
        n: number of items.
        real: number of real ones, which come first.

    Example:
        >>> watch = SplitWatch(5, 0)
        >>> for item, reader in ((0, 7), (1, 7), (2, 7), (4, 8)):
        ...     watch.note(item, reader)
        >>> watch.is_split(8), watch.is_split(8)
        (True, False)
    """

    def __init__(self, n: int, real: int) -> None:
        self._real = real
        self._shared = [torch.zeros(size, dtype=torch.int64) for size in (4, n)]
        for tensor in self._shared:
            tensor.share_memory_()  # type: ignore[no-untyped-call]
        self._view()

    def _view(self) -> None:
        self._numbers, self._readers = map(view, self._shared)

    def note(self, item: int, reader: int) -> None:
        """Note that the reader reads that item."""
        numbers, before = self._numbers, self._readers[item]
        numbers[FIRST] = numbers[FIRST] or reader
        numbers[SEVERAL] |= reader != numbers[FIRST]
        numbers[OVERLAP] |= before not in (0, reader)
        self._readers[item] = reader

    def is_split(self, reader: int) -> bool:
        """Whether others read other synthetic items than this reader, said once."""
        numbers = self._numbers
        if not numbers[SEVERAL] or numbers[OVERLAP] or numbers[WARNED]:
            return False
        readers = np.asarray(self._readers)[self._real :]
        others = np.count_nonzero((readers != 0) & (readers != reader))
        numbers[WARNED] = int(others >= SHARE * len(readers))
        return bool(numbers[WARNED])

    def __getstate__(self) -> dict[str, Any]:
        return {"_shared": self._shared, "_real": self._real}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._view()


def find_reader(depth: int) -> int:
    """Return a number for whoever called the function that lies that deep.

    Args:
        depth: 1 for the caller of the function that asks, and so on.

    Example:
        >>> find_reader(1)
        1
    """
    frame = sys._getframe(depth + 1)
    caller: Any = frame.f_locals.get("self")
    if isinstance(caller, _BaseDatasetFetcher):
        caller = _find_sampler(frame.f_back)
    if isinstance(caller, Subset | SubsetRandomSampler):
        return 3 + zlib.crc32(np.asarray(caller.indices, np.int64).tobytes())
    return WITH_GRADIENTS if torch.is_grad_enabled() else WITHOUT


def _find_sampler(frame: FrameType | None) -> Any:
    """Find the sampler of the DataLoader that reads here, None in a worker."""
    loader = frame and frame.f_locals.get("self")
    batches = getattr(loader, "_index_sampler", None)
    return getattr(batches, "sampler", batches)

"""RowStates: which candidates a store has, and which of its files are lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import StoreError
from ganaug.synth.store import manifest
from ganaug.synth.store.manifest import Row
from ganaug.synth.store.meta import Meta
from ganaug.synth.store.tally import Tally

NO_ROW, STORED, LOST, REJECTED = range(4)  # LOST: accepted, but its file is gone
MOST_STATES = 1 << 28  # bytes for a whole store

Indices = NDArray[np.int64]


class RowStates:
    """One byte for each candidate of each class, in memory.

    Args:
        path: folder of the store, with a manifest.
        meta: contents of the store's meta.json.

    Attributes:
        tally: counts of the rows in the manifest; rows noted later are not included.

    Raises:
        StoreError: the manifest has a row with an unknown class or a wrong index.
    """

    def __init__(self, path: Path, meta: Meta) -> None:
        self.tally, self._size = Tally(), 0
        self._states = {name: bytearray() for name in meta.class_to_idx}
        self._lost_captions: dict[tuple[str, int], str] = {}
        for row in manifest.read_rows(path / manifest.MANIFEST_FILE, meta.folders):
            self.tally.add(row)
            state = _find_state(path, row)
            self._set(row, state)
            if state == LOST:
                self._lost_captions[row.class_name, row.place] = row.caption

    def find_new(
        self, class_name: str, n: int, *, start: int = 0, step: int = 1
    ) -> Indices:
        """Return the first n indices of those from `start` that have no row yet."""
        states = np.pad(self._view(class_name), (0, start + n * step))[start::step]
        free = np.flatnonzero(states == NO_ROW)[:n]
        return (start + step * free).astype(np.int64)

    def find_lost(self, class_name: str) -> Indices:
        """Return indices of accepted images with a lost file."""
        return np.flatnonzero(self._view(class_name) == LOST).astype(np.int64)

    def read_lost_caption(self, class_name: str, index: int) -> str:
        """Return the recorded caption of an image with a lost file."""
        return self._lost_captions[class_name, index]

    def has_row(self, row: Row) -> bool:
        """Whether the manifest has a row of that class and index."""
        states = self._states[row.class_name]
        return row.place < len(states) and states[row.place] != NO_ROW

    def note(self, row: Row) -> None:
        """Record a row that was added to the manifest."""
        self._set(row, STORED if row.kept else REJECTED)

    def _view(self, class_name: str) -> NDArray[np.uint8]:
        return np.frombuffer(bytes(self._states[class_name]), np.uint8)

    def _set(self, row: Row, state: int) -> None:
        states = self._states[row.class_name]
        if row.place >= len(states):
            self._size += row.place + 1 - len(states)
            if self._size > MOST_STATES:
                raise StoreError(
                    f"manifest.csv is damaged: its index {row.place:,} in class "
                    f"{row.class_name!r}, is that of too many images; "
                    f"{manifest.STORE_CURE}"
                )
            states.extend(bytes(row.place + 1 - len(states)))
        states[row.place] = state


def _find_state(path: Path, row: Row) -> int:
    if not row.kept:
        return REJECTED
    return STORED if _is_whole(os.path.join(path, row.path)) else LOST


def _is_whole(path: str) -> bool:
    try:
        found = os.lstat(path)
        return stat.S_ISREG(found.st_mode) and found.st_size > 0
    except FileNotFoundError:
        return False

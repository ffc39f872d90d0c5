"""Cells: what was computed so far, a file each, so that nothing is computed twice."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import RunError
from ganaug.files import (
    claim_folder,
    read_json,
    say_disk_error,
    write_json,
    write_text,
    write_whole,
)

FOLDER, SETTINGS, TIME = "cells", "settings.json", "time.json"
Arrays = dict[str, NDArray[Any]]


class Cells:
    """A folder of finished cells.

    Args:
        path: the folder of the whole protocol; made with the first cell that is done.
        settings: plain values that all cells follow from; a folder that was begun
            with others is refused.
        done: called with the key of each cell, whether computed or found.

    Raises:
        RunError: the folder is not empty, was begun with other settings, or cannot be
            written.

    Example:
        >>> import tempfile
        >>> cells = Cells(Path(tempfile.mkdtemp()), {"seed": 0})
        >>> cells.once("a", lambda: {"x": 1}), cells.once("a", lambda: {"x": 2})
        ({'x': 1}, {'x': 1})
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        done: Callable[[str], None] | None = None,
    ) -> None:
        self.path, self._done = path, done
        self._folder, self._begun = path / FOLDER, time.perf_counter()
        self._settings: dict[str, Any] = json.loads(json.dumps(settings))
        try:
            self._check()
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error

    @property
    def minutes(self) -> float:
        """Minutes of work on cells, over all calls so far."""
        path = self._folder / TIME
        return json.loads(path.read_text())["minutes"] if path.is_file() else 0.0

    def holds(self, key: str) -> bool:
        """Whether the plain values of that name were made."""
        return (self._folder / f"{key}.json").is_file()

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the plain values kept under that key; make and keep them if needed."""
        path = self._folder / f"{key}.json"
        if not self.holds(key):
            text = json.dumps(make())
            self._write(path, lambda hidden: hidden.write_text(text, encoding="utf-8"))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._say(key)
        return found

    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays kept under that key; make and keep them if needed."""
        path = self._folder / f"{key}.npz"
        if not path.is_file():
            self._begin()  # what makes arrays may write beside them
            made = make()
            buffer = io.BytesIO()
            np.savez_compressed(buffer, allow_pickle=False, **made)
            self._write(path, lambda hidden: hidden.write_bytes(buffer.getvalue()))
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        self._say(key)
        return arrays

    def _check(self) -> None:
        file = self.path / SETTINGS
        claim_folder(self.path, RunError, marks=[SETTINGS], starting=[FOLDER])
        if not file.is_file():
            return
        begun = read_json(file, RunError, cure="choose another --out")
        changed = [k for k, v in self._settings.items() if begun.get(k) != v]
        if changed:
            raise RunError(
                f"{self.path} was begun with other settings ({', '.join(changed)}); "
                "give the same again to resume, or choose another --out"
            )

    def _begin(self) -> None:
        path = self.path / SETTINGS
        try:
            if not path.is_file():
                self._folder.mkdir(parents=True, exist_ok=True)
                write_json(path, self._settings)
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error

    def _write(self, path: Path, write: Callable[[Path], object]) -> None:
        self._begin()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, write)
            write_text(self._folder / TIME, json.dumps({"minutes": self._clock()}))
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error

    def _clock(self) -> float:
        """Return the minutes so far, and start counting anew."""
        now = time.perf_counter()
        begun, self._begun = self._begun, now
        return self.minutes + (now - begun) / 60

    def _say(self, key: str) -> None:
        if self._done is not None:
            self._done(key)

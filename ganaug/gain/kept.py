"""Kept: one file for each finished result, so that nothing is computed twice."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.archives import DAMAGED_ARCHIVE, read_arrays
from ganaug.errors import RunError
from ganaug.files import (
    claim_folder,
    read_json,
    say_disk_error,
    write_json,
    write_text,
    write_whole,
)

KEPT_FOLDER = "cells"
SETTINGS_FILE, TIME_FILE = "settings.json", "time.json"
PROTOCOL = "protocol"  # setting that counts the ways to compute results
KEPT_CURE = "delete it and run the same command again"
SEAL = {"sha256", "values"}
ENDINGS = (".json", ".npz")
Arrays = dict[str, NDArray[Any]]


class Kept:
    """A folder of finished results, one file each.

    Args:
        path: folder of the whole protocol, created with the first result.
        settings: plain values that decide every result; a folder that was begun with
            other ones is refused.
        done: function to call with the key of each result, whether computed or found.
        timed: whether the minutes are kept too, which one process alone may do.

    Raises:
        RunError: the folder is not empty, was begun with other settings or by an
            earlier protocol, or cannot be written.

    Example:
        >>> import tempfile
        >>> kept = Kept(Path(tempfile.mkdtemp()), {"seed": 0})
        >>> kept.once("a", lambda: {"x": 1}), kept.once("a", lambda: {"x": 2})
        ({'x': 1}, {'x': 1})
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        done: Callable[[str], None] | None = None,
        *,
        timed: bool = True,
    ) -> None:
        self.path, self._done, self._timed = path, done, timed
        self._folder, self._begun = path / KEPT_FOLDER, time.perf_counter()
        self._settings: dict[str, Any] = json.loads(json.dumps(settings))
        try:
            self._check()
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error

    @property
    def minutes(self) -> float:
        """Minutes of work, over all calls so far."""
        path = self._folder / TIME_FILE
        if not path.is_file():
            return 0.0
        values = read_json(path, RunError, types={"minutes": float}, cure="delete it")
        return float(values["minutes"])

    def note_time(self) -> None:
        """Keep the minutes up to now."""
        path = self._folder / TIME_FILE
        try:
            write_text(path, json.dumps({"minutes": self._clock()}))
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error

    def list_keys(self, name: str) -> list[str]:
        """List the keys of all results under a name, such as a split's."""
        found = (self._folder / name).glob("[!.]*")
        return sorted(f"{name}/{p.stem}" for p in found if p.suffix in ENDINGS)

    def holds(self, key: str) -> bool:
        """Whether plain values are kept under that key."""
        return (self._folder / f"{key}.json").is_file()

    def once(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the plain values kept under that key; make and keep them if needed."""
        path = self._folder / f"{key}.json"
        if not self.holds(key):
            text = json.dumps(_seal(make()))
            self._write(path, lambda hidden: hidden.write_text(text, encoding="utf-8"))
        found = read_kept(path)
        self._say(key)
        return found

    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Return the arrays kept under that key; make and keep them if needed."""
        path = self._folder / f"{key}.npz"
        if not path.is_file():
            self._begin()  # `make` may write into the folder
            made = make()
            buffer = io.BytesIO()
            np.savez_compressed(buffer, allow_pickle=False, **made)
            self._write(path, lambda hidden: hidden.write_bytes(buffer.getvalue()))
        try:
            arrays = read_arrays(path)
        except (OSError, *DAMAGED_ARCHIVE) as error:
            raise RunError(f"{path} is damaged: {error}; {KEPT_CURE}") from error
        self._say(key)
        return arrays

    def _check(self) -> None:
        file = self.path / SETTINGS_FILE
        claim_gain(self.path)
        if not file.is_file():
            return
        begun = read_json(file, RunError, cure="choose another --out")
        changed = [k for k, v in self._settings.items() if begun.get(k) != v]
        if PROTOCOL in changed:
            raise RunError(
                f"{self.path} was begun by another version of ganaug, which compares "
                "in another way, so it is not resumed; choose another --out"
            )
        if changed:
            raise RunError(
                f"{self.path} was begun with other settings ({', '.join(changed)}); "
                "give the same again to resume, or choose another --out"
            )

    def _begin(self) -> None:
        path = self.path / SETTINGS_FILE
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
        except OSError as error:
            raise RunError(say_disk_error(path, error)) from error
        if self._timed:
            self.note_time()

    def _clock(self) -> float:
        """Return the minutes so far, and restart the clock."""
        now = time.perf_counter()
        begun, self._begun = self._begun, now
        return self.minutes + (now - begun) / 60

    def _say(self, key: str) -> None:
        if self._done is not None:
            self._done(key)


def claim_gain(path: Path) -> None:
    """Raise RunError unless the path is new, an empty folder, or a gain."""
    claim_folder(path, RunError, marks=[SETTINGS_FILE], starting=[KEPT_FOLDER])


def read_kept(path: Path) -> dict[str, Any]:
    """Read the plain values of a result that was kept.

    Raises:
        RunError: the file is damaged, or was altered since it was written.
    """
    found = read_json(path, RunError, cure=KEPT_CURE)
    if found.keys() != SEAL:  # an earlier version wrote the values alone
        return found
    values = found["values"]
    if not isinstance(values, dict) or _seal(values)["sha256"] != found["sha256"]:
        raise RunError(f"{path} was altered; {KEPT_CURE}")
    return values


def _seal(values: Any) -> dict[str, Any]:
    """Put values beside their digest, so that an altered file is noticed."""
    digest = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    return {"sha256": digest, "values": values}

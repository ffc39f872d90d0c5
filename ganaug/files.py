"""Files written whole or not at all, JSON read safely, folders claimed and locked."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ganaug.errors import GanaugError

LOCK = ".lock"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a hidden file beside `path`, then rename it to `path`.

    A process that dies on the way leaves the old file or none, never half a file.

    Raises:
        OSError: the disk is full or read-only; the hidden file is removed.
    """
    hidden = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        write(hidden)
        os.replace(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all; file names in it keep their bytes."""
    data = text.encode(errors="surrogateescape")
    write_whole(path, lambda hidden: hidden.write_bytes(data))


def write_json(path: Path, values: object) -> None:
    """Write plain values as indented JSON, whole or not at all."""
    text = json.dumps(values, indent=1, ensure_ascii=False)
    # names of files that are not Unicode can only be written as escapes
    escape = any("\ud800" <= character <= "\udfff" for character in text)
    write_text(path, (json.dumps(values, indent=1) if escape else text) + "\n")


def read_json(
    path: Path, error: type[GanaugError], *, newest: int | None = None, cure: str
) -> dict[str, Any]:
    """Read the object in a JSON file, and check its format number if it has one.

    Args:
        path: of the file.
        error: what to raise.
        newest: the highest value of its field `format` that this version reads; None
            for a file without that field.
        cure: what the user can do about a damaged file.

    Raises:
        GanaugError: of the given type: the file cannot be read, is no JSON object, or
            has a newer format.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "meta.json"
        >>> write_json(path, {"format": 1, "seed": 7})
        >>> read_json(path, GanaugError, newest=1, cure="delete it")["seed"]
        7
    """
    with refuse_damage(path, error, cure):
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ValueError("it holds no JSON object")
        newer = newest is not None and values["format"] > newest
    if newer:
        raise error(f"{path} has a newer format; update ganaug to read it")
    return values


@contextmanager
def refuse_damage(path: Path, error: type[GanaugError], cure: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into one line that says what to do.

    Raises:
        GanaugError: of the given type, in place of an OSError, or of what a missing or
            odd value raises.
    """
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        what = f"no {problem}" if isinstance(problem, KeyError) else problem
        raise error(f"{path} is damaged: {what}; {cure}") from problem


def claim_folder(
    path: Path,
    error: type[GanaugError],
    *,
    marks: Collection[str],
    starting: Collection[str] = (),
) -> None:
    """Refuse a path that is a file, or a folder that has other things in it.

    A folder is ours if it is new or empty, if it has all of the files `marks`, or if it
    contains only what is written first: `starting`, the lock and temporary files.

    Args:
        path: of the folder.
        error: what to raise.
        marks: files by which a folder of the wanted kind is known.
        starting: further files that one may hold before it has these.

    Raises:
        GanaugError: of the given type.
    """
    if path.exists() and not path.is_dir():
        raise error(f"{path} is a file; choose another --out")
    if not path.is_dir() or all((path / name).is_file() for name in marks):
        return
    for other in _list_others(path, {LOCK, *marks, *starting}):
        raise error(f"{path} is not empty (contains {other}); choose another --out")


def _list_others(folder: Path, usual: Collection[str]) -> list[str]:
    """List what is in a folder besides the usual names and temporary files."""
    names = sorted(path.name for path in folder.iterdir())
    return [n for n in names if n not in usual and not n.endswith(".tmp")]


def beside(path: Path, ending: str) -> Path:
    """Return the path with an ending added to its name, also for `.` and `..`.

    Example:
        >>> beside(Path("photos"), "-again")
        PosixPath('photos-again')
    """
    path = path.resolve() if path.name in ("", "..") else path
    return path.with_name(f"{path.name}{ending}")


@contextmanager
def hold_lock(folder: Path, error: type[GanaugError]) -> Iterator[None]:
    """Be the only process that writes in the folder while the block lasts.

    The lock is the operating system's, so it ends with its process. A missing folder is
    made, and removed again if nothing was written into it.

    Raises:
        GanaugError: of the given type, when another process holds the lock, or the
            folder cannot be made.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise error(f"cannot make {folder}: {problem.strerror}") from problem
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise error(
            f"{folder} is being written by another process; wait for it, "
            "or choose another --out"
        ) from None
    try:
        yield
    finally:
        lock.release()
        if new:
            _remove_unused(folder)


def _remove_unused(folder: Path) -> None:
    """Remove a folder that contains only a lock."""
    with suppress(OSError):
        if all(path.name == LOCK for path in folder.iterdir()):
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()


def say_disk_error(path: Path, error: OSError) -> str:
    """Say in one line that a write failed, why, and what to do."""
    reason = error.strerror or type(error).__name__
    return f"cannot write {path}: {reason}; free some space or choose another --out"

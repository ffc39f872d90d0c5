"""Files that are written whole or not at all, and locks that die with their process."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ganaug.errors import GanaugError

LOCK = ".lock"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a hidden file beside `path`, then rename it to `path`.

    A process that dies in between leaves the old file, or none, and never a half one.

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
    """Write UTF-8 text whole or not at all; file names in it as the disk has them."""
    data = text.encode(errors="surrogateescape")
    write_whole(path, lambda hidden: hidden.write_bytes(data))


def beside(path: Path, ending: str) -> Path:
    """The path whose name has another ending, also of a folder given as `.` or `..`.

    Example:
        >>> beside(Path("photos"), "-again")
        PosixPath('photos-again')
    """
    path = path.resolve() if path.name in ("", "..") else path
    return path.with_name(f"{path.name}{ending}")


@contextmanager
def hold_lock(folder: Path, error: type[GanaugError]) -> Iterator[None]:
    """Be the only process that writes in the folder, as long as the block lasts.

    The lock is the operating system's, so it ends with its process. A folder that is
    not there is made, and taken away where nothing came into it.

    Raises:
        GanaugError: of the given type, when another process holds the lock or there can
            be no such folder.
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
    """Remove a folder that holds a lock and nothing else."""
    with suppress(OSError):
        if all(path.name == LOCK for path in folder.iterdir()):
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()


def say_disk_error(path: Path, error: OSError) -> str:
    """One line for a human about a write that failed."""
    reason = error.strerror or type(error).__name__
    return f"cannot write {path}: {reason}; free some space or choose another --out"

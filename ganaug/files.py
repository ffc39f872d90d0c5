"""Files written whole or not at all, JSON read safely, folders claimed and locked."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from ganaug.errors import GanaugError
from ganaug.records import Types, conform_fields

LOCK = ".lock"
SYSTEM = ("/proc", "/sys", "/dev")  # what the system shows there are no files
LARGEST_TEXT = 1 << 28  # bytes of a JSON file
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
NO_WAITING = getattr(os, "O_NONBLOCK", 0)
BYTES = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
# hidden files that a killed process leaves: ours, an earlier version's, safetensors'
LEFTOVER = re.compile(r"\.(.+\.[0-9a-f]{8,16}\.tmp|[0-9]{6,}\.png\.tmp|tmp\w{6})")
HOW_TO_UNLINK = "put what it links to in its place, or copy the folder with cp -rL"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a hidden file beside `path`, then rename it to `path`.

    A process that dies on the way leaves the old file or none, never half a file, and
    so does a machine whose power fails. The file has the mode that new files have.

    Raises:
        OSError: the disk is full or read-only; the hidden file is removed.
    """
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    # exclusive: a link that somebody put here is never followed
    number = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINKS, 0o666)
    try:
        mode = stat.S_IMODE(os.fstat(number).st_mode)
        os.close(number)
        write(hidden)
        os.chmod(hidden, mode)  # `write` may have put a private file in its place
        with open(hidden, "rb+") as opened:
            os.fsync(opened.fileno())
        os.replace(hidden, path)
        _sync_folder(path.parent)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk too; only POSIX has a call for it."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some shared disks refuse it
                os.fsync(number)
        finally:
            os.close(number)


def write_quickly(path: str, data: bytes) -> None:
    """Write bytes whole or not at all, without waiting until the disk has them.

    Raises:
        OSError: the disk is full or read-only; the hidden file is removed.
    """
    folder, name = os.path.split(path)
    hidden = os.path.join(folder, f".{name}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINKS | BYTES
    try:
        with os.fdopen(os.open(hidden, flags, 0o666), "wb") as opened:
            opened.write(data)
        os.replace(hidden, path)
    except BaseException:
        Path(hidden).unlink(missing_ok=True)
        raise


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading; neither a link nor a device nor a pipe.

    Raises:
        OSError: it cannot be read, or is no plain file.
    """
    # without waiting: a pipe would wait for its writer
    number = _open_no_link(path, os.O_RDONLY | NO_WAITING | BYTES)
    opened = os.fdopen(number, "rb")
    if not stat.S_ISREG(os.fstat(number).st_mode):
        opened.close()
        raise OSError(0, "it is no plain file", os.fspath(path))
    return opened


def append_whole(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write bytes at the end of a file, or of a new one: all of them, or none.

    Rows of which a part is there would be written again by the next command. It never
    writes through a link. A file that has other names too, as in a backup of hard
    links, is copied first.

    Args:
        path: the file.
        data: what is added.
        sync: whether to wait until the disk has it.

    Raises:
        OSError: the disk refuses, or the file is a link.
    """
    if path.is_file() and path.lstat().st_nlink > 1:
        with open_file(path) as opened:
            content = opened.read()
        write_whole(path, lambda hidden: hidden.write_bytes(content))
    number = _open_no_link(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | BYTES)
    try:
        before = os.fstat(number).st_size
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(number, left) :]
            if sync:
                os.fsync(number)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(number, before)
            raise
    finally:
        os.close(number)


def _open_no_link(path: str | os.PathLike[str], flags: int) -> int:
    """Open a path that is no link; the system sees to that, where it can."""
    if not NO_LINKS:
        refuse_link(path)
    try:
        return os.open(path, flags | NO_LINKS, 0o666)
    except OSError:
        refuse_link(path)  # with a message that says so
        raise


def refuse_link(path: str | os.PathLike[str]) -> None:
    """Raise OSError for a link."""
    if os.path.islink(path):
        raise OSError(0, f"it is a link; {HOW_TO_UNLINK}", os.fspath(path))


def is_plain_name(name: str) -> bool:
    """Whether a name from a file is that of a visible folder right in another one.

    Example:
        >>> is_plain_name("cat"), is_plain_name("../cat"), is_plain_name(".cat")
        (True, False, False)
    """
    odd = any(c in "/\\:" or c < " " for c in name)
    return bool(name) and name[0] != "." and name[-1] not in ". " and not odd


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
    path: Path,
    error: type[GanaugError],
    *,
    types: Types | None = None,
    newest: int | None = None,
    cure: str,
) -> dict[str, Any]:
    """Read the object in a JSON file, and check its format number and its types.

    Args:
        path: of the file.
        error: what to raise.
        types: type of each entry, see `ganaug.records`; None for a file whose entries
            are checked elsewhere.
        newest: the highest value of its field `format` that this version reads; None
            for a file without that field.
        cure: what the user can do about a damaged file.

    Raises:
        GanaugError: of the given type: the file cannot be read, is no JSON object, has
            a newer format, or an entry of another type.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "meta.json"
        >>> write_json(path, {"format": 1, "seed": 7})
        >>> types = {"format": int, "seed": int}
        >>> read_json(path, GanaugError, types=types, newest=1, cure="delete it")
        {'format': 1, 'seed': 7}
    """
    with refuse_damage(path, error, cure):
        values = json.loads(read_text(path))
        if not isinstance(values, dict):
            raise ValueError("it holds no JSON object")
        newer = newest is not None and _read_format(values) > newest
    if newer:
        raise error(f"{path} has a newer format; update ganaug to read it")
    if types is None:
        return values
    with refuse_damage(path, error, cure):
        return conform_fields(values, types)


def read_text(path: Path) -> str:
    """Read a file of UTF-8 text.

    Raises:
        OSError: it cannot be read, or is no plain file.
        ValueError: it is no UTF-8, or larger than any that ganaug writes.
    """
    with open_file(path) as opened:
        data = opened.read(LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        raise ValueError(f"it is larger than {LARGEST_TEXT >> 20} MB")
    return data.decode("utf-8")


def _read_format(values: dict[str, Any]) -> int:
    number = values["format"]
    if type(number) is not int:
        raise ValueError(f"format is {str(number)[:40]!r}, not a whole number")
    return number


@contextmanager
def refuse_damage(path: Path, error: type[GanaugError], cure: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into one line that says what to do.

    Raises:
        GanaugError: of the given type, in place of an OSError, or of what a missing or
            odd value raises.
    """
    try:
        yield
    except FileNotFoundError as problem:
        raise error(f"{path} is missing; {cure}") from problem
    except PermissionError as problem:
        raise error(say_forbidden(path)) from problem
    except (*ODD_VALUES, OSError) as problem:
        what = f"no {problem}" if isinstance(problem, KeyError) else str(problem)
        if isinstance(problem, OSError):
            what = problem.strerror or what
        if isinstance(problem, RecursionError):
            what = "it is nested too deeply"
        raise error(f"{path} is damaged: {what}; {cure}") from problem


# what reading a value of another type or size than expected may raise
ODD_VALUES = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def say_forbidden(path: str | os.PathLike[str]) -> str:
    """Say in one line that a file may not be read, and what to do."""
    return (
        f"{os.fspath(path)} may not be read by this user; ask its owner for permission "
        "to read it (chmod a+r)"
    )


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
    refuse_place(path, error)
    if path.exists() and not path.is_dir():
        raise error(f"{path} is a file; choose another --out")
    if not path.is_dir() or all((path / name).is_file() for name in marks):
        return
    for other in _list_others(path, {LOCK, *marks, *starting}):
        raise error(f"{path} is not empty (contains {other}); choose another --out")


def refuse_place(path: Path, error: type[GanaugError]) -> None:
    """Raise an error of the given type where nothing can be written at a path."""
    try:
        real = path.resolve()
        inside = [Path(place) in (real, *real.parents) for place in SYSTEM]
        above = next(place for place in (real, *real.parents) if place.exists())
        allowed = above.is_file() or os.access(above, os.W_OK | os.X_OK)
    except OSError as problem:
        raise error(f"{path} cannot be used: {problem.strerror}") from problem
    if above.exists() and not above.is_dir() and above != real:
        raise error(f"{path} lies in {above}, which is a file; choose another --out")
    if any(inside) or not allowed:
        raise error(f"nothing can be written at {path}; choose another --out")


def _list_others(folder: Path, usual: Collection[str]) -> list[str]:
    """List what is in a folder besides the usual names and temporary files."""
    names = sorted(path.name for path in folder.iterdir())
    return [n for n in names if n not in usual and not LEFTOVER.fullmatch(n)]


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
    if (folder / LOCK).is_symlink():
        raise error(f"{folder / LOCK} is a link; {HOW_TO_UNLINK}")
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        _free_lock(folder / LOCK)
        lock.acquire()
    except Timeout:
        raise error(
            f"{folder} is being written by another process; wait for it, "
            "or choose another --out"
        ) from None
    try:
        _sweep(folder, error)
        yield
    finally:
        lock.release()
        if new:
            _remove_unused(folder)


def _free_lock(lock: Path) -> None:
    """Remove a lock that is another name of a file, which locking would empty."""
    if lock.is_file() and lock.lstat().st_nlink > 1 and lock.lstat().st_size:
        lock.unlink()


def _sweep(folder: Path, error: type[GanaugError]) -> None:
    """Remove what killed processes left in a folder, and refuse links in it.

    Who sends a folder could otherwise lead what is written in it to other places.
    """
    refuse_links(folder, error)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                _sweep(Path(entry.path), error)
            elif LEFTOVER.fullmatch(entry.name):
                Path(entry.path).unlink(missing_ok=True)


def refuse_links(folder: Path, error: type[GanaugError]) -> None:
    """Raise an error of the given type for a link right in a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                raise error(f"{entry.path} is a link; {HOW_TO_UNLINK}")


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

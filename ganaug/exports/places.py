"""Places: files and folders that an export makes, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from ganaug.errors import GanaugError
from ganaug.files import refuse_place, say_disk_error, write_whole


def refuse_taken(out: Path, error: type[GanaugError]) -> None:
    """Raise an error of the given type unless the path is new, or an empty folder."""
    refuse_place(out, error)
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise error(f"{out} is there already; delete it, or choose another --out")


def fill_folder(
    out: Path, fill: Callable[[Path], object], error: type[GanaugError]
) -> None:
    """Let `fill` write into a hidden folder beside `out`, then rename that to `out`.

    Raises:
        GanaugError: of the given type, when the disk refuses.

    Example:
        >>> import tempfile
        >>> out = Path(tempfile.mkdtemp()) / "made"
        >>> fill_folder(out, lambda folder: (folder / "a").touch(), GanaugError)
        >>> [path.name for path in out.iterdir()]
        ['a']
    """
    refuse_taken(out, error)
    hidden = _hide(out)
    try:
        hidden.mkdir(parents=True)
        fill(hidden)
        if out.is_dir():
            out.rmdir()
        os.replace(hidden, out)
    except BaseException as problem:
        shutil.rmtree(hidden, ignore_errors=True)
        if isinstance(problem, OSError):
            raise error(say_disk_error(out, problem)) from problem
        raise


def fill_file(
    out: Path, fill: Callable[[Path], object], error: type[GanaugError]
) -> None:
    """Let `fill` write a hidden file beside `out`, then rename that to `out`.

    Raises:
        GanaugError: of the given type, when the disk refuses.
    """
    refuse_taken(out, error)
    if out.is_dir():
        raise error(f"{out} is a folder; name a file with --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, fill)
    except OSError as problem:
        raise error(say_disk_error(out, problem)) from problem


def _hide(out: Path) -> Path:
    out = out.resolve() if out.name in ("", "..") else out
    return out.with_name(f".{out.name}.{secrets.token_hex(8)}.tmp")

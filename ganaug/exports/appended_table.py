"""append_to_table: the user's table of images, with a row for each synthetic one."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganaug.data.parts.paths import find_file
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.exports.formats.csv_table import relate
from ganaug.exports.selection import Example, Selection
from ganaug.files import open_file, refuse_place, say_disk_error, write_text
from ganaug.synth.store.store import Store

SYNTHETIC = "synthetic"  # the column that tells rows apart
PATH, LABEL = "path", "label"

Line = list[str]


def append_to_table(
    store: Store | str | os.PathLike[str],
    table: str | os.PathLike[str],
    out: str | os.PathLike[str],
) -> Path:
    """Write a table's rows, and behind them one for each image of a store.

    The table's columns stay, in their order; a column `synthetic` is False in its own
    rows and True in the new ones. Of these, path, label, domain and caption are filled
    in, as far as the table has such columns. Paths lead from the new table's folder.

    A file that is there already may only grow: it is replaced where all its lines come
    again, as when a store got more images.

    Args:
        store: the store, or its folder.
        table: a CSV with a column `path`, as `load_images` reads it.
        out: the new table.

    Returns:
        The path of the new table.

    Raises:
        DataError: the table cannot be read, or has no column `path`.
        ConfigError: the new table would replace the old one.
        StoreError: another file is at `out`, there is no store, or the disk refuses.

    Example:
        >>> append_to_table("pets-synthetic", "pets.csv", "all.csv")  # doctest: +SKIP
        PosixPath('all.csv')
    """
    opened = store if isinstance(store, Store) else Store.load(store)
    path, old = Path(out), read_table_lines(Path(table))
    kept = list(_keep_rows(old, path))
    text = _write([*kept, *_add_rows(old, Selection(opened), path)])
    _refuse_loss(path, text, old)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise StoreError(say_disk_error(path, error)) from error
    return path


@dataclass(frozen=True)
class TableLines:
    """The lines of a CSV as text.

    Attributes:
        path: where it lies.
        header: names of the columns, as they are spelled.
        rows: fields of each row, as many as there are columns.
    """

    path: Path
    header: Line
    rows: list[Line]

    def find(self, name: str) -> int | None:
        """Return the place of a column, whatever its case; None where it lacks."""
        names = [column.strip().lower() for column in self.header]
        return names.index(name) if name in names else None


def read_table_lines(path: Path) -> TableLines:
    """Read a CSV without changing any field; blank lines are left out.

    Raises:
        DataError: it cannot be read, or has no column `path`.
    """
    try:
        with open_file(path) as opened:
            text = opened.read().decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path} is no CSV in UTF-8: {why}") from error
    header = lines[0] if lines else []
    width = len(header)
    rows = [[*line, *[""] * (width - len(line))][:width] for line in lines[1:]]
    found = TableLines(path, header, rows)
    if found.find(PATH) is None:
        raise DataError(f"{path} has no column path; it is no table of images")
    return found


def refuse_other_table(out: Path, table: Path) -> None:
    """Refuse a place for the new table before any work is done.

    Raises:
        ConfigError: it is the old table.
        StoreError: nothing can be written there, or another file is there.
        DataError: the table cannot be read.
    """
    refuse_place(out, StoreError)
    if out.resolve() == table.resolve():
        raise ConfigError(f"--append-to {out} is the table itself; name a new file")
    old = read_table_lines(table)
    _refuse_loss(out, _write(_keep_rows(old, out)), old, partly=True)


def _keep_rows(old: TableLines, out: Path) -> Iterator[Line]:
    """Yield the header and the table's own rows, as the new table has them."""
    known, place = old.find(SYNTHETIC), old.find(PATH)
    yield old.header if known is not None else [*old.header, SYNTHETIC]
    moved = old.path.resolve().parent != out.resolve().parent
    for row in old.rows:
        line = list(row) if known is not None else [*row, str(False)]
        if known is not None and not line[known].strip():
            line[known] = str(False)
        assert place is not None, "it was read with a column path"
        if moved and not os.path.isabs(line[place].strip()):
            file = find_file(old.path.parent, line[place].strip())
            line[place] = relate(file, out)
        yield line


def _add_rows(old: TableLines, selection: Selection, out: Path) -> Iterator[Line]:
    """Yield a row for each image of the store."""
    header = [name.strip().lower() for name in old.header]
    if SYNTHETIC not in header:
        header.append(SYNTHETIC)
    for example in selection:
        values = _list_values(example, out)
        yield [values.get(name, "") for name in header]


def _list_values(example: Example, out: Path) -> dict[str, str]:
    assert example.file is not None, "images of a store are files"
    facts = {name: example.facts.get(name) or "" for name in ("domain", "caption")}
    return {
        PATH: relate(example.file, out),
        LABEL: example.class_name,
        SYNTHETIC: str(True),
        **facts,
    }


def _refuse_loss(
    out: Path, text: str, old: TableLines, *, partly: bool = False
) -> None:
    """Raise an error where a file at `out` has lines that would be lost.

    Args:
        out: the new table.
        text: what is to be written, or its beginning.
        old: the table that it comes from.
        partly: whether the text is only the beginning.
    """
    if out.resolve() == old.path.resolve():
        raise ConfigError(f"{out} is the table itself; name a new file")
    if not (out.exists() or out.is_symlink()):
        return
    try:
        with open_file(out) as opened:
            there = opened.read().decode("utf-8", "surrogateescape")
    except OSError:
        there = None
    grows = there is not None and (
        there.startswith(text) if partly else text.startswith(there)
    )
    if not grows:
        raise StoreError(
            f"{out} is there already and has other rows; delete it, or name a new file"
        )


def _write(lines: Sequence[Line] | Iterator[Line]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()

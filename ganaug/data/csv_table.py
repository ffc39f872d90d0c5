"""A CSV with the columns path, label and optionally group."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from ganaug.data.folder import file_source
from ganaug.data.source import ImageSource
from ganaug.errors import DataError

REQUIRED = ("path", "label")


def read_table(path: Path) -> ImageSource:
    """Lists the images of a CSV; paths are relative to the CSV's folder.

    Raises:
        DataError: the table is empty or not UTF-8, a column or a label is missing,
            or files that it names do not exist.

    Example:
        >>> read_table(Path("pets.csv")).labels  # doctest: +SKIP
        ('cat', 'dog')
    """
    rows = _read_rows(path)
    files = [path.parent / row["path"] for row in rows]
    _refuse_missing(path, files)
    return file_source(
        path.name,
        path.parent,
        files,
        [row["label"] for row in rows],
        groups=[row["group"] for row in rows] if "group" in rows[0] else None,
        notes=_note_repeats(rows),
    )


def _read_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if any(map(str.strip, line))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV in UTF-8: {error}") from error
    columns = [name.strip().lower() for name in lines[0]] if lines else []
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        found = ", ".join(columns) or "none"
        raise DataError(
            f"{path} lacks the column {' and '.join(missing)} (it has {found}); "
            "give a header with path, label and optionally group"
        )
    if len(lines) < 2:
        raise DataError(f"{path} has no rows; give one row per image")
    return [_read_row(path, columns, line) for line in lines[1:]]


def _read_row(path: Path, columns: list[str], line: list[str]) -> dict[str, str]:
    row = dict.fromkeys(columns, "") | {
        name: value.strip() for name, value in zip(columns, line, strict=False)
    }
    if not row["path"] or not row["label"]:
        raise DataError(
            f"{path} has a row without path or label: {','.join(line)!r}; fill it in"
        )
    return row


def _refuse_missing(path: Path, files: list[Path]) -> None:
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise DataError(
            f"{path} names {len(missing)} files that do not exist, first {missing[0]}; "
            "paths are relative to the CSV's folder"
        )


def _note_repeats(rows: list[dict[str, str]]) -> tuple[str, ...]:
    repeats = Counter(row["path"] for row in rows)
    extra = len(rows) - len(repeats)
    if not extra:
        return ()
    first = next(name for name, n in repeats.items() if n > 1)
    return (f"{extra} rows repeat a path, such as {first}; they are kept",)

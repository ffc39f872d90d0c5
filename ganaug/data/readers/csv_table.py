"""A CSV with the columns path, label and optionally group, domain and caption."""

from __future__ import annotations

import csv
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from ganaug.data.images import CAPTION
from ganaug.data.parts.paths import explain_missing, find_file
from ganaug.data.readers.folder import list_files
from ganaug.data.readers.image_list import ImageList
from ganaug.data.word import read_word
from ganaug.display.words import count
from ganaug.errors import DataError

REQUIRED_COLUMNS = ("path", "label")
KNOWN_COLUMNS = ("path", "label", "group", "domain", "caption")
CAPTIONED = ("path", "caption")  # enough as well: all images are then of one class


def read_table(path: Path) -> ImageList:
    """List the images of a CSV; paths are relative to the CSV's folder.

    A CSV with captions needs no labels: all images are then of the class `caption`.

    Raises:
        DataError: the table is empty or not UTF-8, a column, a label or a caption is
            missing, a column comes twice, a row has more fields than there are columns,
            or files that it names do not exist.

    Example:
        >>> read_table(Path("pets.csv")).labels  # doctest: +SKIP
        ('cat', 'dog')
    """
    rows = _read_rows(path)
    files = [find_file(path.parent, row["path"]) for row in rows]
    _refuse_missing(path, files)
    captions = _read_captions(path, rows)
    labels = _read_labels(path, rows)
    return replace(
        list_files(path.name, path.parent, files, labels),
        groups=[row["group"] for row in rows] if "group" in rows[0] else None,
        domains=[row["domain"] for row in rows] if "domain" in rows[0] else None,
        captions=None if captions is None else tuple(captions),
        notes=_note_repeats(rows) + _note_captions(captions),
    )


def read_paths(path: Path, label: str) -> ImageList:
    """List the images of a CSV by its column path alone, all with one label.

    Raises:
        DataError: as for `read_table`.
    """
    rows = _read_rows(path, required=("path",), label=label)
    files = [find_file(path.parent, row["path"]) for row in rows]
    _refuse_missing(path, files)
    return list_files(path.name, path.parent, files, [label] * len(files))


def _read_rows(
    path: Path, *, required: tuple[str, ...] = REQUIRED_COLUMNS, label: str = ""
) -> list[dict[str, str]]:
    """Read the rows; with a label, what the column label has is of no account."""
    lines = _read_lines(path)
    columns = [name.strip().lower() for name in lines[0][1]] if lines else []
    _check_columns(path, columns, required)
    if label:
        columns = ["_label" if name == "label" else name for name in columns]
    if len(lines) < 2:
        raise DataError(f"{path} has no rows; give one row per image")
    return [_read_row(path, columns, number, line) for number, line in lines[1:]]


def _read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Read the lines that are not blank: the number of each, and its fields."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, line) for line in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV in UTF-8: {error}") from error
    return [(number, line) for number, line in lines if any(map(str.strip, line))]


def _check_columns(path: Path, columns: list[str], required: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in columns]
    if missing and not set(columns) >= set(CAPTIONED):
        found = ", ".join(columns) or "none"
        raise DataError(
            f"{path} lacks the column {' and '.join(missing)} (it has {found}); "
            f"{_advise_header(found)}"
        )
    twice = [
        name for name, n in Counter(columns).items() if name in KNOWN_COLUMNS and n > 1
    ]
    if twice:
        raise DataError(
            f"{path} has the column {twice[0]} twice; rename or remove one of them"
        )


def _advise_header(found: str) -> str:
    for sign, word in ((";", "semicolons"), ("\t", "tabs")):
        if sign in found:
            return f"columns are separated by commas, not by {word}"
    return (
        "give a header with path, label and optionally group, domain and caption; "
        "for a table of features name the column of its classes (--label-column)"
    )


def _read_row(
    path: Path, columns: list[str], number: int, line: list[str]
) -> dict[str, str]:
    if any(map(str.strip, line[len(columns) :])):
        raise DataError(
            f"{path} has {len(line)} fields in line {number}, but {len(columns)} "
            "columns; where a field has a comma in it, quote it"
        )
    row = dict.fromkeys(columns, "") | {
        name: value.strip() for name, value in zip(columns, line, strict=False)
    }
    if not row["path"]:
        raise DataError(
            f"{path} has a row without path: {','.join(line)!r}; fill it in"
        )
    return row


def _read_labels(path: Path, rows: list[dict[str, str]]) -> list[str]:
    if "label" not in rows[0]:
        return [CAPTION] * len(rows)
    return _fill(path, rows, "label", "fill in every label, or remove these rows")


def _fill(path: Path, rows: list[dict[str, str]], column: str, cure: str) -> list[str]:
    """Return the words of a column that must have one in every row."""
    words = [read_word(row[column]) for row in rows]
    missing = [i for i, word in enumerate(words) if not word]
    if missing:
        first = f"row {missing[0] + 1} ({rows[missing[0]]['path']})"
        some = count(len(missing), "row")
        raise DataError(f"{path} has {some} without a {column}, first {first}; {cure}")
    return words


def _read_captions(path: Path, rows: list[dict[str, str]]) -> list[str] | None:
    if "caption" not in rows[0]:
        return None
    _fill(path, rows, "caption", "fill in every caption, or rename the column")
    return [row["caption"] for row in rows]


def _refuse_missing(path: Path, files: list[Path]) -> None:
    missing = [file for file in files if not os.path.isfile(file)]
    if missing:
        raise DataError(
            f"{path} names {len(missing)} files that do not exist, first {missing[0]}"
            f"{explain_missing(missing[0])}; "
            "paths are relative to the CSV's folder"
        )


def _note_repeats(rows: list[dict[str, str]]) -> tuple[str, ...]:
    repeats = Counter(row["path"] for row in rows)
    extra = len(rows) - len(repeats)
    if not extra:
        return ()
    first = next(name for name, n in repeats.items() if n > 1)
    return (f"{extra} rows repeat a path, such as {first}; they are kept",)


def _note_captions(captions: list[str] | None) -> tuple[str, ...]:
    return () if captions is None else (f"{len(set(captions)):,} different captions",)

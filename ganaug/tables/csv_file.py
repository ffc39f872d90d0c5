"""Tables in CSV files: read with errors that name the row, and written whole."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.files import open_file, say_disk_error, write_text
from ganaug.spelling import suggest
from ganaug.spreadsheets import shield

SHOWN = 8  # columns that a message names
DAY = re.compile(r"\d{4}-\d\d-\d\d")
CODE = re.compile(r"[+-]?0\d")  # 007 is a name and no number
SIGNS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"})


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table: numbers, days as 2024-01-31, and text; empty fields are missing.

    Numbers with a leading 0, such as 007, stay text.

    Raises:
        DataError: the file is missing, empty or not UTF-8, a column has no name or one
            that comes twice, or a row has another number of fields.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text("age,code,day\\n31,007,2024-01-31\\n,010,2024-02-01\\n")
        >>> read_csv(path).dtypes.astype(str).str[:5].tolist()
        ['float', 'str', 'datet']
    """
    names, rows = read_fields(path)
    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {name: _convert(values) for name, values in zip(names, columns, strict=True)}
    )


def read_fields(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read the names of the columns, and the fields of each row, as they are written.

    Raises:
        DataError: as `read_csv` does.
    """
    lines = _read_lines(path)
    names = [name.strip() for name in lines[0][1]]
    _check_header(path, names)
    if len(lines) < 2:
        raise DataError(f"{path} has no rows below its header")
    for number, line in lines[1:]:
        if len(line) != len(names):
            raise DataError(
                f"{path} has {len(line)} fields in line {number}, but {len(names)} "
                "columns; where a field has a comma in it, quote it"
            )
    return names, [line for _, line in lines[1:]]


def find_column(path: Path, names: Sequence[str], column: str) -> int:
    """Return the place of a column.

    Raises:
        ConfigError: there is none of that name.
    """
    if column not in names:
        other = next((name for sign, name in SIGNS.items() if sign in names[0]), None)
        if len(names) == 1 and other:
            raise ConfigError(
                f"{path} has {other} between its columns; save it with commas"
            )
        more = ", …" if len(names) > SHOWN else ""
        raise ConfigError(
            f"{path} has no column {column!r}{suggest(column, names)}; its columns are "
            f"{', '.join(names[:SHOWN])}{more}"
        )
    return list(names).index(column)


def split_labels(
    path: Path, table: pd.DataFrame, column: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return the features of a table, and the class of each row as text.

    Raises:
        ConfigError: there is no such column.
        DataError: a row has no label, or there is no other column.
    """
    find_column(path, list(map(str, table.columns)), column)
    labels = table[column]
    missing = labels.isna().to_numpy().nonzero()[0]
    if len(missing):
        raise DataError(
            f"{path} has {len(missing)} rows without {column}, first row "
            f"{missing[0] + 1}; fill them in, or remove these rows"
        )
    features = table.drop(columns=[column])
    if not features.shape[1]:
        raise DataError(
            f"{path} has no column beside {column}; there is nothing to draw"
        )
    return features, list(map(str, labels))


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table, whole or not at all; text that looks like a formula is quoted.

    Raises:
        StoreError: it cannot be written.
    """
    text = format_csv(table)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise StoreError(say_disk_error(path, error)) from error


def format_csv(table: pd.DataFrame) -> str:
    """Return what `write_csv` writes."""
    table = table.copy()
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            table[name] = table[name].map(_shield, na_action="ignore")
    return table.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")


def lists_images(path: Path) -> bool:
    """Whether a CSV has a column `path` whose first value is a file that exists."""
    lines = _read_lines(path)
    names = [name.strip().lower() for name in lines[0][1]]
    if "path" not in names or len(lines) < 2:
        return False
    place = names.index("path")
    first = lines[1][1]
    return len(first) > place and os.path.isfile(path.parent / first[place].strip())


def read_utf8(path: Path) -> str:
    """Read a file of text.

    Raises:
        DataError: it cannot be read, or is not UTF-8, with the number of the line.
    """
    try:
        with open_file(path) as opened:
            data = opened.read()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path} is not UTF-8 in line {line}; save it as UTF-8"
        ) from error


def _read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Read the lines that are not blank: the number of each, and its fields."""
    text = read_utf8(path)
    try:
        lines = _split_lines(text)
    except csv.Error as error:
        raise DataError(f"{path} is not a CSV: {error}") from error
    if not lines:
        raise DataError(f"{path} is empty; give a header and one row per example")
    return lines


def _split_lines(text: str) -> list[tuple[int, list[str]]]:
    usual = csv.field_size_limit(max(len(text), 1))  # a field may be a long text
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        return [(reader.line_num, line) for line in reader if any(line)]
    finally:
        csv.field_size_limit(usual)


def _check_header(path: Path, names: list[str]) -> None:
    if not all(names):
        place = names.index("") + 1
        raise DataError(f"{path} has no name above column {place}; give it one")
    twice = next((name for name, n in Counter(names).items() if n > 1), None)
    if twice is not None:
        raise DataError(
            f"{path} has the column {twice!r} twice; rename or remove one of them"
        )


def _convert(values: tuple[str, ...]) -> pd.Series[Any]:
    """Return a column as numbers, days or text."""
    words = [None if value.strip() in MISSING else value for value in values]
    there = [word for word in words if word is not None]
    column = pd.Series(words, dtype="str" if there else "float64")
    if not there:
        return column
    if not any(CODE.match(word.strip()) for word in there):
        numbers = pd.to_numeric(column, errors="coerce")
        if int(numbers.notna().sum()) == len(there):
            return numbers
    if all(DAY.fullmatch(word.strip()) for word in there):
        days = pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")
        if int(days.notna().sum()) == len(there):
            return days
    return column


def _shield(value: Any) -> Any:
    return shield(value) if isinstance(value, str) else value

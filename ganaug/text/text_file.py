"""Texts in files: a CSV with a column of texts, or a text per line."""

from __future__ import annotations

from pathlib import Path

from ganaug.errors import ConfigError, DataError
from ganaug.tables.csv_file import find_column, read_fields, read_utf8

MOST_UNLABELLED = 100_000


def read_labelled(
    path: Path, text_column: str, label_column: str
) -> tuple[list[str], list[str]]:
    """Read the texts of a CSV and the class of each, as they are written.

    Raises:
        DataError: the CSV cannot be read, or a row lacks its text or class.
        ConfigError: there is no such column, or both are the same.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "t.csv"
        >>> _ = path.write_text('text,label\\n"so, what?",007\\n')
        >>> read_labelled(path, "text", "label")
        (['so, what?'], ['007'])
    """
    if text_column == label_column:
        raise ConfigError(
            f"--text-column and --label-column both name {text_column}; name "
            "two columns"
        )
    names, rows = read_fields(path)
    _refuse_made(path, names)
    found = []
    for column in (text_column, label_column):
        place = find_column(path, names, column)
        fields = [row[place] for row in rows]
        _refuse_gaps(path, column, fields)
        found.append(fields)
    return found[0], [label.strip() for label in found[1]]


def read_unlabelled(path: Path, text_column: str) -> list[str]:
    """Read texts without classes: a CSV's column, or the lines of another file.

    Empty ones are left out, and all behind the first 100,000.

    Raises:
        DataError: the file cannot be read, is not UTF-8, or holds no text.
        ConfigError: the CSV has no such column.
    """
    if path.suffix.lower() == ".csv":
        names, rows = read_fields(path)
        place = find_column(path, names, text_column)
        texts = [row[place] for row in rows]
    else:
        texts = read_utf8(path).split("\n")
    texts = [text for text in texts if text.strip()][:MOST_UNLABELLED]
    if not texts:
        raise DataError(f"{path} holds no text; leave --unlabelled out")
    return texts


def _refuse_made(path: Path, names: list[str]) -> None:
    made = next((name for name in names if name.startswith("ganaug_")), None)
    if made is not None:
        raise DataError(
            f"{path} has the column {made} itself, so it holds texts that ganaug made; "
            "give the real ones"
        )


def _refuse_gaps(path: Path, column: str, fields: list[str]) -> None:
    gaps = [k for k, field in enumerate(fields, start=1) if not field.strip()]
    if gaps:
        many = "1 row" if len(gaps) == 1 else f"{len(gaps)} rows"
        raise DataError(
            f"{path} has {many} without {column}, first row {gaps[0]}; fill them in, "
            "or remove these rows"
        )

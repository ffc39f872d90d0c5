"""The function `check_made`: a made CSV, of whichever kind, against its records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import beside
from ganaug.synth.made.made_check import CheckedFile
from ganaug.synth.made.row_check import check_rows
from ganaug.synth.made.text_check import check_texts
from ganaug.tables.made_file import read_kind
from ganaug.text.synthesis import TEXTS


def find_csv(path: Path) -> Path | None:
    """Return the CSV of a path to it or to its .json; None for any other path.

    Example:
        >>> find_csv(Path("more.csv.json")), find_csv(Path("photos-synthetic"))
        (PosixPath('more.csv'), None)
    """
    named = path.with_suffix("") if path.suffix.lower() == ".json" else path
    return named if named.suffix.lower() == ".csv" and not path.is_dir() else None


def check_made(
    path: Path, *, sample: int, seed: int = 0, data: Any = None
) -> CheckedFile:
    """Check a CSV that ganaug wrote against the .json beside it, and draw again.

    Args:
        path: the CSV.
        sample: least number of texts to draw again, in whole classes, or any number of
            rows to draw all of them again; 0 draws none.
        seed: seed for the choice of classes.
        data: the real texts or rows, where they have moved.

    Returns:
        The differences, and notes on what could not be checked.

    Raises:
        StoreError: the .json is missing or cannot be read, or `data` are others.
        DataError: there is no CSV, or `data` cannot be read.
    """
    if path.is_file() and not beside(path, ".json").is_file():
        raise StoreError(
            f"{path} has no {beside(path, '.json').name} beside it, which says how it "
            "was made; restore it, or give a file that ganaug wrote"
        )
    if read_kind(path) == TEXTS.name:
        return check_texts(path, sample=sample, seed=seed, data=data)
    return check_rows(path, sample=sample, data=data)

"""Paths in a table, found also where another system spelled them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path


def find_file(folder: Path, text: str) -> Path:
    """Return the file that a table names, as it is spelled on this system.

    Tried are the path itself, one with slashes for backslashes, and both in either
    Unicode form; where no file is found, the path is returned as it was given.
    """
    for spelling in _spell(text):
        if os.path.isfile(folder / spelling):  # False, too, where a name is too long
            return folder / spelling
    return folder / text


def explain_missing(path: Path) -> str:
    r"""Say what may be wrong with a path that leads to no file, or nothing.

    Example:
        >>> explain_missing(Path("C:\\photos\\1.png"))
        ' (it is of another system: it has backslashes)'
    """
    text = str(path)
    if "\\" in text:
        return " (it is of another system: it has backslashes)"
    if text.isascii():
        return ""
    return " (it has letters that may be stored in another Unicode form)"


def _spell(text: str) -> Iterator[str]:
    for slashed in dict.fromkeys((text, text.replace("\\", "/"))):
        yield slashed
        if not slashed.isascii():
            yield from (unicodedata.normalize(form, slashed) for form in ("NFC", "NFD"))

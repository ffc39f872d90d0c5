"""Spreadsheets: text in CSV files that no program takes for a formula."""

from __future__ import annotations

import re

# Excel, LibreOffice and Google Sheets calculate a cell that begins with one of these
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def shield(text: str) -> str:
    """Put a quote before text that a spreadsheet would take for a formula.

    Numbers stay as they are.

    Example:
        >>> shield("=1+1"), shield("cat"), shield("-0.5"), shield("'=x")
        ("'=1+1", 'cat', '-0.5', "''=x")
    """
    return f"'{text}" if FORMULA.match(text) and not _is_number(text) else text


def unshield(text: str) -> str:
    """Return the text that `shield` was given.

    Example:
        >>> unshield("'=1+1"), unshield("'cat'")
        ('=1+1', "'cat'")
    """
    return text[1:] if text[:1] == "'" and FORMULA.match(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""Two consoles: results go to stdout, progress and notes to stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from ganaug.display.consoles import PlainConsole
from ganaug.display.words import printable as printable

results = PlainConsole()
progress = PlainConsole(stderr=True)


def make_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Table:
    """Make a table of plain text; columns whose header ends in ` #` are right-aligned.

    Example:
        >>> make_table("classes", ("class", "images #"), [("cat", 12)]).row_count
        1
    """
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        right = column.endswith(" #")
        table.add_column(
            column.removesuffix(" #"), justify="right" if right else "left"
        )
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    return table


def make_grid(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    """Make a table of two columns without lines, for words that may wrap."""
    table = Table.grid(padding=(0, 2))
    table.title, table.title_justify, table.title_style = title, "left", "bold"
    for what, words in rows:
        table.add_row(printable(what), printable(words))
    return table

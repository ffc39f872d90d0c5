"""Two consoles: results go to stdout, progress and notes to stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from rich.console import Console
from rich.progress import Task, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

results = Console(markup=False, highlight=False)
progress = Console(stderr=True, markup=False, highlight=False)


class Clock(TimeRemainingColumn):
    """Shows the time left, or the time spent where a task's end is not known."""

    def render(self, task: Task) -> Text:
        if task.total is not None:
            return super().render(task)
        spent = timedelta(seconds=int(task.elapsed or 0))
        return Text(str(spent), style="progress.elapsed")


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


def printable(value: object) -> str:
    """Turn a value into text that can be written as UTF-8, even odd file names.

    Example:
        >>> printable(1200), printable("caf\\udce9")
        ('1,200', 'caf\\\\udce9')
    """
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).encode("utf-8", "backslashreplace").decode()

"""Bars: one line that says what is being done, how far it is and what was seen."""

from __future__ import annotations

from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ganaug.display.words import escape_controls

if TYPE_CHECKING:
    from typing_extensions import Self

PREPARING = "preparing"  # what is said until the first report


class Bar:
    """A bar that is shown from the start, and vanishes where nothing was reported.

    An error before the first report is then a single line.

    Args:
        console: a terminal or a pipe.
        clock: column at the end of the line, if any.
    """

    def __init__(self, console: Console, clock: ProgressColumn | None = None) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[text]}", markup=False),
            *(() if clock is None else (clock,)),
        )
        self._progress = Progress(*columns, console=console)
        self._id = self._progress.add_task(PREPARING, total=None, text="")

    def show(
        self, what: str, text: str = "", *, done: float = 0, total: float | None = None
    ) -> None:
        """Say what is being done, and how much of it is; without a total, it pulses."""
        what, text = escape_controls(what), escape_controls(text)
        self._progress.start()
        if total is not None and self._pulses:
            self._progress.reset(self._id, total=total)
        self._progress.update(
            self._id, description=what, completed=done, total=total, text=text
        )

    def say(self, line: str) -> None:
        """Print a line that stays, above the bar."""
        self._progress.console.print(line, soft_wrap=True)

    def __enter__(self) -> Self:
        if self._progress.console.is_interactive:  # a pipe would get an empty line
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pulses:
            self._progress.update(self._id, visible=False)
        if self._progress.live.is_started:
            self._progress.stop()

    @property
    def _pulses(self) -> bool:
        return self._progress.tasks[0].total is None


class Clock(TimeRemainingColumn):
    """Shows the time left, or the time spent where a task's end is not known."""

    def render(self, task: Task) -> Text:
        if task.total is not None:
            return super().render(task)
        spent = timedelta(seconds=int(task.elapsed or 0))
        return Text(str(spent), style="progress.elapsed")

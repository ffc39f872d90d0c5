"""Lines: the bar of a pipe or a log file, which cannot redraw a line."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import ProgressColumn

from ganaug.display.bars import Bar

LEAST_SECONDS = 5.0  # from one line to the next
LEAST_SHARE = 0.1  # of the time so far, so that a long run does not fill its log


class Lines(Bar):
    """A bar that prints a line for all that begins, and then ever more rarely."""

    def __init__(self, console: Console, clock: ProgressColumn | None = None) -> None:
        super().__init__(console, clock)
        self._pauses, self._what = Pauses(), ""

    def show(
        self, what: str, text: str = "", *, done: float = 0, total: float | None = None
    ) -> None:
        super().show(what, text, done=done, total=total)
        if what != self._what or self._pauses.over:
            self._what = what
            self._pauses.begin()
            self.say(f"{what} {text}".rstrip() + " …")


class Pauses:
    """Pauses between lines, ever longer; the first one begins at once."""

    def __init__(self) -> None:
        self._started = self._begun = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether the next line is due."""
        now = time.monotonic()
        wait = max(LEAST_SECONDS, LEAST_SHARE * (now - self._started))
        return now - self._begun >= wait

    def begin(self) -> None:
        """Begin the next pause, after a line."""
        self._begun = time.monotonic()

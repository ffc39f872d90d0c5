"""Consoles: who watches long work, and the bar that suits them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, TypeVar

from rich.console import Console
from rich.progress import ProgressColumn
from rich.text import Text

from ganaug.display.bars import Bar
from ganaug.display.lines import Lines
from ganaug.display.notebook import NotebookBar
from ganaug.display.words import escape_controls

Auto = Literal["auto"]  # a bar in a terminal or notebook, silence elsewhere
T = TypeVar("T")


class PlainConsole(Console):
    """A console for text of any origin: no markup, and no control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(escape_controls(text, keep="\n\t"), **options)


@contextmanager
def follow(
    progress: Callable[[T], None] | Auto | None,
    show: Callable[[Console], AbstractContextManager[Callable[[T], None]]],
) -> Iterator[Callable[[T], None] | None]:
    """Yield the function that long work reports to, or None for silence.

    Args:
        progress: the caller's own function, None, or `auto` for a bar where somebody
            watches.
        show: opens the bar on a console, and yields the function that moves it.
    """
    console = find_console() if progress == "auto" else None
    if console is not None:
        with show(console) as update:
            yield update
    else:
        yield None if progress == "auto" else progress


def find_console() -> Console | None:
    """Return a console for a notebook or a terminal; None where nobody watches."""
    console = PlainConsole(stderr=True)
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return console if terminal or console.is_jupyter else None


def open_bar(console: Console, clock: ProgressColumn | None = None) -> Bar:
    """Return a bar for that console, to be entered as a context.

    Args:
        console: a terminal, a pipe or a notebook.
        clock: column at the end of the line, if any.
    """
    if console.is_jupyter:
        return NotebookBar(console, clock)
    return (Bar if console.is_terminal else Lines)(console, clock)

"""Waiting: what is being done, as a spinner in a terminal and as lines in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

Say = Callable[[str], None]
READING = "reading the images"


@contextmanager
def working(text: str) -> Iterator[Say]:
    """Show at once what is being done; yield a function that says how far it is."""
    from .console import progress

    if progress.is_terminal:
        with progress.status(text) as status:
            yield status.update
    else:
        from ganaug.display.lines import Pauses

        pauses = Pauses()
        progress.print(f"{text} …", soft_wrap=True)

        def say(later: str) -> None:
            if pauses.over:
                pauses.begin()
                progress.print(f"{later} …", soft_wrap=True)

        yield say


def start(*modules: str) -> None:
    """Import modules, which takes seconds with torch, while something is shown."""
    with working("starting"):
        for name in modules:
            import_module(name)


@contextmanager
def reading() -> Iterator[Callable[[int, int], None]]:
    """Show that images are read; yield a function of their number and of all."""
    with working(READING) as say:

        def tell(done: int, total: int) -> None:
            if done % 16 == 0:  # a terminal shows no more anyway
                say(f"{READING}: {done:,} of {total:,}")

        yield tell

"""The bar of a synthesis: the filters learn, then images are accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from ganaug.display.bars import Clock
from ganaug.display.consoles import open_bar
from ganaug.synth.filling import SynthStatus


@contextmanager
def show_synthesis(console: Console) -> Iterator[Callable[[SynthStatus], None]]:
    """Show a bar on that console; yield the function that moves it."""
    started: float | None = None  # when the filters were ready
    with open_bar(console, Clock()) as bar:

        def update(status: SynthStatus) -> None:
            nonlocal started
            if status.learning:
                bar.show("training the filters", "on the real images")
                return
            started = started or time.monotonic()
            text = describe_status(status, time.monotonic() - started)
            bar.show("writing", text, done=status.done, total=status.total)

        yield update


def describe_status(status: SynthStatus, seconds: float) -> str:
    """Write how many images there are, of how many candidates, and the speed.

    Example:
        >>> describe_status(SynthStatus(40, 100, 80), 2.0)
        '40/100 images of 80 candidates · 20/s'
    """
    speed = status.done / max(1e-9, seconds)
    words = f"{status.done:,}/{status.total:,} images"
    return f"{words} of {status.candidates:,} candidates · {speed:,.0f}/s"

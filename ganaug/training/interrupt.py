"""Ctrl-C and SIGTERM as a request to stop, which the loop follows between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from ganaug.errors import GanaugError


class StoppedError(GanaugError):
    """Training stopped on request; its state is saved.

    Attributes:
        signal: number of the signal, 2 for Ctrl-C and 15 for SIGTERM.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.signal = number


class StopRequest:
    """A request to stop: set by a signal, read by the loop.

    Attributes:
        signal: number of the signal, None before one arrives.
    """

    def __init__(self) -> None:
        self.signal: int | None = None


@contextmanager
def catch_signals() -> Iterator[StopRequest]:
    """Turn the first SIGINT or SIGTERM into a request; a second one stops at once.

    Python catches signals in the main thread only: elsewhere this does nothing.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def note(number: int, frame: FrameType | None) -> None:
        request.signal = number
        _restore(before)

    for number in SIGNALS:
        signal.signal(number, note)
    try:
        yield request
    finally:
        _restore(before)


def _restore(handlers: Mapping[signal.Signals, object]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)  # type: ignore[arg-type]


SIGNALS = (signal.SIGINT, signal.SIGTERM)

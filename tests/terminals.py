"""A terminal to write into, and what was shown on it."""

import os
import threading
from contextlib import contextmanager


class Terminal:
    """The side of a terminal that programs write to, and all that they wrote."""

    def __init__(self, stream):
        self.stream, self.shown = stream, ""


@contextmanager
def open_terminal():
    """Yield a `Terminal`; `shown` is complete when the context has ended."""
    outer, inner = os.openpty()
    read = []

    def listen():
        # the end is an empty read, or an error on Linux
        try:
            while part := os.read(outer, 4096):
                read.append(part)
        except OSError:
            pass

    listener = threading.Thread(target=listen)
    listener.start()
    with open(inner, "w", encoding="utf-8") as stream:
        terminal = Terminal(stream)
        yield terminal
    listener.join()
    os.close(outer)
    terminal.shown = b"".join(read).decode()

"""The command's first moments: Ctrl-C is one line, also while modules are imported."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def run() -> None:
    """Import the command line and run it."""
    signal.signal(signal.SIGINT, _leave)
    from .main import run as run_verb

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_verb()


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: an exception in the middle of an import may become another one."""
    sys.stderr.write("ganaug: stopped before anything was done\n")
    sys.stderr.flush()
    os._exit(128 + number)

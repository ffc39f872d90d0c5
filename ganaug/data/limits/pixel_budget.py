"""The pixel budget: how much is decoded at one time, by all threads and processes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

SHARE = 12_000_000  # pixels that one token stands for: a photograph
TOKENS = 8
# beside these many pixels, nothing needs to be counted
SMALL = 1 << 20


@contextmanager
def hold_pixels() -> Iterator[None]:
    """Let what this thread decodes in the block count until the block's end.

    Example:
        >>> with hold_pixels():
        ...     take_pixels(30_000_000)
    """
    held = _held.count = [0]
    try:
        yield
    finally:
        _held.count = None
        for _ in range(held[0]):
            _tokens.release()


def take_pixels(pixels: int) -> None:
    """Wait until so many pixels may be decoded; outside `hold_pixels`, do not wait."""
    held = getattr(_held, "count", None)
    if held is None or pixels <= SMALL:
        return
    wanted = min(TOKENS, -(-pixels // SHARE)) - held[0]
    with _gate:  # one at a time, so that two never wait for each other's tokens
        for _ in range(wanted):
            _tokens.acquire()
            held[0] += 1


def _make_locks() -> tuple[Any, Any]:
    """Make a lock and tokens that forked workers share, where workers are forked."""
    if sys.platform == "linux":
        try:
            context = get_context("fork")
            return context.Lock(), context.Semaphore(TOKENS)
        except (OSError, ImportError):  # no shared memory here
            pass
    return threading.Lock(), threading.Semaphore(TOKENS)


_gate, _tokens = _make_locks()
_held = threading.local()

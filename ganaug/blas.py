"""Threads of numpy's linear algebra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let numpy multiply matrices with one thread in this block or function.

    Small products gain nothing from more, and on a busy machine threads wait for each
    other: many such products then take up to ten times as long.

    Example:
        >>> with one_blas_thread():
        ...     pass
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield

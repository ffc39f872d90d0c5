"""Scalars: numbers of numpy and torch as Python's own, for checks and for files."""

from __future__ import annotations

from typing import Any


def to_plain(value: Any) -> Any:
    """Return a single number of numpy or torch as Python's; all else as it is.

    Example:
        >>> import numpy as np
        >>> to_plain(np.int64(3)), to_plain(np.float32(0.5)), to_plain("auto")
        (3, 0.5, 'auto')
    """
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "shape", None) == () else value


def make_plain(record: Any, *names: str) -> None:
    """Make numbers in fields of a frozen dataclass plain, as it is created."""
    for name in names:
        object.__setattr__(record, name, to_plain(getattr(record, name)))

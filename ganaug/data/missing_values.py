"""Missing values: None, NaN and pandas' NA and NaT, told from labels and groups."""

from __future__ import annotations

MISSING = frozenset({"nan", "<NA>", "NaT"})


def is_missing(value: object) -> bool:
    """Whether a value stands for none; a string never does.

    Example:
        >>> [is_missing(value) for value in (None, float("nan"), "nan", 0)]
        [True, True, False, False]
    """
    if isinstance(value, str | int):
        return False
    return value is None or str(value) in MISSING

"""Missing values: None, NaN, and NA and NaT of pandas, unlike labels and groups."""

from __future__ import annotations

MISSING_TEXTS = frozenset({"nan", "<NA>", "NaT"})


def is_missing(value: object) -> bool:
    """Whether a value is missing; a string never is.

    Example:
        >>> [is_missing(value) for value in (None, float("nan"), "nan", 0)]
        [True, True, False, False]
    """
    if isinstance(value, str | int):
        return False
    return value is None or str(value) in MISSING_TEXTS

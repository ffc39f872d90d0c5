"""Words: values as text that any stream can take."""

from __future__ import annotations


def printable(value: object) -> str:
    """Turn a value into text that can be written as UTF-8, even odd file names.

    Example:
        >>> printable(1200), printable("caf\\udce9")
        ('1,200', 'caf\\\\udce9')
    """
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).encode("utf-8", "backslashreplace").decode()

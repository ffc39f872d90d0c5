"""Words: values as text that any stream can take, and objects in a few words."""

from __future__ import annotations

import unicodedata

CHANNEL_NAMES = {1: "grey", 3: "RGB", 4: "RGBA"}


def printable(value: object) -> str:
    """Turn a value into text that can be written as UTF-8, even odd file names.

    Example:
        >>> printable(1200), printable("caf\\udce9")
        ('1,200', 'caf\\\\udce9')
    """
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return escape_controls(text)


def escape_controls(text: str, *, keep: str = "") -> str:
    r"""Spell out characters that move a terminal's cursor, colour it, or turn text.

    Args:
        text: any text.
        keep: control characters that stay, such as a newline.

    Example:
        >>> print(escape_controls("cat\x1b[2J"))
        cat\x1b[2J
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or not _controls(c) else _spell(c) for c in text)


def _controls(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in TURNING


def _spell(character: str) -> str:
    return character.encode("unicode_escape").decode()


# characters that show text in another order than it has
TURNING = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def count(n: int, noun: str) -> str:
    """Write a number and its noun, in the plural where needed.

    Example:
        >>> count(1, "image"), count(1200, "image"), count(3, "class")
        ('1 image', '1,200 images', '3 classes')
    """
    plural = "es" if noun.endswith("s") else "s"
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}{plural}"


def say_time(seconds: float) -> str:
    """Say a time in seconds, minutes or hours.

    Example:
        >>> say_time(42), say_time(200), say_time(600), say_time(9000)
        ('42 seconds', '3.3 minutes', '10 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    if seconds < 5400:
        minutes = seconds / 60
        digits = 1 if minutes < 9.95 else 0
        return f"{round(minutes, digits):g} minutes"
    return f"{seconds / 3600:.1f} hours"


def describe_format(size: tuple[int, int], channels: int) -> str:
    """Write an image's (height, width) and channels.

    Example:
        >>> describe_format((64, 48), 3)
        '64×48 RGB'
    """
    return f"{size[0]}×{size[1]} {CHANNEL_NAMES[channels]}"

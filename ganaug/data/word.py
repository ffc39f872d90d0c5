"""Words: what a user says of an image, such as its label or group, read one way."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

NOT_SAID = ""  # the word of an image of which nothing is known
MISSING_TEXTS = frozenset({"nan", "<na>", "nat"})
WHOLE = re.compile(r"-?[0-9]+")
WHOLE_FLOAT = re.compile(r"(-?)([0-9]+)\.0")  # a whole number that became a float


def read_word(value: object) -> str:
    """Read a value as a word: without spaces around it, a whole number without a point.

    Returns:
        The word; NOT_SAID for an empty string, None, NaN, and NA and NaT of pandas.

    Example:
        >>> [read_word(value) for value in (" cat ", 1.0, "1.0", "nan", None, True)]
        ['cat', '1', '1', '', '', '1']
    """
    plain = to_scalar(value)
    if plain is None:
        return NOT_SAID
    if isinstance(plain, bytes):
        plain = plain.decode(errors="surrogateescape")
    if isinstance(plain, bool):
        plain = int(plain)
    # a short float has fewer digits than the same as a long one
    return _read_text(str(value if isinstance(value, np.floating) else plain))


def to_scalar(value: Any) -> Any:
    """Turn a number in an array or tensor of one element into Python's own.

    Example:
        >>> to_scalar(np.array([3])), to_scalar("cat")
        (3, 'cat')
    """
    single = hasattr(value, "item") and math.prod(getattr(value, "shape", (0,))) == 1
    return value.item() if single else value


def order_words(word: str) -> tuple[int, str]:
    """Return a key that sorts whole numbers by their value, before all other words.

    Example:
        >>> sorted(["b", "10", "2"], key=order_words)
        ['2', '10', 'b']
    """
    return (int(word), word) if WHOLE.fullmatch(word) else (1 << 62, word)


def _read_text(text: str) -> str:
    text = text.strip()
    if text.lower() in MISSING_TEXTS:
        return NOT_SAID
    whole = WHOLE_FLOAT.fullmatch(text)
    if whole is None:
        return text
    sign, digits = whole.groups()
    return sign + digits if digits.strip("0") else digits

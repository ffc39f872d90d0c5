"""Spelling: the name that a wrong one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(word: object, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)` for the known name most like a word, or nothing.

    Args:
        word: the unknown name, as the user wrote it.
        known: all names that are allowed.

    Example:
        >>> suggest("hinje", ("bce", "hinge"))
        ' (did you mean hinge?)'
        >>> suggest("speed", ("bce", "hinge"))
        ''
    """
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(str(word).lower(), by_lower, n=1)
    return f" (did you mean {by_lower[found[0]]}?)" if found else ""

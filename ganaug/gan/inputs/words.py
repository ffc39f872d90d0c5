"""Words of a caption, in any script."""

from __future__ import annotations

import unicodedata


def split_words(caption: str) -> tuple[str, ...]:
    """Words, numbers and symbols in their order, without case and punctuation.

    Wide characters, such as Chinese ones, and symbols, such as emoji, are words of
    their own, since nothing parts them; accents and vowel signs stay with their letter.
    Scripts that write words together with narrow letters, such as Thai, want an encoder
    of the user's own.

    Example:
        >>> split_words("A red three, top-left!")
        ('a', 'red', 'three', 'top', 'left')
        >>> split_words("Ένα κόκκινο 3"), split_words("红色的三🔴")
        (('ένα', 'κόκκινο', '3'), ('红', '色', '的', '三', '🔴'))
    """
    words: list[str] = []
    growing = False  # whether the next letter goes on with the last word
    for char in unicodedata.normalize("NFKC", caption).casefold():
        kind = unicodedata.category(char)[0]
        if kind == "M":
            if growing:
                words[-1] += char
        elif kind == "S" or unicodedata.east_asian_width(char) in "WF":
            growing = False
            if kind in "LNS":
                words.append(char)
        elif kind in "LN":
            if growing:
                words[-1] += char
            else:
                words.append(char)
            growing = True
        else:
            growing = False
    return tuple(words)

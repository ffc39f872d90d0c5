"""Words of a caption, in any script."""

from __future__ import annotations

import unicodedata


def split_words(caption: str) -> tuple[str, ...]:
    """Split a caption into words, numbers and symbols, without case and punctuation.

    Each Chinese or other wide character and each symbol, such as an emoji, is a word of
    its own, since no spaces separate them; accents and vowel signs stay with their
    letter. For scripts that put no spaces between words of narrow letters, such as
    Thai, users need an encoder of their own.

    Example:
        >>> split_words("A red three, top-left!")
        ('a', 'red', 'three', 'top', 'left')
        >>> split_words("Ένα κόκκινο 3"), split_words("红色的三🔴")
        (('ένα', 'κόκκινο', '3'), ('红', '色', '的', '三', '🔴'))
    """
    words: list[str] = []
    growing = False  # whether the next letter belongs to the last word
    for char in unicodedata.normalize("NFKC", caption).casefold():
        category = unicodedata.category(char)[0]
        if category == "M":
            if growing:
                words[-1] += char
        elif category == "S" or unicodedata.east_asian_width(char) in "WF":
            growing = False
            if category in "LNS":
                words.append(char)
        elif category in "LN":
            if growing:
                words[-1] += char
            else:
                words.append(char)
            growing = True
        else:
            growing = False
    return tuple(words)

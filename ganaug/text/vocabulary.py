"""Vocabulary: texts as numbers of words, and of characters where a word is rare."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

# scripts without spaces between words: Thai to Burmese, Khmer, Kana and Han
LETTER = r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
# a word or sign takes one space before it along, so that joining gives the text back
PIECES = re.compile(rf" ?{LETTER}| ?(?:(?!{LETTER})\w)+| ?[^\w\s]|\s")
SPECIAL = ("", "", "", "\N{REPLACEMENT CHARACTER}")
PAD, START, END, UNKNOWN = range(len(SPECIAL))
MOST_CHARACTERS = 6_000
LONGEST_WORD = 20  # characters; longer ones are spelled, and long texts cut before


@dataclass(frozen=True)
class Vocabulary:
    """Frequent words and all usual characters of a set of texts.

    A word outside of the vocabulary is spelled character by character. In scripts
    without spaces every character is a word, so all text survives the way back.

    Attributes:
        tokens: words with the space before them, and characters.

    Example:
        >>> words = fit_vocabulary(["one cat", "two cat"], words=100)
        >>> numbers = words.encode("no cat", 16)
        >>> len(numbers), words.decode(numbers)
        (4, 'no cat')
    """

    tokens: tuple[str, ...]

    def __len__(self) -> int:
        return len(SPECIAL) + len(self.tokens)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Number of each token."""
        return {token: len(SPECIAL) + k for k, token in enumerate(self.tokens)}

    @cached_property
    def digest(self) -> str:
        """Digest of the tokens and their order."""
        return hashlib.sha256(json.dumps(self.tokens).encode()).hexdigest()

    def encode(self, text: str, length: int) -> list[int]:
        """Return at most `length` numbers of a text, the last of which is END."""
        found: list[int] = []
        for token in self._read(text[: length * LONGEST_WORD]):
            if len(found) == length - 1:
                break
            found.append(self.numbers.get(token, UNKNOWN))
        return [*found, END]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of numbers, up to the first END."""
        named = (*SPECIAL, *self.tokens)
        parts = []
        for k in numbers:
            if k == END:
                break
            parts.append(named[k])
        return "".join(parts).strip()

    def _read(self, text: str) -> Iterator[str]:
        for piece in split_pieces(text):
            if piece in self.numbers:
                yield piece
            else:
                yield from piece


def fit_vocabulary(texts: Sequence[str], words: int) -> Vocabulary:
    """Collect the words, `words` at most, and the characters of texts.

    Args:
        texts: at least one text.
        words: most words, of which the most frequent are taken.
    """
    counts = Counter(piece for text in texts for piece in set(split_pieces(text)))
    letters = Counter(letter for text in texts for letter in text)
    letters[" "] += 1
    characters = [c for c, _ in _rank(letters)[:MOST_CHARACTERS]]
    frequent = [w for w, _ in _rank(counts) if 1 < len(w) <= LONGEST_WORD]
    return Vocabulary((*characters, *frequent[:words]))


def split_pieces(text: str) -> list[str]:
    r"""Split a text into words, signs and white space, which join to the text again.

    Example:
        >>> split_pieces("Ask me, now!\n")
        ['Ask', ' me', ',', ' now', '!', '\n']
    """
    return PIECES.findall(text)


def _rank(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

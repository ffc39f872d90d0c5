"""Language model: how likely a token is after the ones before it, by counting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ganaug.text.vocabulary import END, START

ORDER = 3  # tokens that are counted together

History = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """Counts of tokens after the ones before them, smoothed by shorter histories.

    Witten and Bell, "The zero-frequency problem" (1991): a history with n tokens of t
    kinds after it leaves t/(n+t) to the history without its first token.

    Attributes:
        tokens: size of the vocabulary; the shortest history leaves the rest to all.
        counts: history → tokens after it.

    Example:
        >>> model = count_tokens([[4, 5, END], [4, 6, END]], tokens=7)
        >>> model.estimate((START, START), 4) > 0.6
        True
    """

    tokens: int
    counts: dict[History, Counter[int]]

    def estimate(self, history: History, token: int) -> float:
        """Return the probability of a token after the last ones."""
        p = 1 / self.tokens
        for k in range(len(history), -1, -1):  # the shortest first
            found = self.counts.get(history[k:])
            if found is None:
                break
            n, kinds = found.total(), len(found)
            p = (found[token] + kinds * p) / (n + kinds)
        return p

    def measure(self, row: Sequence[int]) -> float:
        """Return the mean log-probability per token of a text with its END, in nats."""
        padded = _pad(row)
        logs = [
            math.log(self.estimate(tuple(padded[k - ORDER + 1 : k]), padded[k]))
            for k in range(ORDER - 1, len(padded))
        ]
        return sum(logs) / max(len(logs), 1)

    def write(self, length: int, random: np.random.Generator) -> list[int]:
        """Draw a text of at most `length` tokens, the last of which is END."""
        row = [START] * (ORDER - 1)
        while len(row) < length + ORDER - 2:
            row.append(self._draw(tuple(row[1 - ORDER :]), random))
            if row[-1] == END:
                return row[ORDER - 1 :]
        return [*row[ORDER - 1 :], END]

    def _draw(self, history: History, random: np.random.Generator) -> int:
        """Draw from the longest history that does not leave it to a shorter one."""
        for k in range(len(history) + 1):
            found = self.counts.get(history[k:])
            if found is None:
                continue
            last = k == len(history)
            place = random.random() * (found.total() + (0 if last else len(found)))
            for token, n in found.items():
                place -= n
                if place < 0:
                    return token
        return END


def count_tokens(rows: Iterable[Sequence[int]], tokens: int) -> LanguageModel:
    """Count the tokens of texts, each with END at its end.

    Args:
        rows: numbers of the tokens.
        tokens: size of the vocabulary.
    """
    counts: dict[History, Counter[int]] = {}
    for row in rows:
        padded = _pad(row)
        for k in range(ORDER - 1, len(padded)):
            for many in range(ORDER):
                history = tuple(padded[k - many : k])
                counts.setdefault(history, Counter())[padded[k]] += 1
    return LanguageModel(tokens, counts)


def _pad(row: Sequence[int]) -> list[int]:
    return [*[START] * (ORDER - 1), *row]

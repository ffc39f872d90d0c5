"""Filters of written texts: the class must be recognised, and no real text copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from ganaug.metrics.copies import copy_threshold
from ganaug.metrics.neighbours import nearest_neighbours, nearest_others
from ganaug.tables.draws import Labels
from ganaug.tables.filters import Matrix, RowFilter, fit_filter
from ganaug.text.vocabulary import Vocabulary

MOST_FEATURES = 2_000  # tokens and pairs of tokens
COMPARED = 500  # real texts whose distances set the least one


class Judged(NamedTuple):
    """What is known of written texts.

    Attributes:
        agreement: (n,) probability of the class.
        wrong: (n,) whether it is below that of the class's least sure real texts.
        copied: (n,) whether they are too near to a real text.
    """

    agreement: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    copied: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TextFilter:
    """What written texts are judged by, fitted on the real ones.

    Attributes:
        vocabulary: tokens of texts.
        length: most tokens of a text.
        features: TF-IDF of tokens and of pairs of tokens.
        rows: cross-fitted classifiers and distances in these features.
        real: tokens of the real texts.
        least: edit distance to the nearest real text up to which a text is a copy.
    """

    vocabulary: Vocabulary
    length: int
    features: TfidfVectorizer
    rows: RowFilter
    real: tuple[list[int], ...]
    least: float

    def judge(self, texts: Sequence[str], label: int) -> Judged:
        """Judge texts (n,) that were written for a class."""
        read = _read(self.vocabulary, texts, self.length)
        found = _to_matrix(self.features, read)
        agreement = self.rows.measure_labels(found, label)
        copied = self.rows.measure_copies(found) <= self.rows.ratio
        if len(read):
            near = nearest_neighbours(found, self.rows.real).indices[:, 0]
            edits = [
                edit_distance(text, self.real[k])
                for text, k in zip(read, near, strict=True)
            ]
            copied |= np.array(edits) <= self.least
        return Judged(agreement, agreement < self.rows.least[label], copied)


def fit_text_filter(
    texts: Sequence[str], labels: Labels, vocabulary: Vocabulary, length: int
) -> TextFilter:
    """Fit the filters on real texts of classes (n,).

    A text is a copy if its tokens and pairs of tokens are nearer to those of a real
    text, or fewer edits away, than 4 % of real texts are to each other; the thresholds
    are those of rows, see `ganaug.tables.filters.fit_filter`.

    Args:
        texts: real texts.
        labels: (n,) their classes from 0.
        vocabulary: their tokens.
        length: most tokens of a text.
    """
    read = _read(vocabulary, texts, length)
    features = TfidfVectorizer(
        analyzer=list_grams, max_features=MOST_FEATURES, sublinear_tf=True
    ).fit(read)
    matrix = _to_matrix(features, read)
    return TextFilter(
        vocabulary, length, features, fit_filter(matrix, labels), tuple(read),
        _least_distance(matrix, read),
    )  # fmt: skip


def list_grams(tokens: Sequence[int]) -> list[str]:
    """List the tokens of a text and the pairs of neighbours.

    Example:
        >>> list_grams([7, 9])
        ['7', '9', '7 9']
    """
    words = [str(token) for token in tokens]
    return [*words, *map(" ".join, pairwise(words))]


def edit_distance(a: Sequence[int], b: Sequence[int]) -> float:
    """Count the tokens to add, drop or change from a to b, over the longer length.

    Levenshtein (1966); 0 for equal texts, 1 where nothing is shared.

    Example:
        >>> edit_distance([1, 2, 3, 4], [1, 3, 4, 4])
        0.5
    """
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1] / max(len(a), len(b), 1)


def _read(vocabulary: Vocabulary, texts: Sequence[str], length: int) -> list[list[int]]:
    return [vocabulary.encode(text, length)[:-1] for text in texts]


def _to_matrix(features: TfidfVectorizer, read: Sequence[Sequence[int]]) -> Matrix:
    if not read:
        return np.zeros((0, len(features.vocabulary_)), np.float32)
    return np.asarray(features.transform(read).toarray(), np.float32)


def _least_distance(matrix: Matrix, read: Sequence[Sequence[int]]) -> float:
    """Return the edit distance below which 4 % of real texts lie to another."""
    if len(read) < 2:
        return 0.0
    some = np.linspace(0, len(read) - 1, min(COMPARED, len(read))).astype(int)
    near = nearest_others(matrix).indices[:, 0]
    apart = np.array([edit_distance(read[k], read[near[k]]) for k in some])
    return copy_threshold(apart[apart > 0])

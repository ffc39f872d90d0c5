"""Filters of written texts: of their class, no copies, and fluent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from ganaug.errors import ConfigError
from ganaug.metrics.copies import copy_threshold
from ganaug.metrics.neighbours import nearest_neighbours, nearest_others
from ganaug.tables.draws import Labels
from ganaug.tables.filters import Matrix, RowFilter, fit_filter
from ganaug.text.fluency import Fluency, fit_fluency
from ganaug.text.vocabulary import Vocabulary

FILTERS = ("label", "copy", "fluency")
Embed = Callable[[Sequence[str]], Any]
MOST_FEATURES = 2_000  # tokens and pairs of tokens
SCALE = np.float32(10)  # length of features, so that classifiers can be sure
COMPARED = 500  # real texts whose distances set the least one


class Judged(NamedTuple):
    """What is known of written texts.

    Attributes:
        agreement: (n,) probability of the class.
        distance: (n,) tokens to change to the nearest real text, over their number.
        fluency: (n,) log-probability per token, in nats.
        wrong: (n,) whether agreement is below that of the least sure real texts.
        copied: (n,) whether they are too near to a real text.
        halting: (n,) whether they are less fluent than the least fluent real texts.
        nearest: (n,) the nearest real text.
    """

    agreement: NDArray[np.float64]
    distance: NDArray[np.float64]
    fluency: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    copied: NDArray[np.bool_]
    halting: NDArray[np.bool_]
    nearest: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TextFilter:
    """What written texts are judged by, fitted on the real ones.

    Attributes:
        vocabulary: tokens of texts.
        length: most tokens of a text.
        embed: function from texts to features (n, d).
        rows: cross-fitted classifiers and distances in these features.
        real: tokens of the real texts.
        least: edit distance to the nearest real text up to which a text is a copy.
        fluent: language models of the real texts.
    """

    vocabulary: Vocabulary
    length: int
    embed: Embed
    rows: RowFilter
    real: tuple[list[int], ...]
    least: float
    fluent: Fluency

    def judge(self, texts: Sequence[str], label: int) -> Judged:
        """Judge texts (n,) that were written for a class."""
        found = self.embed(texts)
        read = [self.vocabulary.encode(text, self.length) for text in texts]
        agreement = self.rows.measure_labels(found, label)
        near = np.zeros(0, np.int64)
        if len(read):
            near = nearest_neighbours(found, self.rows.real).indices[:, 0]
        edits = np.array(
            [
                edit_distance(text[:-1], self.real[k])
                for text, k in zip(read, near, strict=True)
            ]
        )
        copied = self.rows.measure_copies(found) <= self.rows.ratio
        fluency = self.fluent.measure(read)
        return Judged(
            agreement, edits, fluency,
            wrong=agreement < self.rows.least[label],
            copied=copied | (edits <= self.least),
            halting=fluency < self.fluent.least,
            nearest=near,
        )  # fmt: skip


def fit_text_filter(
    texts: Sequence[str],
    labels: Labels,
    vocabulary: Vocabulary,
    length: int,
    *,
    encoder: Embed | None = None,
) -> TextFilter:
    """Fit the filters on real texts of classes (n,).

    A text is a copy if its features are nearer to those of a real text, or fewer edits
    away, than 4 % of real texts are to each other; the thresholds are those of rows,
    see `ganaug.tables.filters.fit_filter`, and of `ganaug.text.fluency`.

    Args:
        texts: real texts.
        labels: (n,) their classes from 0.
        vocabulary: their tokens.
        length: most tokens of a text.
        encoder: function from a list of texts to an array (n, d), such as a sentence
            encoder; by default TF-IDF of tokens and of pairs of tokens.

    Raises:
        ConfigError: the encoder does not give finite numbers, a row for each text.
    """
    read = [vocabulary.encode(text, length) for text in texts]
    embed = _check_encoder(encoder) if encoder else _fit_tfidf(read, vocabulary, length)
    matrix, short = embed(texts), [row[:-1] for row in read]
    return TextFilter(
        vocabulary, length, embed, fit_filter(matrix, labels), tuple(short),
        _least_distance(matrix, short), fit_fluency(read, len(vocabulary)),
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


def _fit_tfidf(
    read: Sequence[Sequence[int]], vocabulary: Vocabulary, length: int
) -> Embed:
    """Return the function to TF-IDF of tokens and of pairs of tokens."""
    features = TfidfVectorizer(
        analyzer=list_grams, max_features=MOST_FEATURES, sublinear_tf=True
    ).fit([row[:-1] for row in read])

    def embed(texts: Sequence[str]) -> Matrix:
        rows = [vocabulary.encode(text, length)[:-1] for text in texts]
        if not rows:
            return np.zeros((0, len(features.vocabulary_)), np.float32)
        return SCALE * np.asarray(features.transform(rows).toarray(), np.float32)

    return embed


def _check_encoder(encoder: Embed) -> Embed:
    """Return the user's encoder, checked; its features get the same length."""
    widths: set[int] = set()

    def embed(texts: Sequence[str]) -> Matrix:
        if not len(texts):
            return np.zeros((0, max(widths, default=0)), np.float32)
        found = np.asarray(encoder(list(texts)))
        right = found.ndim == 2 and len(found) == len(texts) and found.shape[1]
        if not right or found.dtype.kind not in "fiu" or not np.isfinite(found).all():
            raise ConfigError(
                f"encoder gave {found.dtype} of shape {found.shape} for {len(texts)} "
                "texts; it must give finite numbers, a row for each text"
            )
        widths.add(found.shape[1])
        if len(widths) > 1:
            raise ConfigError("encoder gave rows of different lengths")
        sizes = np.linalg.norm(found, axis=1, keepdims=True)
        return SCALE * np.asarray(found / np.maximum(sizes, 1e-12), np.float32)

    return embed


def _least_distance(matrix: Matrix, read: Sequence[Sequence[int]]) -> float:
    """Return the edit distance below which 4 % of real texts lie to another."""
    if len(read) < 2:
        return 0.0
    some = np.linspace(0, len(read) - 1, min(COMPARED, len(read))).astype(int)
    near = nearest_others(matrix).indices[:, 0]
    apart = np.array([edit_distance(read[k], read[near[k]]) for k in some])
    return copy_threshold(apart[apart > 0])

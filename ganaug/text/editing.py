"""Editing: some words of a real text written anew, between those that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.tables.draws import Labels
from ganaug.text.autoencoder import Autoencoder
from ganaug.text.vocabulary import PAD, SPECIAL, START, Vocabulary

DOUBT = 2.0  # texts of the usual classes that are added to the texts with a word
TELLING = 0.5  # a word of which a class has a larger share is not changed

Rows = Sequence[Sequence[int]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassWords:
    """Which words the texts of a class have, and which ones follow each other.

    Attributes:
        own: (v,) probability of each word in the class.
        before: word → the words before it, and how often.
        kinds, total: (v,) how many different words follow each, and how many in all.
        free: (v,) whether a word says little about the class, so that it may change.
        forms: (v,) 0 for signs, 1 for words, 2 for words with a space before them.
    """

    own: Floats
    before: dict[int, Counter[int]]
    kinds: Floats
    total: Floats
    free: NDArray[np.bool_]
    forms: NDArray[np.int64]

    def weigh(self, following: int) -> Floats:
        """Return how likely each own word (v,) has that word after it.

        Smoothed as in `LanguageModel`.
        """
        counts = np.zeros(len(self.own))
        found: Counter[int] = self.before.get(following, Counter())
        counts[list(found)] = list(found.values())
        p = (counts + self.kinds * self.own[following]) / np.maximum(
            self.kinds + self.total, 1
        )
        return np.where(self.own > 0, p, 0.0)


def count_classes(
    rows: Rows, labels: Labels, vocabulary: Vocabulary
) -> list[ClassWords]:
    """Count the words of each class.

    A word is free unless one class has more than half of its texts, to which two texts
    of all classes are added, since a word of one text says little. Signs stay.

    Args:
        rows: numbers of the tokens of each real text, with END.
        labels: (n,) classes.
        vocabulary: the tokens.

    Example:
        >>> words = Vocabulary(("a", "b", "c", "d"))
        >>> rows = [[4, 5], [4, 6], [7, 6], [7, 5]]
        >>> found = count_classes(rows * 3, np.array([0, 0, 1, 1] * 3), words)
        >>> found[0].free.nonzero()[0].tolist()
        [5, 6]
    """
    classes, tokens = int(labels.max()) + 1, len(vocabulary)
    texts = np.zeros((classes, tokens))
    for row, label in zip(rows, labels, strict=True):
        texts[label, list(set(row))] += 1
    usual = np.bincount(labels, minlength=classes)[:, None] / len(labels)
    share = (texts + DOUBT * usual) / (texts.sum(axis=0) + DOUBT)
    free = (share.max(axis=0) <= TELLING) if classes > 1 else np.ones(tokens, bool)
    forms = np.array([0] * len(SPECIAL) + list(map(_tell_form, vocabulary.tokens)))
    free &= forms > 0
    return [
        _count_class([row for row, k in zip(rows, labels, strict=True) if k == label],
                     free, forms)
        for label in range(classes)
    ]  # fmt: skip


def _tell_form(token: str) -> int:
    word = any(letter.isalnum() for letter in token)
    return word + (word and token[0].isspace())


def _count_class(
    rows: Rows, free: NDArray[np.bool_], forms: NDArray[np.int64]
) -> ClassWords:
    own, kinds, total = (np.zeros(len(free)) for _ in range(3))
    before: dict[int, Counter[int]] = {}
    for row in rows:
        np.add.at(own, list(row), 1)
        for first, second in zip([START, *row], row, strict=False):
            before.setdefault(second, Counter())[first] += 1
    for found in before.values():
        kinds[list(found)] += 1
        total[list(found)] += list(found.values())
    return ClassWords(own / max(own.sum(), 1), before, kinds, total, free, forms)


@torch.inference_mode()
def edit_texts(
    model: Autoencoder,
    latents: Tensor,
    rows: Rows,
    words: ClassWords,
    *,
    share: float,
    top_p: float,
    random: np.random.Generator,
) -> list[list[int]]:
    """Write some free words of texts anew, as the decoder reads them in a latent.

    A new word is one of the class's own, and has a space before it where the old one
    has. It is drawn by the product of two chances:
    that of the word after the ones before it, by the decoder, and that of the next word
    after it, by counts of the class; from the likeliest words whose probabilities sum
    to `top_p`.

    Args:
        model: trained autoencoder.
        latents: (n, latent) of length 1.
        rows: numbers of the tokens of each text, with END.
        words: words of the class.
        share: share of the free words that are written anew, one at least.
        top_p: in (0, 1].
        random: source of the draws.
    """
    written = [list(row) for row in rows]
    chosen = [_choose(row, words, share, random) for row in rows]
    state = model.start(latents)
    before = torch.full((len(rows), 1), START)
    for t in range(max(map(len, rows), default=0)):
        logits, state = model.write(latents, before, state)
        p = logits[:, 0].double().softmax(dim=1).numpy()
        for row, places, likely in zip(written, chosen, p, strict=True):
            if t in places:
                weights = likely * words.weigh(row[t + 1])
                weights[words.forms != words.forms[row[t]]] = 0
                row[t] = _draw(weights, row[t], top_p, random)
        before = torch.tensor([[row[t] if t < len(row) else PAD] for row in written])
    return written


def _choose(
    row: Sequence[int], words: ClassWords, share: float, random: np.random.Generator
) -> set[int]:
    """Choose the places of a text that are written anew."""
    places = np.array([t for t, k in enumerate(row) if words.free[k]], np.int64)
    if not len(places):
        return set()
    chosen = places[random.random(len(places)) < share]
    return set(chosen.tolist()) or {int(random.choice(places))}


def _draw(
    weights: Floats, there: int, top_p: float, random: np.random.Generator
) -> int:
    """Draw another word from the likeliest ones; keep the word if there is no other."""
    weights[there] = 0
    if not weights.sum() > 0:
        return there
    order = np.argsort(-weights, kind="stable")
    p = weights[order] / weights.sum()
    kept = np.where(p.cumsum() - p < top_p, p, 0.0)
    return int(order[random.choice(len(order), p=kept / kept.sum())])

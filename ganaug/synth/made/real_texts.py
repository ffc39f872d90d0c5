"""RealTexts: the texts that further ones were made of, with the filters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.errors import StoreError
from ganaug.tables.draws import Labels
from ganaug.text.filters import TextFilter, fit_text_filter
from ganaug.text.settings import TextConfig
from ganaug.text.synthesis import digest_texts
from ganaug.text.text_file import read_labelled, read_unlabelled
from ganaug.text.vocabulary import fit_vocabulary


@dataclass(frozen=True, eq=False)
class RealTexts:
    """The texts that a training learned from.

    Attributes:
        texts: (n,) texts.
        labels: (n,) their classes.
        judge: the filters, fitted on them again.
    """

    texts: list[str]
    labels: Labels
    judge: TextFilter


def read_real_texts(path: Path, values: dict[str, Any]) -> RealTexts:
    """Read the real texts of a made file, and fit the filters on them.

    Args:
        path: where they are.
        values: what the made file's .json says.

    Raises:
        GanaugError: they cannot be read, or are others.
    """
    texts, words = read_labelled(path, values["text_column"], values["label_column"])
    more = []
    if values["unlabelled"] is not None:
        more = read_unlabelled(Path(values["unlabelled"]), values["text_column"])
    if digest_texts(texts, words, more) != values["digest"]:
        raise StoreError(f"{path} has not the texts that these were made of")
    labels = number_classes(path, words, values["classes"])
    config = TextConfig.from_dict(values["config"])
    vocabulary = fit_vocabulary([*texts, *more], config.words)
    judge = fit_text_filter(texts, labels, vocabulary, config.length)
    return RealTexts(texts, labels, judge)


def number_classes(path: Path, words: list[str], classes: list[str]) -> Labels:
    """Return the number (n,) of each class.

    Raises:
        StoreError: a class is unknown.
    """
    known = {name: k for k, name in enumerate(classes)}
    odd = next((word for word in words if word not in known), None)
    if odd is not None:
        raise StoreError(f"{path} has a class {odd!r} that its .json does not name")
    return np.array([known[word] for word in words], np.int64)

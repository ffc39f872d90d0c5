"""TextSet: labelled texts, and texts without labels, checked and numbered."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ganaug.errors import DataError

Label = str | int | float | bool


@dataclass(frozen=True)
class TextSet:
    """The texts that a training learns from.

    Attributes:
        texts: at least one text.
        labels: class of each, from 0.
        classes: name of each class.
        unlabelled: further texts, which have no class.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[Label, ...]
    unlabelled: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All texts, the labelled ones first."""
        return (*self.texts, *self.unlabelled)

    @cached_property
    def digest(self) -> str:
        """Digest of the texts and classes."""
        parts = [self.texts, self.labels, self.classes]
        if self.unlabelled:
            parts.append(self.unlabelled)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read_texts(
    texts: Sequence[str], labels: Sequence[Any], unlabelled: Sequence[str] = ()
) -> TextSet:
    """Check texts and labels, and number the classes.

    Raises:
        DataError: a text is empty or no text, a label is missing, or there are not as
            many labels as texts.

    Example:
        >>> read_texts(["a b", "c"], [7, 3]).classes
        (3, 7)
    """
    if any(isinstance(given, str) for given in (texts, labels, unlabelled)):
        raise DataError("texts and labels are lists; give a list with one entry")
    found, named = list(texts), [_plain(x, k) for k, x in enumerate(labels)]
    if len(found) != len(named) or not found:
        raise DataError(
            f"there are {len(found)} texts and {len(named)} labels; give one label for "
            "each text, and at least one"
        )
    for k, text in enumerate(found):
        check_text(text, f"text {k}")
    for k, text in enumerate(unlabelled):
        check_text(text, f"unlabelled text {k}")
    classes = sorted(set(named), key=_order)
    numbers = {name: k for k, name in enumerate(classes)}
    return TextSet(
        tuple(map(str, found)), tuple(numbers[x] for x in named), tuple(classes),
        tuple(map(str, unlabelled)),
    )  # fmt: skip


def check_text(text: object, name: str) -> None:
    """Raise DataError unless it is a text with something in it."""
    if not isinstance(text, str):
        raise DataError(f"{name} is {text!r}; give texts, and leave others out")
    if not text.strip():
        raise DataError(f"{name} is empty; leave it out, with its label")


def strip_text(text: str) -> str:
    """Return what makes two texts the same: case and white space do not count.

    Example:
        >>> strip_text(" Where  is Rome?")
        'where is rome?'
    """
    return " ".join(text.casefold().split())


def _plain(label: Any, place: int) -> Label:
    value = label.item() if isinstance(label, np.generic) else label
    missing = isinstance(value, float) and not math.isfinite(value)
    if not isinstance(value, str | int | float) or missing:
        raise DataError(
            f"label {place} is {label!r}; labels are texts, numbers or truth values"
        )
    return value


def _order(label: Label) -> tuple[bool, float, str]:
    written = isinstance(label, str)
    return (True, 0.0, label) if isinstance(label, str) else (written, label, "")

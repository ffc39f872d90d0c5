"""StoreVerdict: poor, usable or good, with the figures behind the word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Word = Literal["poor", "usable", "good"]
WORDS: tuple[Word, ...] = ("poor", "usable", "good")  # from worst to best
FIGURES = ("kept", "variety", "recall", "nearness")


@dataclass(frozen=True)
class ClassVerdict:
    """The verdict on a store's images of one class.

    Every figure but `kept` is a share of what real images reach against other real
    images: 1 is as real ones. NaN stands for what could not be measured.

    Attributes:
        word: poor, usable or good.
        reason: what is wrong, in a few words; None for good.
        kept: share of candidates that the filters kept, in [0, 1].
        variety: how much the images differ from each other.
        recall: share of real images that have a synthetic one nearby.
        nearness: share of synthetic images that lie near real ones.
    """

    word: Word
    reason: str | None
    kept: float
    variety: float
    recall: float
    nearness: float


@dataclass(frozen=True)
class StoreVerdict:
    """The verdict on a store.

    Attributes:
        word: poor, usable or good.
        sentence: the verdict in one sentence for the user.
        next_step: what to do about it, or None where nothing is needed.
        kept, variety, recall, nearness: means over classes, see `ClassVerdict`.
        classes: verdict by class name.

    Example:
        >>> verdict = StoreVerdict("good", "Good: as real ones.", None, 1, 1, 1, 1)
        >>> verdict.reaches("usable"), StoreVerdict.from_dict(verdict.to_dict()).word
        (True, 'good')
    """

    word: Word
    sentence: str
    next_step: str | None
    kept: float
    variety: float
    recall: float
    nearness: float
    classes: dict[str, ClassVerdict] = field(default_factory=dict)

    def reaches(self, word: Word) -> bool:
        """Whether the store is at least as good as `word` says."""
        return WORDS.index(self.word) >= WORDS.index(word)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; NaN becomes None."""
        values = asdict(self)
        for part in (values, *values["classes"].values()):
            for name in FIGURES:
                part[name] = None if math.isnan(part[name]) else part[name]
        return values

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> StoreVerdict:
        """Return the record from the values that `to_dict` returned.

        Raises:
            KeyError, TypeError, ValueError: the values are not those of a verdict.
        """
        classes = {
            str(name): ClassVerdict(
                _read_word(own["word"]), _read_text(own["reason"]), **_figures(own)
            )
            for name, own in values["classes"].items()
        }
        return StoreVerdict(
            _read_word(values["word"]),
            str(values["sentence"]),
            _read_text(values["next_step"]),
            **_figures(values),
            classes=classes,
        )


def _figures(values: Mapping[str, Any]) -> dict[str, float]:
    found = ((name, values[name]) for name in FIGURES)
    return {name: math.nan if v is None else float(v) for name, v in found}


def _read_word(value: object) -> Word:
    for word in WORDS:
        if value == word:
            return word
    raise ValueError(f"no such verdict: {value!r}")


def _read_text(value: object) -> str | None:
    return None if value is None else str(value)

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
class CellVerdict:
    """The verdict on a store's images of a class in a domain, or in other styles.

    Attributes:
        class_name, domain: the cell; the domain is "" for styled images.
        word: poor, usable or good.
        reason: what is wrong, in a few words; None where nothing is.
        requested, accepted, drawn: images requested, those that the store has, and
            candidates.
        class_kept: share of candidates that kept their class, in [0, 1]; NaN unless it
            was checked, as the next ones.
        reached: share of these that look like the domain, or took on the style.
        kept: share of candidates that the filters kept, repeats included.
    """

    class_name: str
    domain: str
    word: Word
    reason: str | None
    requested: int
    accepted: int
    drawn: int
    class_kept: float
    reached: float
    kept: float

    @property
    def name(self) -> str:
        return f"{self.class_name} in {self.domain}" if self.domain else self.class_name


CELL_FIGURES = ("class_kept", "reached", "kept")


@dataclass(frozen=True)
class StoreVerdict:
    """The verdict on a store.

    Attributes:
        word: poor, usable or good.
        sentence: the verdict in one sentence for the user.
        next_step: what to do about it, or None where nothing is needed.
        kept, variety, recall, nearness: means over classes, see `ClassVerdict`.
        classes: verdict by class name.
        cells: verdicts by class and domain in a store of filled cells, by class and
            without a domain in one of styled images.

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
    cells: tuple[CellVerdict, ...] = ()

    def reaches(self, word: Word) -> bool:
        """Whether the store is at least as good as `word` says."""
        return WORDS.index(self.word) >= WORDS.index(word)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; NaN becomes None."""
        values = asdict(self)
        for part in (values, *values["classes"].values(), *values["cells"]):
            for name, value in part.items():
                if isinstance(value, float) and math.isnan(value):
                    part[name] = None
        if not self.cells:
            del values["cells"]
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
            cells=tuple(map(_read_cell, values.get("cells", ()))),
        )


def _read_cell(values: Mapping[str, Any]) -> CellVerdict:
    figures = {
        name: math.nan if values[name] is None else float(values[name])
        for name in CELL_FIGURES
    }
    return CellVerdict(
        str(values["class_name"]),
        str(values["domain"]),
        _read_word(values["word"]),
        _read_text(values["reason"]),
        requested=int(values["requested"]),
        accepted=int(values["accepted"]),
        drawn=int(values["drawn"]),
        **figures,
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

"""Rules: from figures to poor, usable or good.

The limits come from stores of known quality, see benchmarks/verdicts.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ganaug.synth.verdict.record import FIGURES, WORDS, ClassVerdict, Word

MOST_POOR_CLASSES = 0.5  # share of poor classes above which the store is poor
EMPTY = "none of its candidates was kept"

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Limit:
    """What a figure must reach.

    Attributes:
        poor: value below which images are poor.
        good: value from which they are good.
        most: value above which they are at most usable; images of mixed classes, or
            of noise, vary more than real ones.
        words: the figure in a clause, with its value in words.
    """

    poor: float
    good: float
    words: str
    most: float = math.inf

    def judge(self, value: float) -> Word:
        """Return the word for a value; NaN, which was not measured, is usable."""
        if value < self.poor:
            return "poor"
        return "good" if self.good <= value <= self.most else "usable"


Limits = Mapping[str, Limit]
LIMITS: dict[str, Limit] = {
    "kept": Limit(0.15, 0.4, "{percent} kept"),
    "variety": Limit(0.4, 0.7, "{fraction} of the real variety", most=1.5),
    "recall": Limit(0.1, 0.4, "resembles {fraction} of the real images"),
    "nearness": Limit(0.4, 0.85, "{fraction} lie among real images"),
}


def judge_class(figures: Figures, limits: Limits | None = None) -> ClassVerdict:
    """Judge the images of one class.

    Example:
        >>> alike = {"kept": 1.0, "variety": 0.09, "recall": 0.3, "nearness": 1.0}
        >>> judge_class(alike).word, judge_class(alike).reason
        ('poor', 'a tenth of the real variety')
    """
    word = judge_figures(figures, limits)
    reason = None if word == "good" else ", ".join(explain(figures, word, limits))
    if is_empty(figures):
        word, reason = "poor", EMPTY
    return ClassVerdict(word, reason, **figures)


def judge_classes(
    overall: Figures, classes: Iterable[ClassVerdict], limits: Limits | None = None
) -> Word:
    """Judge a store by its mean figures, and by its classes.

    A store that lacks a class is poor, and so is one whose classes are mostly poor. A
    single class that is poor, or has too few images to tell, keeps it from being good.
    """
    classes = list(classes)
    poor = sum(each.word == "poor" for each in classes)
    empty = any(is_empty(vars(each)) for each in classes)
    if empty or poor > MOST_POOR_CLASSES * len(classes):
        return "poor"
    word = judge_figures(overall, limits)
    unknown = any(is_unmeasured(vars(each)) for each in classes)
    return "usable" if (poor or unknown) and word == "good" else word


def is_empty(figures: Figures) -> bool:
    """Whether no candidate was kept; one kept of 9,999 has no variety to measure."""
    return figures["kept"] == figures["variety"] == 0


def is_unmeasured(figures: Figures) -> bool:
    """Whether a class has too few images, synthetic or real ones, for some figure."""
    return any(math.isnan(figures[name]) for name in FIGURES)


def judge_figures(figures: Figures, limits: Limits | None = None) -> Word:
    """Return the worst word of all figures."""
    words = {limit.judge(figures[name]) for name, limit in (limits or LIMITS).items()}
    return next(word for word in WORDS if word in words)


def explain(figures: Figures, word: Word, limits: Limits | None = None) -> list[str]:
    """Say which figures are responsible for a word, the worst first."""
    named = limits or LIMITS
    found = [
        name for name, limit in named.items() if limit.judge(figures[name]) == word
    ]
    unknown = [name for name in found if math.isnan(figures[name])]
    known = [name for name in found if name not in unknown]
    known.sort(key=lambda name: figures[name] / named[name].good)
    words = [named[name].words.format(**_in_words(figures[name])) for name in known]
    if unknown:
        words.append(f"too few images to measure {' and '.join(unknown)}")
    return words


FRACTIONS = (
    (0.005, "none"), (0.07, "hardly any"), (0.15, "a tenth"), (0.225, "a fifth"),
    (0.29, "a quarter"), (0.41, "a third"), (0.58, "half"), (0.7, "two thirds"),
    (0.78, "three quarters"),
)  # fmt: skip


def say_fraction(value: float) -> str:
    """Say a share as people do.

    Example:
        >>> say_fraction(0.2), say_fraction(0.62), say_fraction(0.93)
        ('a fifth', 'two thirds', '93 %')
    """
    return next((w for most, w in FRACTIONS if value < most), f"{100 * value:.0f} %")


def _in_words(value: float) -> dict[str, str]:
    return {"percent": f"{100 * value:.0f} %", "fraction": say_fraction(value)}

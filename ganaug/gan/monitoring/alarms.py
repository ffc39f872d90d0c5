"""Alarms: what a training looks like when it goes wrong, and what helps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from ganaug.config import TrainConfig
from ganaug.gan.monitoring.diagnosis import Diagnosis
from ganaug.gan.monitoring.remedies import advise
from ganaug.gan.settings.length import RunLength
from ganaug.training.journal import Fired

# diagnoses in a row that must show it: one may be an unlucky batch; three are 6 % of a
# run. Short runs have few, so that two are a larger part already
LASTING, LASTING_IF_RARE = 3, 2
RARE = 0.04  # share of a run from one diagnosis to the next
# share of real images' diversity. Generators start with .1 to .9, and healthy ones
# grow: the least varied of those measured rose from .19 to .4, or ended at .26
LEAST_DIVERSITY = 0.2
# the same of a single class, whose few fakes say less: in the healthy runs of
# benchmarks/alarms.md two diagnoses in a row were .068 and more, in collapsed ones .05
LEAST_OF_CLASS = 0.06
GROWTH = 1.1  # factor in LASTING diagnoses that shows a generator learning variety
BEGINNING = 0.1  # share of the run in which class terms and the average still form
# share of the largest gradient so far; in healthy runs it never fell below a tenth,
# the value of `wgan`
LEAST_GRADIENT = 1 / 30
# slope of G's loss at the typical fake, as a share of its slope where D is undecided.
# The gradient's norm can hide this: one fake that D takes for real makes it large, from
# which G learns nothing about the other fakes
LEAST_SLOPE = 1 / 30
LARGEST_MARGIN = 5.0  # logits: D takes a fake for real at odds of 1 to 150
# share of the largest margin so far. Losses without odds have a scale of their own; and
# in an equilibrium of the two networks the margin falls together with the gradient
STILL_SURE = 0.5
# standard deviations: with the means of training and held-out images so far apart, D
# recognises the training image of two in three of four cases
LARGEST_GAP = 1.0

History = Sequence[Diagnosis]


@dataclass(frozen=True)
class Alarm:
    """Something that can go wrong in a training.

    Attributes:
        name: its name in files.
        reads: figure of a diagnosis that it is about.
        condition: whether a history shows the problem at its last diagnosis.
        seen: what was seen, in words, given the history.
        cured: whether a history shows at its last diagnosis that it is over.
        better: what is seen then, in words.
    """

    name: str
    reads: str
    condition: Callable[[History], bool]
    seen: Callable[[History], str]
    cured: Callable[[History], bool]
    better: Callable[[History], str]


def collapses(history: History) -> bool:
    """Whether fakes of a class looked alike several times in a row without improving.

    It counts where the fakes of all classes do, and where those of one class do more
    so. The first tenth of the run does not count.
    """
    counted = [d for d in history if d.share >= BEGINNING]
    return _collapses_everywhere(history) or _stays_low(
        _last(counted, "alike"), LEAST_OF_CLASS
    )


def _collapses_everywhere(history: History) -> bool:
    counted = [d for d in history if d.share >= BEGINNING]
    return _stays_low(_last(counted, "diversity"), LEAST_DIVERSITY)


def _stays_low(last: Sequence[float], least: float) -> bool:
    return bool(last) and max(last) < least and last[-1] < GROWTH * last[0]


def vanishes(history: History) -> bool:
    """Whether D is sure of itself, and G has almost no gradient left to learn from.

    D is sure with a margin of LARGEST_MARGIN; then G's gradient must be small compared
    with its peak, or G's loss must be flat. With a smaller margin D is sure if that is
    at least half of the largest one so far; then only the gradient counts.
    """
    margins = _last(history, "margin")
    if not margins:
        return False
    gradients, slopes = _last(history, "gradient"), _last(history, "slope")
    small = bool(gradients) and median(gradients) <= LEAST_GRADIENT * _peak(
        history, "gradient"
    )
    if min(margins) < LARGEST_MARGIN:
        sure = min(margins) >= STILL_SURE * _peak(history, "margin") > 0
        return small and sure
    return small or (bool(slopes) and max(slopes) <= LEAST_SLOPE)


def memorises(history: History) -> bool:
    """Whether D prefers training images to held-out ones several times in a row."""
    last = _last(history, "gap")
    return bool(last) and min(last) > LARGEST_GAP


def differs(history: History) -> bool:
    """Whether fakes of every class differed enough, several times in a row."""
    all_classes, least = _last(history, "diversity"), _last(history, "alike")
    return (
        bool(all_classes)
        and min(all_classes) >= LEAST_DIVERSITY
        and min(least, default=LEAST_OF_CLASS) >= LEAST_OF_CLASS
    )


def has_passed(condition: Callable[[History], bool], history: History) -> bool:
    """Whether a condition held at none of the last diagnoses."""
    return not any(condition(history[: len(history) - k]) for k in range(LASTING))


def say_collapse(history: History) -> str:
    """Say that the images of all classes look alike, or those of which class do."""
    last = history[-1]
    if _collapses_everywhere(history):
        whose, value = "the generator's images of a class", last.diversity
    else:
        name = "one class" if last.alike_class is None else f"class {last.alike_class}"
        whose, value = f"the generator's images of {name}", last.alike
    return f"{whose} look alike (diversity {value:.2f} of the real one)"


def say_vanishing(history: History) -> str:
    return (
        "the generator hardly learns any more, because the discriminator is too sure "
        f"of itself (it scores real images {history[-1].margin:.1f} logits above fakes)"
    )


def say_overfitting(history: History) -> str:
    return (
        "the discriminator knows its training images by heart (it puts them "
        f"{history[-1].gap:.1f} standard deviations above held-out ones)"
    )


def say_variety(history: History) -> str:
    return (
        "the generator's images of a class differ now (diversity "
        f"{history[-1].diversity:.2f} of the real one)"
    )


def say_learning(history: History) -> str:
    return "the generator learns again"


def say_generality(history: History) -> str:
    return "the discriminator no longer prefers its training images to held-out ones"


ALARMS: dict[str, Alarm] = {
    alarm.name: alarm
    for alarm in (
        Alarm(
            "collapse", "diversity", collapses, say_collapse, differs, say_variety
        ),
        Alarm(
            "vanishing", "margin", vanishes, say_vanishing,
            partial(has_passed, vanishes), say_learning,
        ),
        Alarm(
            "overfitting", "gap", memorises, say_overfitting,
            partial(has_passed, memorises), say_generality,
        ),
    )
}  # fmt: skip


def ring(
    history: History,
    config: TrainConfig | None = None,
    *,
    length: RunLength | None = None,
) -> list[Fired]:
    """Return the alarms that ring at the last diagnosis, whether new or not.

    Args:
        history: all diagnoses of the run so far.
        config: the run's configuration; what it has already is not advised.
        length: how long the run takes, where that is known.

    Example:
        >>> bad = [Diagnosis(64 * k, k / 50, diversity=0.1) for k in (5, 6, 7)]
        >>> [fired.name for fired in ring(bad)], ring(bad[:2])
        (['collapse'], [])
    """
    return [
        Fired(
            alarm.name,
            f"{alarm.seen(history)}: "
            + advise(alarm.name, config or TrainConfig(), length),
            history[-1].images,
        )
        for alarm in ALARMS.values()
        if alarm.condition(history)
    ]


def end(history: History, rung: Collection[str]) -> list[Fired]:
    """Return which of the alarms that have rung are over at the last diagnosis.

    Example:
        >>> good = [Diagnosis(64 * k, k / 50, diversity=0.5) for k in (8, 9, 10)]
        >>> [(each.name, each.over) for each in end(good, {"collapse"})]
        [('collapse', True)]
    """
    return [
        Fired(alarm.name, alarm.better(history), history[-1].images, over=True)
        for alarm in ALARMS.values()
        if alarm.name in rung and alarm.cured(history)
    ]


def _peak(history: History, name: str) -> float:
    """Return the largest value of a figure so far."""
    values = (getattr(d, name) for d in history)
    return max((v for v in values if v is not None), default=0.0)


def _last(history: History, name: str) -> list[float]:
    """Return a figure of the last diagnoses; an empty list if one lacks it."""
    needed = count_needed(history)
    values = [getattr(d, name) for d in history[-needed:]]
    return values if None not in values and len(values) == needed else []


def count_needed(history: History) -> int:
    """Count the diagnoses in a row that must agree; fewer where they are rare."""
    if len(history) < 2:
        return LASTING
    rare = history[-1].share - history[-2].share > RARE
    return LASTING_IF_RARE if rare else LASTING

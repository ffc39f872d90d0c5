"""Alarms: what a training looks like when it goes wrong, and what helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ganaug.gan.monitoring.diagnosis import Diagnosis
from ganaug.training.journal import Fired

# diagnoses in a row that must show it: one may be an unlucky batch; three are 6 % of a
# run
LASTING = 3
# share of real images' diversity. Generators start with .1 to .9, and healthy ones
# grow: the least varied of those measured rose from .19 to .4, or ended at .26
LEAST_DIVERSITY = 0.2
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
        sentence: what was seen and what helps; formatted with the last figures.
    """

    name: str
    reads: str
    condition: Callable[[History], bool]
    sentence: str


def collapses(history: History) -> bool:
    """Whether fakes of a class looked alike LASTING times in a row without improving.

    The first tenth of the run does not count.
    """
    last = _last([d for d in history if d.share >= BEGINNING], "diversity")
    if not last:
        return False
    return max(last) < LEAST_DIVERSITY and last[-1] < GROWTH * last[0]


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
    """Whether D prefers training images to held-out ones LASTING times in a row."""
    last = _last(history, "gap")
    return bool(last) and min(last) > LARGEST_GAP


ALARMS: dict[str, Alarm] = {
    alarm.name: alarm
    for alarm in (
        Alarm(
            "collapse", "diversity", collapses,
            "the generator's images of a class look alike (diversity {diversity:.2f} "
            "of the real one): in a new run (--out), bound the discriminator with "
            "--set penalties=r1,r2 or, where it has them, a larger gamma, or let it "
            "see how images of a class differ (--set batch_std=4)",
        ),
        Alarm(
            "vanishing", "margin", vanishes,
            "the generator hardly learns any more, because the discriminator is too "
            "sure of itself (it scores real images {margin:.1f} logits above "
            "fakes): in a new run (--out), use --set loss=bce-ns or relativistic, "
            "fewer critic steps, or a gradient penalty (--set penalties=r1,r2)",
        ),
        Alarm(
            "overfitting", "gap", memorises,
            "the discriminator knows its training images by heart (it puts them "
            "{gap:.1f} standard deviations above held-out ones): in a new run (--out), "
            "use more augmentation (--set augment_p=1), a smaller network or a shorter "
            "run, or add images",
        ),
    )
}  # fmt: skip


def ring(history: History, alarms: Mapping[str, Alarm] = ALARMS) -> list[Fired]:
    """Return the alarms that ring at the last diagnosis, whether new or not.

    Example:
        >>> bad = [Diagnosis(64 * k, k / 50, diversity=0.1) for k in (5, 6, 7)]
        >>> [fired.name for fired in ring(bad)], ring(bad[:2])
        (['collapse'], [])
    """
    return [
        Fired(
            alarm.name,
            alarm.sentence.format(**history[-1].figures),
            history[-1].images,
        )
        for alarm in alarms.values()
        if alarm.condition(history)
    ]


def _peak(history: History, name: str) -> float:
    """Return the largest value of a figure so far."""
    values = (getattr(d, name) for d in history)
    return max((v for v in values if v is not None), default=0.0)


def _last(history: History, name: str) -> list[float]:
    """Return a figure of the last LASTING diagnoses; an empty list if one lacks it."""
    values = [getattr(d, name) for d in history[-LASTING:]]
    return values if None not in values and len(values) == LASTING else []

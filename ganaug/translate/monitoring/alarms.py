"""Alarms of a translator's training: what was seen, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ganaug.training.journal import Fired

BEGINNING = 0.3  # share of the run before which nothing is said
LEAST_KEPT = 0.6  # of classes, there and back
LEAST_REACHED = 0.5  # of domains
LEAST_SPREAD = 0.01  # of the distance between real images of a cell


@dataclass(frozen=True)
class Alarm:
    """A figure that should not lie below a limit.

    Attributes:
        reads: figure of a snapshot that it is about.
        least: limit of the figure.
        sentence: what it means and what helps; `{share}` is the figure.
    """

    reads: str
    least: float
    sentence: str


ALARMS: dict[str, Alarm] = {
    "class changed": Alarm(
        "class_kept",
        LEAST_KEPT,
        "only {share:.0%} of images keep their class on the way to another domain and "
        "back: train longer, or raise the weights in terms",
    ),
    "domain not reached": Alarm(
        "domain_reached",
        LEAST_REACHED,
        "only {share:.0%} of translations look like their target domain: train "
        "longer, or lower the weights in terms",
    ),
    "z ignored": Alarm(
        "z_spread",
        LEAST_SPREAD,
        "an image looks the same with every z ({share:.1%} of the distance between "
        "real images): each image gives one translation per domain; "
        "terms=…,variety would make them differ",
    ),
}


def ring(figures: dict[str, float], images: int, share: float) -> Sequence[Fired]:
    """Return the alarms that ring after a share of the run.

    Example:
        >>> [fired.name for fired in ring({"class_kept": 0.2}, 640, share=0.5)]
        ['class changed']
    """
    if share < BEGINNING:
        return []
    return [
        Fired(name, alarm.sentence.format(share=figures[alarm.reads]), images)
        for name, alarm in ALARMS.items()
        if figures.get(alarm.reads, alarm.least) < alarm.least
    ]

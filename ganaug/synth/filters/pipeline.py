"""Filters: which candidates may go into a store, each a score and a rule to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.synth.filters.candidates import Candidates, Reality
from ganaug.synth.filters.copies import CopyDetector
from ganaug.synth.filters.realism import map_manifold

SKILL = 0.3  # least share of the way from chance to perfect that the teacher goes

Scores = NDArray[np.float32]
Kept = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Filter:
    """One reason to refuse a candidate.

    Attributes:
        name: key in `FILTERS`, and the reason in the manifest.
        score: candidates → (n,); what could not be scored is NaN.
        keep: candidates, their scores → (n,) whether each may stay.
        threshold: of the score, for the record; None where the rule is another.
        notes: what the user should know, such as classes left alone.
        copying: what a filter against copies measures with.
    """

    name: str
    score: Callable[[Candidates], Scores]
    keep: Callable[[Candidates, Scores], Kept]
    threshold: float | None
    notes: tuple[str, ...] = ()
    copying: CopyDetector | None = None


def build_filters(reality: Reality, names: Sequence[str]) -> list[Filter]:
    """The filters of those names, keys of `FILTERS`, fitted to the real images."""
    assert set(names) <= set(FILTERS), names
    return [FILTERS[name](reality) for name in FILTERS if name in names]


def agree_on_label(reality: Reality) -> Filter:
    """The teacher must see the class that was asked for; score: its probability.

    A class that the teacher itself cannot tell from the others is left alone.
    """
    teacher = reality.teacher
    if teacher is None:
        note = "label: not filtered, there is nothing to tell apart"
        return Filter("label", _nan, _keep_all, None, (note,))
    chance = 1 / len(reality.classes)
    skill = (np.nan_to_num(teacher.recall) - chance) / (1 - chance)
    known = skill >= SKILL
    notes = tuple(
        f"label: not filtered for {reality.classes[k]}, whose real images are "
        f"recognised in {teacher.recall[k]:.0%} of cases only"
        for k in np.flatnonzero(~known)
        if not np.isnan(teacher.recall[k])
    )

    def score(candidates: Candidates) -> Scores:
        rows = np.arange(len(candidates))
        return candidates.probabilities[rows, candidates.labels]

    def keep(candidates: Candidates, scores: Scores) -> Kept:
        agreed = candidates.probabilities.argmax(axis=1) == candidates.labels
        return np.asarray(agreed | ~known[candidates.labels])

    return Filter("label", score, keep, None, notes)


def lie_on_manifold(reality: Reality) -> Filter:
    """A candidate must lie as near to real images of its class as these do.

    Score: see `Manifold.score`; it must reach 1, as a twentieth of real images
    do not.
    """
    manifold = map_manifold(reality)
    notes = tuple(
        f"realism: not filtered for {name}, which has too few real images"
        for k, name in enumerate(reality.classes)
        if k not in manifold.balls
    )

    def keep(candidates: Candidates, scores: Scores) -> Kept:
        return np.asarray(np.isnan(scores) | (scores >= 1))

    return Filter("realism", manifold.score, keep, 1.0, notes)


def stay_apart(reality: Reality) -> Filter:
    """A candidate must not be a copy of an image that the GAN was trained on.

    Score: see `CopyDetector`; copies lie below 1.
    """
    detector = CopyDetector(reality)

    def keep(candidates: Candidates, scores: Scores) -> Kept:
        return np.asarray(scores >= 1)

    return Filter("copy", detector.score, keep, 1.0, detector.notes, detector)


def _nan(candidates: Candidates) -> Scores:
    return np.full(len(candidates), np.nan, np.float32)


def _keep_all(candidates: Candidates, scores: Scores) -> Kept:
    return np.ones(len(candidates), bool)


FILTERS: dict[str, Callable[[Reality], Filter]] = {
    "label": agree_on_label,
    "realism": lie_on_manifold,
    "copy": stay_apart,
}

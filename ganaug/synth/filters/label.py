"""The label filter: the teacher must recognise a candidate's class."""

from __future__ import annotations

import numpy as np

from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter, keep_all, score_nothing

SKILL = 0.3  # least recall of the teacher, where 0 is chance and 1 is perfect


def filter_labels(real: RealExamples) -> Filter:
    """Keep candidates that the teacher recognises as their class.

    The score is the teacher's probability for that class. Classes that the teacher
    does not recognise well in real images are not filtered.
    """
    teacher = real.teacher
    if teacher is None:
        note = "label: not filtered, there is nothing to tell apart"
        return Filter("label", score_nothing, keep_all, notes=(note,))
    chance = 1 / len(real.classes)
    skill = (np.nan_to_num(teacher.recall) - chance) / (1 - chance)
    known = skill >= SKILL
    notes = tuple(
        f"label: not filtered for {real.classes[k]}, whose real images are "
        f"recognised in {teacher.recall[k]:.0%} of cases only"
        for k in np.flatnonzero(~known)
        if not np.isnan(teacher.recall[k])
    )

    def score(candidates: Candidates) -> Scores:
        rows = np.arange(len(candidates))
        return candidates.probabilities[rows, candidates.labels]

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        agreed = candidates.probabilities.argmax(axis=1) == candidates.labels
        return np.asarray(agreed | ~known[candidates.labels])

    return Filter("label", score, keep, notes=notes)

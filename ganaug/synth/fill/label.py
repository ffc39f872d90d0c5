"""The label filter of carried images: they must keep their class, there and back."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.fit import default_steps
from ganaug.classify.teacher import Teacher, fit_teacher
from ganaug.data.resize import Size, resize_images
from ganaug.synth.fill.candidates import CarriedCandidates
from ganaug.synth.fill.filler import Filler
from ganaug.synth.fill.plan import default_per_cell
from ganaug.synth.fill.swaps import Carried, Swap
from ganaug.synth.filters.candidates import Candidates, Kept, RealExamples, Scores
from ganaug.synth.filters.filter import Filter, keep_all, score_nothing
from ganaug.synth.filters.label import SKILL

MOST_PER_CELL = 40  # images of a cell that the teacher learns from, at most
MOST_STEPS = 300  # of each classifier
LEAST_CARRIED = 0.5  # share of them that are carried over, at least

Numbers = NDArray[np.int64]  # (n,)


def filter_carried_labels(
    real: RealExamples, swaps: Sequence[Swap], domains: Sequence[str]
) -> Filter:
    """Keep candidates whose class a classifier recognises, in them and carried back.

    The classifiers have learnt real and carried images, so that they do not take the
    domain for the class, and have seen neither the source nor what came of it. Carried
    back into the source's domain, the class is judged where it was really seen. The
    score is the probability of the class. Classes that are not recognised well in real
    images are not filtered. All images of swapped cells are refused.

    Args:
        real: real images by class.
        swaps: cells whose carried images show another class.
        domains: names of the domains.
    """
    teacher = real.teacher
    if teacher is None:
        note = "label: not filtered, there is nothing to tell apart"
        return Filter("label", score_nothing, keep_all, notes=(note,))
    recall = measure_recall(teacher, real)
    chance = 1 / len(real.classes)
    known = (np.nan_to_num(recall) - chance) / (1 - chance) >= SKILL
    notes = tuple(
        f"label: not filtered for {real.classes[k]}, whose real images are "
        f"recognised in {100 * recall[k]:.0f} % of cases only"
        for k in np.flatnonzero(~known)
        if not np.isnan(recall[k])
    )
    swapped = {(swap.label, swap.domain) for swap in swaps}
    notes += tuple(
        f"label: {real.classes[swap.label]} in {domains[swap.domain]} is refused, its "
        f"images show {real.classes[swap.shown]}"
        for swap in swaps
    )

    def score(candidates: Candidates) -> Scores:
        rows = np.arange(len(candidates))
        return candidates.probabilities[rows, candidates.labels]

    def keep(candidates: Candidates, scores: Scores, kept: Kept) -> Kept:
        assert isinstance(candidates, CarriedCandidates)
        labels = candidates.labels
        there = candidates.probabilities.argmax(axis=1) == labels
        back = candidates.back_probabilities.argmax(axis=1) == labels
        cells = zip(labels.tolist(), candidates.domains.tolist(), strict=True)
        other = np.array([cell in swapped for cell in cells], bool)
        return np.asarray(((there & back) | ~known[labels]) & ~other)

    return Filter("label", score, keep, notes=notes)


def teach_on_carried(
    filler: Filler, images: NDArray[np.uint8], carried: Carried, seed: int
) -> Teacher:
    """Train cross-fitted classifiers on real and carried images, evenly over cells.

    Args:
        filler: what carries images over.
        images: (n, h, w, c) its source images at the grid of the filters.
        carried: what `sample_carried` drew.
        seed: seed of the training.

    Returns:
        The teacher; its first n images are the sources, and whatever was carried over
        from one of them shares its fold.
    """
    own, labels = filler.sources.groups, carried.labels
    groups = np.arange(len(images)) if own is None else own
    return fit_teacher(
        np.concatenate([images, carried.images]),
        np.concatenate([filler.sources.labels, labels]),
        filler.plan.classes,
        groups=np.concatenate([groups, groups[carried.sources]]),
        steps=count_steps(len(images) + len(labels)),
        seed=seed,
    )


def count_steps(n: int) -> int:
    """Return the training steps of a teacher of n images."""
    return min(MOST_STEPS, default_steps(n))


def sample_carried(filler: Filler, grid: Size, *, seed: int) -> Carried:
    """Draw some candidates of every cell, at the grid (h, w) of the filters."""
    labels, indices = choose_carried(filler)
    images = filler.sample_rows(labels, indices, seed=seed)
    found = filler.plan.find(labels, indices)
    return Carried(resize_images(images, grid), labels, found.targets, found.sources)


def choose_carried(filler: Filler) -> tuple[Numbers, Numbers]:
    """Choose candidates that even the cells out: classes and indices (m,).

    Cells that have many real images get some as well, or being carried over would tell
    the class.
    """
    plan = filler.plan
    counts = np.zeros((plan.classes, plan.turns), np.int64)
    np.add.at(counts, (plan.labels, plan.domains), 1)
    wanted = min(MOST_PER_CELL, default_per_cell(counts))
    labels, indices = [], []
    for label, domain in plan.list_cells():
        lacking = wanted - int(counts[label, domain])
        few = max(lacking, math.ceil(LEAST_CARRIED * wanted))
        n = min(few, len(plan.find_sources(label, domain)))
        labels.append(np.full(n, label))
        indices.append(domain + plan.turns * np.arange(n))
    return np.concatenate(labels), np.concatenate(indices)


def measure_recall(teacher: Teacher, real: RealExamples) -> NDArray[np.float64]:
    """Return the share (k,) of each class's real images that is recognised unseen."""
    labels = real.training.labels
    hits = teacher.probabilities[: len(labels)].argmax(axis=1) == labels
    counts = np.bincount(labels, minlength=len(real.classes))
    found = np.bincount(labels, weights=hits, minlength=len(real.classes))
    with np.errstate(invalid="ignore"):
        return np.asarray(found / counts)

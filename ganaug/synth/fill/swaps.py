"""Swaps: cells whose carried images show another class than their sources.

A translator that exchanges two classes on the way into a domain, and again on the way
back, passes the round trip; and teachers that learn from its images believe it. So a
further classifier looks at them that knows nothing of the translator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.blas import one_blas_thread
from ganaug.classify.random_net import random_features
from ganaug.data.images import LabelledImages
from ganaug.data.looks.linear import fit_linear
from ganaug.data.split import make_folds
from ganaug.translate.classical.carriers import fit_carrier

RULE = "first-guess"  # carrier that moves and relights images, and keeps their class
MOST_TARGETS = 4  # domains that each real image is carried into by the rule
FEWEST = 8  # carried images of a cell that is judged
LEAST = 0.3  # share of a cell that is taken for one other class
TIMES = 2  # times as many as for its own; by the rule's images, the other way round
FOLDS, RIDGE = 3, 1e-3  # of the classifier

Images = NDArray[np.uint8]  # (n, h, w, c)
Numbers = NDArray[np.int64]  # (n,)


class Carried(NamedTuple):
    """Images (n, h, w, c), their classes and domains, and rows of their sources."""

    images: Images
    labels: Numbers
    domains: Numbers
    sources: Numbers


class Swap(NamedTuple):
    """A cell by its class and domain, and the class that its images show."""

    label: int
    domain: int
    shown: int


@one_blas_thread()
def find_swaps(data: LabelledImages, carried: Carried) -> tuple[Swap, ...]:
    """Find cells of a domain whose classes have changed places.

    Carried images of such a class are mostly taken for one other, those of that class
    for a third or for the first, and so on in a circle. Classes of which one is lost in
    another need not be found here: they do not come back in a round trip.

    A linear classifier of random features learns from the real images and from what a
    rule without a network makes of them in other domains, and judges images whose
    sources it has not seen. Two classes that it confuses in the rule's own images are
    not told apart.

    Args:
        data: real images, with a domain each.
        carried: what the translator made of them, at the same size.
    """
    assert data.domains is not None, "the images have domains"
    if len(np.unique(data.domains)) < len(data.domain_names):
        return ()  # the rule needs images of each domain
    ruled = carry_by_rule(data)
    found, known = _predict_unseen(data, ruled, carried)
    counts = _count(carried, found, data)
    skill = _count(ruled, known, data)
    others = {
        (int(label), int(domain)): shown
        for label, domain in np.argwhere(counts.sum(axis=2) >= FEWEST)
        if (shown := _find_other(counts[label, domain], label)) is not None
        and skill[label, domain, label] > TIMES * skill[label, domain, shown]
    }
    return tuple(
        Swap(label, domain, shown)
        for (label, domain), shown in others.items()
        if _comes_round(others, label, domain)
    )


def carry_by_rule(data: LabelledImages) -> Carried:
    """Carry each image into up to four other domains, all of them in turn."""
    assert data.domains is not None, "the images have domains"
    carrier, rng = fit_carrier(RULE, data), np.random.default_rng(0)
    rows, others = np.arange(len(data)), len(data.domain_names) - 1
    images, targets = [data.images[:0]], [data.domains[:0]]
    steps = range(min(MOST_TARGETS, others))
    for step in steps:
        there = (data.domains + 1 + (rows + step) % others) % (others + 1)
        images.append(carrier.carry(data.images, data.domains, there, rng))
        targets.append(there)
    times = len(steps)
    return Carried(
        np.concatenate(images),
        np.tile(data.labels, times),
        np.concatenate(targets),
        np.tile(rows, times),
    )


def _predict_unseen(
    data: LabelledImages, ruled: Carried, carried: Carried
) -> tuple[Numbers, Numbers]:
    """Return the classes that the translator's and the rule's images are taken for."""
    own, by_rule, by_network = (
        random_features(images)
        for images in (data.images, ruled.images, carried.images)
    )
    assert data.domains is not None, "the images have domains"
    x, labels = np.concatenate([own, by_rule]), np.append(data.labels, ruled.labels)
    cells = labels * len(data.domain_names) + np.append(data.domains, ruled.domains)
    fold_of = make_folds(data.labels, data.groups, folds=FOLDS)
    folds = np.append(fold_of, fold_of[ruled.sources])
    found, known = np.zeros_like(carried.labels), np.zeros_like(ruled.labels)
    for fold in np.unique(fold_of):
        fit = folds != fold
        model = fit_linear(x[fit], labels[fit], cells[fit], ridge=RIDGE)
        mine = fold_of[carried.sources] == fold
        found[mine] = model.predict(by_network[mine])
        mine = fold_of[ruled.sources] == fold
        known[mine] = model.predict(by_rule[mine])
    return found, known


def _count(carried: Carried, found: Numbers, data: LabelledImages) -> Numbers:
    """Count (k, d, k): images of each class and domain by what they are taken for."""
    k, d = len(data.classes), len(data.domain_names)
    counts = np.zeros((k, d, k), np.int64)
    np.add.at(counts, (carried.labels, carried.domains, found), 1)
    return counts


def _find_other(counts: Numbers, label: int) -> int | None:
    """Return the other class that the images of a cell are taken for, or None."""
    rest = np.where(np.arange(len(counts)) == label, 0, counts)
    shown = int(rest.argmax())
    enough = max(LEAST * counts.sum(), TIMES * counts[label])
    return shown if rest[shown] >= enough else None


def _comes_round(
    others: Mapping[tuple[int, int], int], label: int, domain: int
) -> bool:
    """Whether the classes that are shown lead back to the first one."""
    at: int | None = label
    for _ in others:
        at = None if at is None else others.get((at, domain))
        if at == label:
            return True
    return False

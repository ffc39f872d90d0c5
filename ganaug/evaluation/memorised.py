"""Figures that ask whether synthetic images are copies of training images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.evaluation.table import Row, make_row
from ganaug.evaluation.views import Space, View
from ganaug.metrics.jackknife import Influence, average_influences
from ganaug.metrics.memorisation import (
    copying_score,
    find_authentic,
    overall_copying_score,
    share_influence,
)
from ganaug.metrics.neighbours import nearest_neighbours

COPYING_FLOOR = 0.0  # the mean of the z-score when both samples are of one kind


def find_memorised(space: Space) -> list[Row]:
    """The rows `ct` and `authenticity`, overall and for every class.

    Both need training images; `ct` also needs real images that the GAN did not see.
    """
    return [
        row
        for cell, labels in space.cells
        for row in (
            _score_copying(space, cell, labels),
            _share_authentic(space, cell, labels),
        )
    ]


def _score_copying(space: Space, cell: str, labels: Sequence[int]) -> Row:
    found = _copying_of(space, labels) if space.apart else None
    floor = None if found is None else COPYING_FLOOR
    return make_row(cell, "ct", space.name, found, floor, space.count(labels))


def _copying_of(space: Space, labels: Sequence[int]) -> Influence | None:
    """The mean over classes, or over the whole set where single ones are too small."""
    scores = {k: _average_score(space, [k]) for k in labels}
    known = {k: score for k, score in scores.items() if score is not None}
    held = {k: space.count([k]).real for k in labels}
    return overall_copying_score(known, held) or _average_score(space, labels)


def _average_score(space: Space, labels: Sequence[int]) -> Influence | None:
    """The score of the classes as one cell, averaged over the views."""
    scores = []
    for view in space.views:
        score = copying_score(*_distances_to_training(view, labels))
        if score is None:
            return None
        scores.append(score)
    return average_influences(scores, shared_y=True)


def _distances_to_training(
    view: View, labels: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of synthetic and of unseen real images, to the nearest of their own class."""
    synthetic, real = [np.empty(0, np.float32)], [np.empty(0, np.float32)]
    for label in labels:
        training = view.training.of(label)
        if len(training):
            near = nearest_neighbours(view.synthetic.of(label), training)
            synthetic.append(near.distances[:, 0])
            near = nearest_neighbours(view.reference.of(label), training)
            real.append(near.distances[:, 0])
    return np.concatenate(synthetic), np.concatenate(real)


def _share_authentic(space: Space, cell: str, labels: Sequence[int]) -> Row:
    found, floors = [], []
    for view in space.views:
        training = {k: view.training.of(k) for k in labels}
        usable = [k for k in labels if len(training[k]) >= 2]
        flags = [find_authentic(view.synthetic.of(k), training[k]) for k in usable]
        if any(len(part) for part in flags):
            found.append(share_influence(np.concatenate(flags)))
        flags = [find_authentic(view.reference.of(k), training[k]) for k in usable]
        if space.apart and any(len(part) for part in flags):
            floors.append(np.concatenate(flags).mean())
    whole = average_influences(found) if found else None
    floor = float(np.mean(floors)) if floors else None
    counts = space.count(labels)
    return make_row(cell, "authenticity", space.name, whole, floor, counts)

"""Memorisation: figures that tell whether synthetic images copy training images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.evaluation.feature_space import (
    FeatureSpace,
    LabelledFeatures,
    NetworkFeatures,
)
from ganaug.evaluation.table import Row, make_row
from ganaug.metrics.jackknife import Influence, average_influences
from ganaug.metrics.memorisation import (
    copying_score,
    find_authentic,
    overall_copying_score,
    share_influence,
)
from ganaug.metrics.neighbours import nearest_neighbours

COPYING_FLOOR = 0.0  # mean z-score for two samples of real images


def measure_memorisation(space: FeatureSpace) -> list[Row]:
    """Measure `ct` and `authenticity`, overall and for every class.

    Both need training images; `ct` also needs real images that the GAN did not see.
    """
    return [
        row
        for name, labels in space.groups
        for row in (
            _score_copying(space, name, labels),
            _share_authentic(space, name, labels),
        )
    ]


def _score_copying(space: FeatureSpace, group: str, labels: Sequence[int]) -> Row:
    found = _copying_of(space, labels) if space.apart else None
    floor = None if found is None else COPYING_FLOOR
    return make_row(
        group, "ct", space.name, found=found, floor=floor, counts=space.count(labels)
    )


def _copying_of(space: FeatureSpace, labels: Sequence[int]) -> Influence | None:
    """Average over classes; classes that are too small are measured as one set."""
    scores = {k: _average_score(space, [k]) for k in labels}
    known = {k: score for k, score in scores.items() if score is not None}
    held = {k: space.count([k]).real for k in labels}
    return overall_copying_score(known, held) or _average_score(space, labels)


def _average_score(space: FeatureSpace, labels: Sequence[int]) -> Influence | None:
    """Return the score of the classes as one set, averaged over networks."""
    scores = []
    for net in space.networks:
        score = copying_score(*_distances_to_training(net, labels))
        if score is None:
            return None
        scores.append(score)
    return average_influences(scores, shared_y=True)


def _distances_to_training(
    net: NetworkFeatures, labels: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return distances of synthetic and of unseen real images to training images.

    Each is the distance to the nearest of the image's own class.
    """
    synthetic, real = [np.empty(0, np.float32)], [np.empty(0, np.float32)]
    for label in labels:
        training = net.training.of(label)
        if len(training):
            near = nearest_neighbours(net.synthetic.of(label), training)
            synthetic.append(near.distances[:, 0])
            near = nearest_neighbours(net.reference.of(label), training)
            real.append(near.distances[:, 0])
    return np.concatenate(synthetic), np.concatenate(real)


def _share_authentic(space: FeatureSpace, group: str, labels: Sequence[int]) -> Row:
    found, floors = [], []
    for net in space.networks:
        synthetic = _flag_authentic(net.synthetic, net.training, labels)
        if len(synthetic):
            found.append(share_influence(synthetic))
        real = _flag_authentic(net.reference, net.training, labels)
        if space.apart and len(real):
            floors.append(real.mean())
    value = average_influences(found) if found else None
    floor = float(np.mean(floors)) if floors else None
    counts = space.count(labels)
    return make_row(
        group, "authenticity", space.name, found=value, floor=floor, counts=counts
    )


def _flag_authentic(
    sample: LabelledFeatures, training: LabelledFeatures, labels: Sequence[int]
) -> NDArray[np.bool_]:
    """Return whether each image of these classes is no near copy of a real one."""
    known = {k: training.of(k) for k in labels}
    usable = [k for k in labels if len(known[k]) >= 2]
    flags = [find_authentic(sample.of(k), known[k]) for k in usable]
    return np.concatenate([np.empty(0, bool), *flags])

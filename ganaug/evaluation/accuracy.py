"""Accuracy of a classifier that was trained on synthetic images only."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import fit_classifier
from ganaug.data.images import LabelledImages
from ganaug.evaluation.samples import Samples
from ganaug.evaluation.table import OVERALL, Counts, Row, make_row
from ganaug.metrics.memorisation import share_influence

METRIC, FEATURES = "cas", "pixels"


def measure_accuracy(
    samples: Samples, *, seed: int = 0, device: str | torch.device = "cpu"
) -> list[Row]:
    """Train a classifier on synthetic images and test it on the reference.

    This is the classification accuracy score of Ravuri and Vinyals (2019), with the
    small classifier. For the floor, one is trained on equally many real images of each
    class. Classes without synthetic images are omitted; a single class gives no rows.

    Returns:
        Overall accuracy, then the accuracy on each class (recall). Intervals are over
        test images only; they do not contain the variation between trainings.
    """
    counts = samples.synthetic.counts
    if (counts > 0).sum() < 2:
        return []
    test = samples.reference.subset(
        np.flatnonzero(counts[samples.reference.labels] > 0)
    )
    if not len(test):
        return []
    real = samples.training.subset(samples.floor)
    hits, floors = (
        _find_hits(part, test, seed=seed, device=device)
        for part in (samples.synthetic, real)
    )
    rows = [_make_row(OVERALL, hits, floors, synthetic=len(samples.synthetic))]
    for label, name in enumerate(samples.training.classes):
        own = test.labels == label
        n = int(counts[label])
        rows.append(_make_row(name, hits[own], floors[own], synthetic=n))
    return rows


def _find_hits(
    training: LabelledImages,
    test: LabelledImages,
    *,
    seed: int,
    device: str | torch.device,
) -> NDArray[np.bool_]:
    classifier = fit_classifier(
        training.images,
        training.labels,
        len(training.classes),
        seed=seed,
        device=device,
    )
    found = classifier.predict_proba(test.images).argmax(axis=1)
    return np.asarray(found == test.labels)


def _make_row(
    name: str, hits: NDArray[np.bool_], floors: NDArray[np.bool_], *, synthetic: int
) -> Row:
    counts = Counts(synthetic, len(hits))
    if not len(hits):
        return make_row(name, METRIC, FEATURES, found=None, floor=None, counts=counts)
    found, floor = share_influence(hits), float(floors.mean())
    return make_row(name, METRIC, FEATURES, found=found, floor=floor, counts=counts)

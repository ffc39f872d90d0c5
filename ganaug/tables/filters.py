"""Filters of drawn rows: the class must be recognised, and no real row repeated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ganaug.blas import one_blas_thread
from ganaug.data.split import make_folds
from ganaug.metrics.copies import copy_threshold
from ganaug.metrics.neighbours import nearest_neighbours, nearest_others
from ganaug.tables.draws import Labels

Matrix = NDArray[np.float32]

FOLDS = 4
ROUNDS = 200  # of each classifier's descent
PATIENCE = 0.05  # share of real rows that may be less sure of their class than a drawn


@dataclass(frozen=True, eq=False)
class RowFilter:
    """What drawn rows are judged by, fitted on the real ones.

    Attributes:
        models: cross-fitted classifiers, none where a class has one row.
        least: (k,) probability of each class below which a drawn row of it is refused.
        real: (n, width) encoded real rows.
        scale: (n,) distance of each real row to the nearest other one of its class.
        ratio: distance to the nearest real row, over that row's scale, below which a
            drawn row counts as a copy.
        own: (n, k) probabilities of the real rows, out of fold.
        ratios: distances of real rows to the nearest other one, over that one's scale;
            without equal rows.
    """

    models: tuple[LogisticRegression, ...]
    least: NDArray[np.float64]
    real: Matrix
    scale: NDArray[np.float64]
    ratio: float
    own: NDArray[np.float64]
    ratios: NDArray[np.float64]

    def measure_labels(self, rows: Matrix, label: int) -> NDArray[np.float64]:
        """Return the probability (n,) of a class, the mean over the classifiers."""
        if not self.models or not len(rows):
            return np.ones(len(rows))
        return _judge(self.models, rows, len(self.least))[:, label]

    def measure_copies(self, rows: Matrix) -> NDArray[np.float64]:
        """Return the distance (n,) to the nearest real row, over that row's scale."""
        if not len(rows):
            return np.zeros(0)
        found = nearest_neighbours(rows, self.real)
        nearest = found.indices[:, 0]
        return np.asarray(found.distances[:, 0] / self.scale[nearest], np.float64)


@one_blas_thread()
def fit_filter(rows: Matrix, labels: Labels, *, seed: int = 0) -> RowFilter:
    """Fit the filters on encoded rows (n, width) of classes (n,).

    A class's least probability is that of all but the least sure 5 % of its real rows,
    each judged by the classifier that was fitted without it; and at most the chance of
    guessing, so that a hard class still gets rows. The ratio of copies is that below
    which 4 % of real rows lie to each other, see `copy_threshold`.

    Example:
        >>> rows = np.arange(16, dtype=np.float32)[:, None] ** 2
        >>> found = fit_filter(rows, np.repeat([0, 1], 8))
        >>> found.measure_copies(rows[:1]).item() < found.ratio
        True
    """
    classes = int(labels.max()) + 1
    models, own = _cross_fit(rows, labels, classes, seed)
    least = np.zeros(classes)
    for k in range(classes):
        sure = own[labels == k, k]
        least[k] = min(float(np.quantile(sure, PATIENCE)), 1 / classes)
    scale = _measure_scale(rows, labels)
    near = nearest_others(rows) if len(rows) > 1 else None
    ratios = (
        np.zeros(0) if near is None
        else near.distances[:, 0] / scale[near.indices[:, 0]]
    )  # fmt: skip
    apart = ratios[ratios > 0]  # equal real rows say nothing of copies
    return RowFilter(
        models, least, rows, scale, copy_threshold(apart), own=own, ratios=apart
    )


def _cross_fit(
    rows: Matrix, labels: Labels, classes: int, seed: int
) -> tuple[tuple[LogisticRegression, ...], NDArray[np.float64]]:
    """Return the classifiers, and the real rows' probabilities out of fold."""
    own = np.ones((len(rows), classes))
    fewest = int(np.bincount(labels, minlength=classes).min())
    if fewest < 2 or classes < 2 or not rows.shape[1]:
        return (), own
    folds = min(FOLDS, fewest)
    fold_of = make_folds(labels, None, folds=folds, seed=seed)
    models = []
    for fold in range(folds):
        train = fold_of != fold
        model = LogisticRegression(max_iter=ROUNDS, class_weight="balanced", C=0.1)
        models.append(model.fit(rows[train], labels[train]))
        own[~train] = _judge((model,), rows[~train], classes)
    return tuple(models), own


def _judge(
    models: tuple[LogisticRegression, ...], rows: Matrix, classes: int
) -> NDArray[np.float64]:
    total = np.zeros((len(rows), classes))
    for model in models:
        total[:, model.classes_] += model.predict_proba(rows)
    return total / len(models)


def _measure_scale(rows: Matrix, labels: Labels) -> NDArray[np.float64]:
    """Return the median distance between nearest rows of each row's class."""
    scale = np.zeros(len(rows))
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        if len(own) > 1:
            near = nearest_others(rows[own]).distances[:, 0]
            scale[own] = np.median(near[near > 0]) if (near > 0).any() else 0
    known = scale[scale > 0]
    return np.where(scale > 0, scale, np.median(known) if len(known) else 1.0)

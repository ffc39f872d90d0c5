"""Sources: classes that never look like those of another source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.looks.clusters import ALONE, HERE, Clusters, count_looks, fit_each
from ganaug.data.looks.linear import fit_linear
from ganaug.data.split import make_folds

MOST = 3  # clusters that are tried
FOLDS = 5
RIDGE = 1e-2  # of the classifier
TAKEN_FOR = 0.04  # share of two classes' images taken for the other that links them


def count_sources(
    looks: NDArray[np.float32],
    labels: NDArray[np.int64],
    fits: Sequence[Clusters] | None = None,
) -> int:
    """Count the sets of classes whose looks never mix, or 0 where there are none.

    Either every class has its images in one of two or three clusters of look; or a
    linear classifier of looks mixes classes up inside sets of two or more, but hardly
    between these sets.

    Args:
        looks: (n, f) what `measure_looks` returns.
        labels: (n,) class indices.
        fits: what `fit_each` returned, if it was called already.
    """
    for clusters in (fit_each(looks) if fits is None else fits)[: MOST - 1]:
        if follows_class(count_looks(labels, clusters.assign(looks))):
            return len(clusters.order)
    members = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(find_parts(_find_confusion(looks, members)))
    return len(sizes) if len(sizes) > 1 and sizes.min() > 1 else 0


def follows_class(counts: NDArray[np.int64]) -> bool:
    """Whether every class has all its images in one cluster; (k, n) counts.

    Example:
        >>> follows_class(np.array([[90, 0], [98, 2], [0, 50]]))
        True
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    alone = (shares.max(axis=1) >= ALONE).all()
    return bool(alone and (shares >= HERE).any(axis=0).all())


def find_parts(confusion: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the sets of classes that are mixed up, one way or through others.

    Args:
        confusion: (k, k) share of each class's images that is taken for each class.

    Example:
        >>> find_parts(np.array([[0.8, 0.2, 0], [0.1, 0.9, 0], [0, 0, 1]]))
        array([0, 0, 1])
    """
    linked = (confusion + confusion.T > TAKEN_FOR) | np.eye(len(confusion), dtype=bool)
    for _ in range(len(confusion)):
        linked = linked @ linked
    return np.unique(linked.argmax(axis=1), return_inverse=True)[1]


def _find_confusion(
    looks: NDArray[np.float32], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cross-fit a linear classifier, and count what it takes each class for."""
    k = int(labels.max()) + 1
    fold_of = make_folds(labels, folds=FOLDS)
    counts = np.zeros((k, k))
    for fold in np.unique(fold_of):
        fit, judge = fold_of != fold, fold_of == fold
        model = fit_linear(looks[fit], labels[fit], labels[fit], ridge=RIDGE)
        np.add.at(counts, (labels[judge], model.predict(looks[judge])), 1)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))

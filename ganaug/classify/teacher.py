"""Teacher: classifiers of one task, each trained without a part of the images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.classify.parallel import map_parallel
from ganaug.data.split import make_folds
from ganaug.errors import DataError


@dataclass(frozen=True, eq=False)
class Teacher:
    """Cross-fitted classifiers, as `fit_teacher` trains them.

    Attributes:
        classifiers: one per fold.
        fold_of: (n,) number of the classifier that was trained without each image.
        probabilities: (n, k) class probabilities of the training images, out of fold.
        labels: (n,) labels of the training images.
    """

    classifiers: tuple[Classifier, ...]
    fold_of: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share (k,) of each class that is recognised out of fold; NaN if empty."""
        hits = self.probabilities.argmax(axis=1) == self.labels
        k = self.probabilities.shape[1]
        counts = np.bincount(self.labels, minlength=k)
        found = np.bincount(self.labels, weights=hits, minlength=k)
        with np.errstate(invalid="ignore"):
            return np.asarray(found / counts)

    def features(self, images: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return each classifier's features (n, d), spaces that must not be pooled."""
        return [classifier.features(images) for classifier in self.classifiers]

    def judge(self, features: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return class probabilities (n, k), the mean over the classifiers."""
        each = [
            classifier.judge(own)
            for classifier, own in zip(self.classifiers, features, strict=True)
        ]
        return np.asarray(np.mean(each, axis=0), np.float32)


def fit_teacher(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    groups: NDArray[np.int64] | None = None,
    *,
    folds: int = 3,
    steps: int | None = None,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
) -> Teacher:
    """Train a classifier per fold, each on the other folds.

    Args:
        images: (n, h, w, c) uint8.
        labels: (n,) indices below `n_classes`.
        n_classes: number of classes.
        groups: (n,) group indices, or None; images of one group share a fold.
        folds: number of classifiers.
        steps: training steps of each; None means the default of `fit_classifier`.
        hflip, vflip: whether mirroring keeps labels.
        seed: seed of folds and training.

    Raises:
        DataError: there is only one group or image, so that nothing is left to train.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> teacher = fit_teacher(x, y, 2, folds=2, steps=2)
        >>> teacher.judge(teacher.features(x)).shape
        (8, 2)
    """
    probabilities = np.zeros((len(images), n_classes), np.float32)
    fold_of = make_folds(labels, groups, folds=folds, seed=seed)
    number = np.zeros(len(images), np.int64)
    folds_of = list(iterate_folds(fold_of))

    def fit(train: NDArray[np.int64]) -> Classifier:
        return fit_classifier(
            images[train],
            labels[train],
            n_classes,
            steps=steps,
            policy="light",
            hflip=hflip,
            vflip=vflip,
            seed=seed,
        )

    classifiers = map_parallel(fit, [train for train, _ in folds_of])
    for k, (_, held) in enumerate(folds_of):
        probabilities[held] = classifiers[k].predict_proba(images[held])
        number[held] = k
    return Teacher(tuple(classifiers), number, probabilities, labels)


def iterate_folds(
    fold_of: NDArray[np.int64],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (training, held-out) indices for each fold that has images.

    Raises:
        DataError: all images are in one fold.

    Example:
        >>> [held.tolist() for _, held in iterate_folds(np.array([0, 2, 0]))]
        [[0, 2], [1]]
    """
    present = np.unique(fold_of)
    if len(present) < 2:
        raise DataError("cross-fitting needs images of at least two groups; add some")
    for fold in present:
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)

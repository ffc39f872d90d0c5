"""cross_fit: each image is judged by a classifier that has not seen its group."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import fit_classifier
from ganaug.data.split import make_folds
from ganaug.errors import DataError


def cross_fit(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    n_classes: int,
    groups: NDArray[np.int64] | None = None,
    *,
    folds: int = 5,
    steps: int | None = None,
    hflip: bool = False,
    vflip: bool = False,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> NDArray[np.float32]:
    """Out-of-fold class probabilities.

    Args:
        images: (n, h, w, c) uint8.
        labels: (n,) indices below `n_classes`.
        n_classes: classes to tell apart.
        groups: (n,) or None; images of one group share a fold.
        folds: classifiers to train.
        steps: of each; None means as many as `fit_classifier` takes.
        hflip: whether to train with left-right mirroring.
        vflip: whether to train with up-down mirroring.
        seed: of folds and training.
        device: where to train.

    Returns:
        (n, n_classes) float32; each row by a classifier trained on the other folds.

    Raises:
        DataError: there is only one group or image, so that nothing is left to train.

    Example:
        >>> x, y = np.zeros((8, 8, 8, 1), np.uint8), np.repeat([0, 1], 4)
        >>> cross_fit(x, y, 2, folds=2, steps=2).shape
        (8, 2)
    """
    probabilities = np.zeros((len(images), n_classes), np.float32)
    fold_of = make_folds(labels, groups, folds=folds, seed=seed)
    for train, held in iterate_folds(fold_of):
        classifier = fit_classifier(
            images[train],
            labels[train],
            n_classes,
            steps=steps,
            hflip=hflip,
            vflip=vflip,
            seed=seed,
            device=device,
        )
        probabilities[held] = classifier.predict_proba(images[held])
    return probabilities


def iterate_folds(
    fold_of: NDArray[np.int64],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(training, held-out) indices for each fold that has images.

    Raises:
        DataError: all images are in one fold.

    Example:
        >>> [held.tolist() for _, held in iterate_folds(np.array([0, 2, 0]))]
        [[0, 2], [1]]
    """
    present = np.unique(fold_of)
    if len(present) < 2:
        raise DataError("cross-fitting needs two images, of two groups, or more")
    for fold in present:
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)

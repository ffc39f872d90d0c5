"""Feature spaces: one network each, or several that each lack some images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.fit import fit_classifier
from ganaug.classify.parallel import map_parallel
from ganaug.classify.pretrained import load_extractor
from ganaug.classify.random_net import random_features
from ganaug.classify.teacher import iterate_folds
from ganaug.data.images import LabelledImages
from ganaug.data.split import make_folds

SMALLEST_CLASS = 30  # images that each class needs for classifiers to be trained
FOLDS = 2  # few, so that each network has enough unseen images to compare

Extract = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Net(NamedTuple):
    """One network of a feature space.

    Attributes:
        extract: (n, h, w, c) uint8 → (n, d) float32.
        unseen: (n,) bool, whether the network was trained without each image.
    """

    extract: Extract
    unseen: NDArray[np.bool_]


Spaces = dict[str, tuple[Net, ...]]


def make_spaces(
    images: LabelledImages,
    *,
    features: str | None = None,
    weights: Path | str | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> Spaces:
    """Make the feature spaces in which images like these are compared, by name.

    `random` is always there: a random convolutional network. `classifier` joins it
    where every class has 30 images and there are two classes: two classifiers, each
    trained on half of the images, whole groups together. Distances are taken inside
    one network and averaged over networks; features of two are never put together.

    Args:
        images: images that may be trained on.
        features: name of a torchvision or timm model for a further space, see
            `load_extractor`.
        weights: weight file of that model.
        seed: seed of training.
        device: device to train and compute on.

    Raises:
        MissingExtraError: the model or its weights are missing.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 1]), ("a", "b")
        ... )
        >>> list(make_spaces(data))
        ['random']
    """
    unseen = np.ones(len(images), bool)
    spaces: Spaces = {"random": (Net(random_features, unseen),)}
    if features is not None:
        extract = load_extractor(features, weights, device=device)
        spaces[features] = (Net(extract, unseen),)
    if len(images.classes) >= 2 and images.counts.min() >= SMALLEST_CLASS:
        nets = _fit_nets(images, seed, device)
        if nets:
            spaces["classifier"] = nets
    return spaces


def _fit_nets(
    images: LabelledImages, seed: int, device: str | torch.device
) -> tuple[Net, ...]:
    """Train a classifier for each fold; none if one group has all images."""
    fold_of = make_folds(images.labels, images.groups, folds=FOLDS, seed=seed)
    if len(np.unique(fold_of)) < FOLDS:
        return ()
    parts = [seen for seen, _ in iterate_folds(fold_of)]

    def fit(seen: NDArray[np.int64]) -> Net:
        classifier = fit_classifier(
            images.images[seen],
            images.labels[seen],
            len(images.classes),
            seed=seed,
            device=device,
        )
        unseen = np.ones(len(images), bool)
        unseen[seen] = False
        return Net(classifier.features, unseen)

    return tuple(map_parallel(fit, parts))

"""The inputs of a gain: checked images, a test set or folds, one size."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.readers.reading import match_channels
from ganaug.data.recorded.reading import load_like
from ganaug.data.resize import resize_images
from ganaug.gain.splitting.folds import count_folds, make_folds_splits
from ganaug.gain.splitting.leaks import check_folds, check_test_set
from ganaug.gain.splitting.resampling import make_resampled_splits
from ganaug.gain.splitting.splits import Splits

MOST_FOLDS = 5  # further splits repeat these with newly drawn folds


def check_data(
    images: LabelledImages, test: Any, *, allow_leak: bool
) -> tuple[LabelledImages, LabelledImages | None, list[str]]:
    """Return images with their groups, the test set or None, and notes."""
    if test is None:
        images, found = check_folds(images, allow_leak=allow_leak)
        return images, None, [*images.notes, *found]
    tests, found = _load_test(images, test, allow_leak=allow_leak)
    return images, tests, [*images.notes, *found]


def _load_test(
    images: LabelledImages, test: Any, *, allow_leak: bool
) -> tuple[LabelledImages, list[str]]:
    """Load the test set, with labels numbered like those of the training images."""
    tests = load_like(test, images, size=images.size)
    if tests.channels < images.channels:  # grey test images beside colour ones
        pixels = [match_channels(image, images.channels) for image in tests.images]
        tests = replace(
            tests, images=np.array(pixels).reshape(-1, *images.images.shape[1:])
        )
    notes = check_test_set(images, tests, allow_leak=allow_leak)
    number = {name: k for k, name in enumerate(images.classes)}
    labels = np.array([number[tests.classes[k]] for k in tests.labels], np.int64)
    tests = match_domains(tests, images)
    return replace(tests, labels=labels, classes=images.classes), notes


def match_domains(test: LabelledImages, data: LabelledImages) -> LabelledImages:
    """Number a test set's domains like the data's; those that these lack are unknown.

    Example:
        >>> x, y = np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1])
        >>> data = LabelledImages(
        ...     x, y, ("a", "b"), domains=y, domain_names=("lamp", "sun")
        ... )
        >>> test = LabelledImages(
        ...     x, y, ("a", "b"), domains=y, domain_names=("sun", "dusk")
        ... )
        >>> match_domains(test, data).domains.tolist()
        [1, -1]
    """
    if test.domains is None:
        return test
    number = {name: k for k, name in enumerate(data.domain_names)}
    numbers = [number.get(name, -1) for name in test.domain_names]
    domains = np.array([*numbers, -1], np.int64)[test.domains]
    return replace(test, domains=domains, domain_names=data.domain_names)


def split_set(images: LabelledImages, n: int, *, given: bool, seed: int) -> Splits:
    """Return n splits: training parts for a given test set, or repeated folds.

    There are at most five folds; with more, training parts would overlap more.
    """
    if given:
        return make_resampled_splits(
            images.labels, images.groups, n=n, seed=seed, classes=images.classes
        )
    repeats = 1
    if n > MOST_FOLDS:
        allowed = count_folds(images.labels, images.groups)
        repeats = math.ceil(n / min(MOST_FOLDS, allowed))
    made = make_folds_splits(
        images.labels,
        images.groups,
        folds=min(n, MOST_FOLDS),
        repeats=repeats,
        seed=seed,
        classes=images.classes,
    )
    return replace(made, splits=made.splits[:n])


def to_grid(images: LabelledImages, grid: tuple[int, int]) -> LabelledImages:
    """Return images with (height, width) `grid`, resized where they have another."""
    if images.size == grid:
        return images
    return replace(images, images=resize_images(images.images, grid))

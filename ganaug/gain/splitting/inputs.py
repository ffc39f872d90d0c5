"""The inputs of a gain: checked images, a test set or folds, one size."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.readers.reading import match_channels
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
    tests = load_images(test, size=images.size, intensity_range=images.intensity_range)
    if tests.channels < images.channels:  # grey test images beside colour ones
        pixels = [match_channels(image, images.channels) for image in tests.images]
        tests = replace(
            tests, images=np.array(pixels).reshape(-1, *images.images.shape[1:])
        )
    notes = check_test_set(images, tests, allow_leak=allow_leak)
    number = {name: k for k, name in enumerate(images.classes)}
    labels = np.array([number[tests.classes[k]] for k in tests.labels], np.int64)
    return replace(tests, labels=labels, classes=images.classes), notes


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

"""Versions: the corrupted versions of a split's test images, and answers to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.shifts.corruptions import SEVERITIES, corrupt, list_corruptions

MOST_TESTED = 1000  # test images that are corrupted

Images = NDArray[np.uint8]  # (n, h, w, c)
Indices = NDArray[np.int64]


class Version(NamedTuple):
    """One way to corrupt all test images."""

    corruption: str
    severity: int


@dataclass(frozen=True, eq=False)
class ShiftedTest:
    """Test images in all their corrupted versions, each made when it is asked for.

    Attributes:
        images: (m, h, w, c) images before they are corrupted.
        rows: (m,) which test images they are.
        seed: seed of the corruptions.
    """

    images: Images
    rows: Indices
    seed: int = 0

    @property
    def versions(self) -> tuple[Version, ...]:
        return list_versions(self.images.shape[3])

    def __iter__(self) -> Iterator[Images]:
        for name, severity in self.versions:
            yield corrupt(self.images, name, severity, seed=self.seed)


@dataclass(frozen=True, eq=False)
class ShiftedAnswers:
    """What the networks of one split say to corrupted test images.

    Attributes:
        versions: versions of the images.
        rows: (m,) which test images were corrupted.
        answers: arm → (networks, versions, m) class that a network says, −1 for one
            whose fit failed.
    """

    versions: tuple[Version, ...]
    rows: Indices
    answers: dict[str, NDArray[np.int16]]


def list_versions(channels: int) -> tuple[Version, ...]:
    """List the versions of images with so many channels.

    Example:
        >>> len(list_versions(1)), len(list_versions(3)), list_versions(3)[0]
        (25, 30, Version(corruption='noise', severity=1))
    """
    return tuple(
        Version(name, severity)
        for name in list_corruptions(channels)
        for severity in range(1, SEVERITIES + 1)
    )


def make_shifted_test(images: Images, labels: Indices, *, seed: int) -> ShiftedTest:
    """Return test images to corrupt: all, or 1,000 in the classes' own shares."""
    rows = choose_tested(labels, MOST_TESTED, seed=seed)
    return ShiftedTest(images[rows], rows, seed)


def choose_tested(labels: Indices, most: int, *, seed: int) -> Indices:
    """Return rows of that many images, or all; each class keeps its share.

    Example:
        >>> labels = np.repeat([0, 1], [90, 10])
        >>> np.bincount(labels[choose_tested(labels, 20, seed=0)]).tolist()
        [18, 2]
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    places = np.empty(len(labels), np.float64)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        places[own] = (np.arange(len(own)) + 0.5) / len(own)
    return np.sort(np.argsort(places, kind="stable")[:most])


def to_answers(probabilities: NDArray[np.floating]) -> NDArray[np.int16]:
    """Return the class (n,) that (n, k) probabilities say; −1 for those of no fit.

    Example:
        >>> to_answers(np.array([[0.2, 0.8], [np.nan, np.nan]])).tolist()
        [1, -1]
    """
    fine = np.isfinite(probabilities).all(axis=1)
    return np.where(fine, probabilities.argmax(axis=1), -1).astype(np.int16)

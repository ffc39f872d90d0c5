"""CopyCheck: whether a snapshot draws more copies of training images than it may."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ganaug.data.duplicates import mark_strangers
from ganaug.metrics.copies import CopySearch
from ganaug.metrics.copy_share import compare_copies
from ganaug.metrics.thinning import thin

MOST_PER_CLASS = 500  # training images, and held-out ones, of a class that are compared
FALSE_REFUSALS = 0.01  # chance of refusing a generator that copies nothing

Images = NDArray[np.uint8]  # (n, h, w, c)
Labels = NDArray[np.int64]  # (n,)


class CopyCheck:
    """Compares drawn images with training images, in the same way as held-out ones.

    Args:
        seen, seen_labels: training images at the GAN's grid, and their classes.
        held, held_labels: held-out images and their classes.
        hflip, vflip: whether mirrored copies count.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> real = rng.integers(0, 256, (60, 8, 8, 1), np.uint8)
        >>> labels = np.zeros(60, np.int64)
        >>> check = CopyCheck(real[:30], labels[:30], real[30:], labels[30:])
        >>> check.is_clean(real[:30], labels[:30])
        False
    """

    def __init__(
        self,
        seen: Images,
        seen_labels: Labels,
        held: Images,
        held_labels: Labels,
        *,
        hflip: bool = False,
        vflip: bool = False,
    ) -> None:
        self.seen = _take_some(seen, seen_labels)
        self.held = _take_some(held, held_labels)
        self.hflip, self.vflip = hflip, vflip

    def is_clean(self, images: Images, labels: Labels) -> bool:
        """Whether images contain no more copies than held-out images do by chance.

        Images of classes without held-out images are omitted: there is nothing to
        compare them with.
        """
        search, held = self._prepared
        known = np.isin(labels, self.held[1])
        if not known.any():
            return True
        drawn = _finite(search.score(images[known], labels[known]).ratio)
        if not len(drawn) or not len(held):
            return True
        return compare_copies(drawn, held).p >= FALSE_REFUSALS

    @cached_property
    def _prepared(self) -> tuple[CopySearch, NDArray[np.float32]]:
        """The search among training images, and the ratios of held-out images."""
        search = CopySearch(*self.seen, hflip=self.hflip, vflip=self.vflip)
        fresh = mark_strangers(self.held[0], self.seen[0])
        images, labels = self.held
        return search, _finite(search.score(images[fresh], labels[fresh]).ratio)


def _take_some(images: Images, labels: Labels) -> tuple[Images, Labels]:
    """Keep at most MOST_PER_CLASS images of each class."""
    keep = [
        thin(np.flatnonzero(labels == k), MOST_PER_CLASS) for k in np.unique(labels)
    ]
    rows = np.concatenate([np.empty(0, np.int64), *keep])
    return images[rows], labels[rows]


def _finite(ratios: NDArray[np.float32]) -> NDArray[np.float32]:
    """Omit the ratios of classes that have no training image."""
    return ratios[np.isfinite(ratios)]

"""Resampling: training parts drawn from a set that has a separate test set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ganaug.data.split import hold_out
from ganaug.errors import DataError
from ganaug.gain.splitting.splits import Indices, Splits, measure_overlap
from ganaug.gain.splitting.training_parts import (
    check_classes,
    derive_seed,
    make_split,
    note_whole,
)

SMALL_CLASS = 5  # classes with fewer images are whole in every training part


def make_resampled_splits(
    labels: Indices,
    groups: Indices | None = None,
    *,
    n: int,
    share: float = 0.8,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Splits:
    """Draw training parts from a set that has a separate test set.

    Classes with fewer than five images are whole in every training part.

    Args:
        labels: (n,) class indices.
        groups: (n,) groups or None; all images of a group are drawn together.
        n: number of splits.
        share: share of each class in a training part, in (0, 1).
        seed: seed for the parts.
        classes: names of the classes, for the notes.

    Raises:
        DataError: there is one class, or too few images to leave any out.

    Example:
        >>> found = make_resampled_splits(np.repeat([0, 1], [10, 4]), n=2)
        >>> len(found.splits[0].train), found.splits[0].test
        (12, None)
        >>> found.notes
        ('class 1 has 4 images: in every training part, left out of none',)
    """
    assert 0 < share < 1
    assert n >= 1
    check_classes(labels)
    smallest = min(SMALL_CLASS, int(np.bincount(labels).max()))
    splits, whole = [], np.unique(labels)
    for k in range(n):
        split_seed = derive_seed(seed, k)
        train, out = hold_out(
            labels, groups, fraction=1 - share, smallest=smallest, seed=split_seed
        )
        if not len(out):
            raise DataError(
                "too few images or groups to draw different training parts from; "
                "add images, or train once on all of them"
            )
        whole = np.setdiff1d(whole, labels[out])
        splits.append(make_split(labels, groups, train, seed=split_seed))
    notes = [note_whole(k, labels, groups, classes, "left out of none") for k in whole]
    return Splits(tuple(splits), measure_overlap(splits, len(labels)), tuple(notes))

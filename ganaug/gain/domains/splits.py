"""Splits where domains are known: hidden cells choose, and test if no set is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import count_cells
from ganaug.data.images import LabelledImages
from ganaug.data.split import hold_out
from ganaug.errors import DataError
from ganaug.gain.domains.hiding import Hiding, count_left, hide_rows, list_hidings
from ganaug.gain.protocol.selection import Fold
from ganaug.gain.splitting.resampling import SMALL_CLASS
from ganaug.gain.splitting.splits import Split, Splits, measure_overlap
from ganaug.gain.splitting.training_parts import derive_seed, make_split

Indices = NDArray[np.int64]
SHARE = 0.8  # of each cell in a training part, where a test set is given
MOST_FOLDS = 2  # hidden cells that choose in one split
CURE = (
    "photograph two classes in both of two domains, 8 images or more each, or give "
    "--test with images of the cells that lack"
)


def make_domain_splits(
    data: LabelledImages, n: int, *, given: bool, seed: int = 0
) -> Splits:
    """Draw splits whose validation parts are hidden cells.

    With a given test set, each split trains on four fifths of each cell. Otherwise
    each split hides the cells of another class once more, and tests on these.

    Args:
        data: images with domains.
        n: number of splits; fewer are returned where fewer cells can be hidden.
        given: whether a test set is given.
        seed: seed of the splits.

    Raises:
        DataError: no cell can be hidden, and no test set is given.
    """
    if given:
        splits = [_draw_part(data, derive_seed(seed, k)) for k in range(n)]
        return Splits(tuple(splits), measure_overlap(splits, len(data)))
    counts = count_cells(data)
    hidings = list_hidings(counts, seed=seed)
    if not hidings:
        raise DataError(f"no cell can be hidden to see whether filling helps; {CURE}")
    splits = [
        _hide(data, hiding, derive_seed(seed, k))
        for k, hiding in enumerate(hidings[:n])
    ]
    notes = _note_few(len(splits), n)
    return Splits(tuple(splits), _bound_overlap(splits, len(data)), tuple(notes))


def list_folds(
    train: LabelledImages, *, seed: int, most: int = MOST_FOLDS
) -> list[Fold]:
    """List the folds that choose recipes in a training part: hidden cells.

    Where none can be hidden, a fifth of each cell judges.

    Args:
        train: a training part with domains.
        seed: seed of the folds.
        most: number of folds, at most.
    """
    counts = count_cells(train)
    hidings = list_hidings(counts, seed=seed)[:most]
    left = count_left(counts)
    if hidings:
        return [
            hide_rows(train, hiding, left=left, seed=derive_seed(seed, k))
            for k, hiding in enumerate(hidings)
        ]
    split = make_split(
        number_cells(train), train.groups, np.arange(len(train)), seed=seed
    )
    return [Fold(split.fit, split.validation)]


def number_cells(data: LabelledImages) -> Indices:
    """Number the cell (n,) of each image; unknown domains are a domain of their own.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 1, -1]), domain_names=("lamp", "sun"),
        ... )
        >>> number_cells(data).tolist()
        [1, 2, 3]
    """
    assert data.domains is not None, "cells are numbered where domains are known"
    return data.labels * (len(data.domain_names) + 1) + data.domains + 1


def _draw_part(data: LabelledImages, seed: int) -> Split:
    """Draw four fifths of each cell; small cells are whole."""
    train, _ = hold_out(
        number_cells(data), data.groups, fraction=1 - SHARE, smallest=SMALL_CLASS,
        seed=seed,
    )  # fmt: skip
    return choose_within(data, train)


def _hide(data: LabelledImages, hiding: Hiding, seed: int) -> Split:
    left = count_left(count_cells(data))
    fold = hide_rows(data, hiding, left=left, seed=seed)
    return choose_within(data, fold.fit, fold.judge)


def choose_within(
    data: LabelledImages, train: Indices, test: Indices | None = None
) -> Split:
    """Divide a training part: what is fitted without the first hidden cells.

    The rest is the validation part: the hidden cells, and images of their groups.
    """
    fold = list_folds(data.subset(train), seed=seed_part(train), most=1)[0]
    rest = np.setdiff1d(np.arange(len(train)), fold.fit)
    return Split(train[fold.fit], train[rest], test)


def seed_part(rows: Indices) -> int:
    """Return the seed by which a training part hides cells; it depends on its rows."""
    return derive_seed(int(rows.sum()), len(rows))


def _bound_overlap(splits: Sequence[Split], n: int) -> float:
    """Return the overlap to assume: splits share nearly all images that they train on.

    Few images are hidden, so the images left out of a training part would promise too
    much. At least 1/J is taken, which doubles the variance.
    """
    return max(measure_overlap(splits, n), 1 / len(splits))


def _note_few(made: int, asked: int) -> list[str]:
    if made >= asked:
        return []
    return [f"{made} splits instead of {asked}: no further cells can be hidden"]

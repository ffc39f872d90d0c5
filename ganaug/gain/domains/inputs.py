"""Inputs: whether a gain is measured cell by cell, and on which images."""

from __future__ import annotations

from ganaug.data.cells import SEEN, check_fillable, count_cells
from ganaug.data.images import LabelledImages
from ganaug.errors import DataError


def has_fillable_cells(data: LabelledImages) -> bool:
    """Whether cells lack, and other images show how they could be filled.

    Example:
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]), ("a", "b")
        ... )
        >>> has_fillable_cells(data)
        False
    """
    counts = count_cells(data)
    shown = counts[:, counts.sum(axis=0) > 0]
    if not shown.size or (shown >= SEEN).all():
        return False
    try:
        check_fillable(data)
    except DataError:
        return False
    return True


def shows_lacking(test: LabelledImages | None, data: LabelledImages) -> bool:
    """Whether a test set shows a cell that is thin or empty in the data."""
    if test is None or test.domains is None:
        return False
    lacking = (count_cells(data) < SEEN) & (count_cells(test) > 0)
    return bool(lacking.any())


def describe_inputs(
    test: LabelledImages | None, data: LabelledImages
) -> tuple[str, ...]:
    """Say that hidden cells are tested, and why."""
    why = "no test images show a cell that lacks"
    if shows_lacking(test, data):
        why = "as was asked"
    elif test is None:
        why = "no test set is given"
    elif test.domains is None:
        why = "the test images have no domains"
    return (
        f"{why}: cells that are there are hidden in turn, filled, and tested on their "
        "real images",
    )

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
    return _lacks_cells(data) and _find_obstacle(data) is None


def describe_unfillable(data: LabelledImages) -> tuple[str, ...]:
    """Say why cells are not judged, and what would do; nothing where none lacks.

    Example:
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1]), ("a", "b"),
        ...     domains=np.array([0, 1]), domain_names=("lamp", "sun"),
        ... )
        >>> describe_unfillable(data)[0][:69]
        'domains are ignored, no cell can be filled or judged: domain and clas'
    """
    obstacle = _find_obstacle(data) if _lacks_cells(data) else None
    if obstacle is None:
        return ()
    return (f"domains are ignored, no cell can be filled or judged: {obstacle}",)


def _lacks_cells(data: LabelledImages) -> bool:
    """Whether several domains are known, and a cell is thin or empty."""
    counts = count_cells(data)
    shown = counts[:, counts.sum(axis=0) > 0]
    return shown.shape[1] > 1 and bool((shown < SEEN).any())


def _find_obstacle(data: LabelledImages) -> DataError | None:
    try:
        check_fillable(data)
    except DataError as error:
        return error
    return None


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

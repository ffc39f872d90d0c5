"""Cells: a class in a domain, with as many images as it has there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.errors import DataError

SEEN = 8  # images from which a cell is seen; it is thin below, and empty at 0
WORDS = ("empty", "thin", "seen")


@dataclass(frozen=True)
class CellTable:
    """How many images each class has in each domain.

    Attributes:
        classes: names in label order.
        domains: names of the domains.
        counts: for each class, the number of images in each domain.
        unknown: for each class, the number of images whose domain is not known.

    Example:
        >>> table = CellTable(("a", "b"), ("lamp", "sun"), ((9, 0), (3, 8)), (0, 0))
        >>> table.words
        (('seen', 'empty'), ('thin', 'seen'))
    """

    classes: tuple[str, ...]
    domains: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    unknown: tuple[int, ...]

    @property
    def array(self) -> NDArray[np.int64]:
        """Counts as (k, d) int64."""
        return np.array(self.counts, np.int64).reshape(len(self.classes), -1)

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """For each class, whether its cells are seen, thin or empty."""
        return tuple(tuple(map(name_cell, row)) for row in self.counts)


def count_cells(data: LabelledImages) -> NDArray[np.int64]:
    """Count the images of each class in each domain.

    Returns:
        (k, d) int64; images of unknown domain are in no cell. Without domains, (k, 0).

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 1, 1]), domain_names=("lamp", "sun"),
        ... )
        >>> count_cells(data).tolist()
        [[1, 1], [0, 1]]
    """
    counts = np.zeros((len(data.classes), len(data.domain_names)), np.int64)
    if data.domains is not None:
        known = data.domains >= 0
        np.add.at(counts, (data.labels[known], data.domains[known]), 1)
    return counts


def tabulate_cells(data: LabelledImages) -> CellTable | None:
    """Make the table of cells; None where no domain is known."""
    if data.domains is None:
        return None
    counts = count_cells(data)
    unknown = data.counts - counts.sum(axis=1)
    rows = tuple(tuple(row) for row in counts.tolist())
    return CellTable(data.classes, data.domain_names, rows, tuple(unknown.tolist()))


def name_cell(n: int) -> str:
    """Say whether a cell of n images is seen, thin or empty.

    Example:
        >>> [name_cell(n) for n in (0, 7, 8)]
        ['empty', 'thin', 'seen']
    """
    return WORDS[(n > 0) + (n >= SEEN)]


def check_fillable(data: LabelledImages) -> None:
    """Refuse to fill cells where nothing shows how to carry an image over.

    Raises:
        DataError: no domain or one domain is known, domain and class are the same
            partition, or no class was seen in two domains; it says what would help.
    """
    counts = count_cells(data)
    shown = counts.sum(axis=0) > 0
    names = [data.domain_names[d] for d in np.flatnonzero(shown)]
    counts = counts[:, shown]
    if len(names) < 2:
        raise DataError(_say_too_few(names))
    if not ((counts >= SEEN).sum(axis=1) >= 2).any():
        raise DataError(_say_apart(counts, names))


def is_same_partition(counts: NDArray[np.int64]) -> bool:
    """Whether each class has one domain, and each domain one class; (k, d) counts.

    Example:
        >>> is_same_partition(np.array([[9, 0], [0, 5]]))
        True
    """
    present = counts > 0
    alone = (present.sum(axis=1) == 1).all() and (present.sum(axis=0) == 1).all()
    return bool(alone) and len(counts) > 1


def _say_too_few(names: list[str]) -> str:
    if names:
        return (
            f"all images are of one domain, {names[0]}, so there is no cell to fill; "
            "name the domains of your images, or draw without --fill"
        )
    return (
        "no domain of any image is known; name them in a CSV column domain, with "
        "--domain-regex, --domains-inside or --domain-from"
    )


def _say_apart(counts: NDArray[np.int64], names: list[str]) -> str:
    some = " and ".join(names[:2]) if len(names) == 2 else "two of the domains"
    cure = (
        "nothing shows which part of an image is the domain, and no generator can "
        f"learn it; two classes in both {some} would do, with {SEEN} images or more in "
        "each"
    )
    if is_same_partition(counts):
        return f"domain and class are the same partition: {cure}"
    return f"no class was seen in two domains: {cure}"

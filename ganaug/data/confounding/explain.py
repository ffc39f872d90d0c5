"""What is wrong with a table of cells, and what helps, in sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN, CellTable, is_same_partition
from ganaug.data.confounding.worth import Worth
from ganaug.display.words import count

NAMED = 3  # names in a sentence; more are counted


def explain_cells(table: CellTable) -> str | None:
    """Say in one sentence what is wrong with a table; None where all cells are seen.

    Example:
        >>> counts = ((40, 0), (9, 9))
        >>> explain_cells(CellTable(("boot", "hat"), ("dark", "sun"), counts, (0, 0)))
        'all 40 images of boot come from dark: a classifier can take dark for boot'
    """
    counts, names = _shown(table)
    if len(names) < 2:
        return None
    if counts.max() < SEEN:
        return _say_scattered(counts)
    present = counts > 0
    if not (present.sum(axis=1) > 1).any():
        return _say_sources(counts)
    alone = np.flatnonzero((present.sum(axis=1) == 1) & (counts.sum(axis=1) >= 2))
    if len(alone):
        return _say_alone(table, counts, names, alone)
    single = np.flatnonzero((present.sum(axis=0) == 1) & (counts.sum(axis=0) >= 2))
    if len(single):
        return _say_single(table, counts, names, single)
    if not present.all():
        return _say_missing(table, counts, names)
    thin = counts < SEEN
    if thin.any():
        k, d = np.argwhere(thin)[np.argmin(counts[thin])]
        few = count(int(counts[k, d]), "image")
        return (
            f"{table.classes[k]} has only {few} of {names[d]}{_say_rest(thin)}: a "
            f"classifier learns little of it there"
        )
    return None


def explain_fill(table: CellTable) -> str:
    """Say what `ganaug synth DATA --fill` would do, or why it cannot.

    Example:
        >>> counts = ((40, 0), (9, 9))
        >>> table = CellTable(("boot", "hat"), ("dark", "sun"), counts, (0, 0))
        >>> explain_fill(table)  # doctest: +ELLIPSIS
        '--fill draws images for all 4 cells, 1 of them empty and 0 thin, from ...'
    """
    counts, names = _shown(table)
    if len(names) < 2:
        return "--fill has nothing to do: there is one domain"
    if not ((counts >= SEEN).sum(axis=1) >= 2).any():
        return (
            "--fill cannot work: no class was seen in two domains, so no image shows "
            f"what a domain changes; {_say_cure(names)}"
        )
    empty = int((counts == 0).sum())
    thin = int(((counts > 0) & (counts < SEEN)).sum())
    if not empty + thin:
        return "--fill has nothing to do: every cell is seen"
    return (
        f"--fill draws images for all {counts.size} cells, {empty} of them empty and "
        f"{thin} thin, from images of the same class in other domains; `ganaug gain` "
        "measures what that brings"
    )


def list_wanted(table: CellTable, worth: Worth | None) -> str | None:
    """Say which images would help most, and what two of a cell were worth elsewhere.

    Where no class was seen in two domains there is nothing to measure it by, and
    `explain_cells` says what helps.
    """
    cells = rank_wanted(table, worth)
    if not cells or worth is None:
        return None
    listed = ", ".join(f"{name} in {domain}" for name, domain, _ in cells[:NAMED])
    more = f" and {len(cells) - NAMED} more cells" if len(cells) > NAMED else ""
    before, after = (round(100 * share) for share in (worth.none, worth.few))
    return (
        f"photograph {listed}{more}: two images were worth {after - before:+} points "
        f"where such a cell was left out (from {before} to {after} %, with a linear "
        "classifier of thumbnails)"
    )


def rank_wanted(
    table: CellTable, worth: Worth | None
) -> list[tuple[str, str, float | None]]:
    """List empty cells, those first in whose domain two images added most.

    Returns:
        (class, domain, share that two images added in that domain, or None).
    """
    gains = np.full(len(table.domains), np.nan)
    if worth is not None:
        gains[: len(worth.by_domain)] = worth.by_domain
    shown = table.array.sum(axis=0) > 0
    empty = [(k, d) for k, d in np.argwhere(table.array == 0) if shown[d]]
    empty.sort(key=lambda cell: -np.nan_to_num(gains[cell[1]], nan=-1.0))
    return [
        (table.classes[k], table.domains[d], None if np.isnan(gains[d]) else gains[d])
        for k, d in empty
    ]


def _shown(table: CellTable) -> tuple[NDArray[np.int64], list[str]]:
    """Return the counts and names of the domains that have images."""
    counts = table.array
    shown = np.flatnonzero(counts.sum(axis=0) > 0)
    return counts[:, shown], [table.domains[d] for d in shown]


def _say_scattered(counts: NDArray[np.int64]) -> str:
    domains = count(counts.shape[1], "domain")
    return (
        f"no class has {SEEN} images of one domain ({domains} for "
        f"{count(int(counts.sum()), 'image')}): join domains that look alike, such as "
        "the days of one camera"
    )


def _say_sources(counts: NDArray[np.int64]) -> str:
    """Say that every class comes from one source: nothing can repair that."""
    what = "every class comes from one domain only"
    if is_same_partition(counts):
        what = "domain and class are the same partition"
    return (
        f"{what}: a classifier can take the domain for the class, no test inside these "
        "images shows it, and no generator can repair it; photograph at least two "
        "classes in two domains each, or take all classes from one source"
    )


def _say_alone(
    table: CellTable,
    counts: NDArray[np.int64],
    names: list[str],
    alone: NDArray[np.int64],
) -> str:
    k = int(alone[np.argmax(counts[alone].max(axis=1))])
    d = int(counts[k].argmax())
    others = len(alone) - 1
    rest = f" ({count(others, 'other class')} likewise)" if others else ""
    own, domain = table.classes[k], names[d]
    return (
        f"all {counts[k, d]:,} images of {own} come from {domain}{rest}: a classifier "
        f"can take {domain} for {own}"
    )


def _say_single(
    table: CellTable,
    counts: NDArray[np.int64],
    names: list[str],
    single: NDArray[np.int64],
) -> str:
    d = int(single[np.argmax(counts[:, single].max(axis=0))])
    own = table.classes[int(counts[:, d].argmax())]
    return (
        f"{names[d]} has images of a single class, {own}: a classifier can take "
        f"{names[d]} for {own}"
    )


def _say_missing(table: CellTable, counts: NDArray[np.int64], names: list[str]) -> str:
    empty = counts == 0
    k = int(empty.sum(axis=1).argmax())
    lacking = [names[d] for d in np.flatnonzero(empty[k])]
    rest = _say_rest(empty, len(lacking))
    return (
        f"{table.classes[k]} has no image of {_list(lacking)}{rest}: a classifier can "
        "take the domain for the class"
    )


def _say_rest(cells: NDArray[np.bool_], told: int = 1) -> str:
    others = int(cells.sum()) - told
    return f" ({count(others, 'more such cell')})" if others else ""


def _list(names: list[str]) -> str:
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more domains"
    return " or ".join(names)


def _say_cure(names: list[str]) -> str:
    both = (
        f"both {names[0]} and {names[1]}" if len(names) == 2 else "two of the domains"
    )
    return f"two classes in {both} would do, with {SEEN} images or more in each"

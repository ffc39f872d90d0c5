"""Splits by class that keep groups together: one held-out part, or folds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import DataError

Indices = NDArray[np.int64]


def hold_out(
    labels: Indices,
    groups: Indices | None = None,
    *,
    fraction: float = 0.15,
    smallest: int = 10,
    seed: int = 0,
) -> tuple[Indices, Indices]:
    """Split a set into training and held-out images, by class and by whole groups.

    Args:
        labels: (n,) class indices.
        groups: (n,) group indices, or None; images of one group land in one part.
        fraction: share of each class to hold out, in [0, 1); 0 holds out nothing.
        smallest: classes with fewer images hold out none.
        seed: equal seeds give equal splits.

    Returns:
        Indices of the training and of the held-out images, each ascending. With large
        groups a class can miss its share, down to none; it always keeps an image.

    Raises:
        DataError: the fraction is out of range.

    Example:
        >>> train, held = hold_out(np.repeat([0, 1], [20, 5]))
        >>> len(train), len(held)
        (22, 3)
    """
    if not 0 <= fraction < 1:
        raise DataError(f"fraction {fraction} to hold out must lie in [0, 1)")
    table, members = _count_by_group(labels, groups)
    counts = table.sum(axis=0)
    targets = np.where(counts >= smallest, np.maximum(1, counts * fraction), 0)
    targets = np.minimum(np.rint(targets), counts - 1) * (fraction > 0)
    order = np.random.default_rng(seed).permutation(len(table))
    held_groups = _pick_groups(table, targets.clip(0), order)
    held = held_groups[members]
    return np.flatnonzero(~held), np.flatnonzero(held)


def make_folds(
    labels: Indices,
    groups: Indices | None = None,
    *,
    folds: int = 5,
    seed: int = 0,
) -> Indices:
    """Assign a fold to each image, so that folds have like shares of each class.

    Args:
        labels: (n,) class indices.
        groups: (n,) group indices, or None; images of one group share a fold.
        folds: number of folds; with fewer groups than folds some are empty.
        seed: equal seeds give equal folds.

    Returns:
        (n,) int64 in 0…folds−1.

    Example:
        >>> np.bincount(make_folds(np.repeat([0, 1], [20, 5])))
        array([5, 5, 5, 5, 5])
    """
    table, members = _count_by_group(labels, groups)
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(table))
    # Large groups first: what comes last can still even out the folds.
    order = order[np.argsort(-table[order].sum(axis=1), kind="stable")]
    shares = table / np.maximum(1, table.sum(axis=0))
    chosen = np.zeros(len(table), np.int64)
    filled = np.zeros((folds, table.shape[1]))
    sizes = np.zeros(folds)
    for group in order:
        cost = filled @ shares[group] + 1e-9 * sizes
        fold = int(np.argmin(cost))
        chosen[group] = fold
        filled[fold] += shares[group]
        sizes[fold] += table[group].sum()
    return chosen[members]


def _count_by_group(
    labels: Indices, groups: Indices | None
) -> tuple[NDArray[np.int64], Indices]:
    """Count images per (group, class), and return the row of each image."""
    n = len(labels)
    if groups is None:
        members = np.arange(n)
    else:
        members = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    table = np.zeros((int(members.max(initial=-1)) + 1, int(labels.max(initial=0)) + 1))
    np.add.at(table, (members, labels), 1)
    return table.astype(np.int64), members


def _pick_groups(
    table: NDArray[np.int64], targets: NDArray[np.float64], order: Indices
) -> NDArray[np.bool_]:
    """Take each group in turn that brings the classes nearer to their targets."""
    picked = np.zeros(len(table), bool)
    held = np.zeros(table.shape[1])
    totals = table.sum(axis=0)
    for group in order:
        row = table[group]
        if (held + row > np.where(targets > 0, totals - 1, 0))[row > 0].any():
            continue
        before = np.abs(targets - held)
        after = np.abs(targets - held - row)
        if ((before - after) / np.maximum(1, totals)).sum() > 0:
            picked[group] = True
            held += row
    return picked

"""Priors: how often each class comes in a fit, in all or in each domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.gain.fitting.tasks import Labelled
from ganaug.gain.pools import Pool
from ganaug.mixing.epochs.streams import number_parts
from ganaug.recipe import Recipe

Floats = NDArray[np.float64]


def find_prior(
    task: Labelled, recipe: Recipe, pool: Pool | None
) -> NDArray[np.float32] | None:
    """Return the shares for a recipe's logit-adjusted loss, or None for the plain one.

    Args:
        task: real images.
        recipe: its sampling and adjustment count.
        pool: images that the recipe mixes in; they count for shares in domains.

    Returns:
        (k,) shares of the classes among the real images, or (d + 1, k) in each domain,
        the last row over all.
    """
    if recipe.adjusted_in_domains and task.domains is not None:
        return _find_in_domains(task, recipe, pool).astype(np.float32)
    if not recipe.adjusted:
        return None
    return _find_classes(task, recipe.sampling).astype(np.float32)


def find_chances(task: Labelled, sampling: str) -> Floats:
    """Return (n,) the chance of each real image to be drawn next.

    Example:
        >>> from ganaug.gain.fitting.tasks import Labels
        >>> task = Labels(np.array([0, 0, 1]), 2)
        >>> find_chances(task, "balanced").tolist()
        [0.25, 0.25, 0.5]
    """
    n = len(task.labels)
    parts = number_parts(task.labels, task.domains, sampling)
    if parts is None:
        return np.full(n, 1 / n)
    own, counts = np.unique(parts, return_inverse=True, return_counts=True)[1:]
    return np.asarray(1 / (len(counts) * counts[own]), np.float64)


def _find_classes(task: Labelled, sampling: str) -> Floats:
    """Return (k,) the share of draws that each class gets."""
    counts = np.bincount(task.labels, minlength=task.n_classes)
    if sampling == "cells":
        chances = find_chances(task, sampling)
        shares = np.bincount(task.labels, chances, minlength=task.n_classes)
        return np.asarray(shares, np.float64)
    weights = (counts > 0) if sampling == "balanced" else counts
    return np.asarray(weights / weights.sum(), np.float64)


def _find_in_domains(task: Labelled, recipe: Recipe, pool: Pool | None) -> Floats:
    d, k = task.n_domains, task.n_classes
    table = np.zeros((d + 1, k))
    assert task.domains is not None
    np.add.at(table, (task.domains, task.labels), find_chances(task, recipe.sampling))
    if recipe.share and pool is not None and pool.domains is not None:
        drawn = np.zeros((d + 1, k))
        np.add.at(drawn, (pool.domains, pool.labels), 1.0)
        if recipe.draw == "cells":
            drawn = (drawn > 0).astype(np.float64)
        table = (1 - recipe.share) * table + recipe.share * drawn / drawn.sum()
    table[-1] = table.sum(axis=0)
    sums = table.sum(axis=1, keepdims=True)
    return np.where(sums > 0, table / np.maximum(sums, 1e-12), table[-1:])

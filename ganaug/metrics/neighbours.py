"""nearest_neighbours: exact, in blocks, nearly as fast as the matrix products alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Features = NDArray[np.floating]

QUERIES, KEYS = 1024, 4096  # rows and columns of a block of products
GROUP = 16  # keys of which only the nearest is remembered at first
SPARE = 4  # groups looked into beside the k nearest
REFINED = 32  # queries whose candidates are compared at a time: they fit the cache


class Neighbours(NamedTuple):
    """The nearest keys of each query, nearest first.

    Attributes:
        distances: (n, k) float32, Euclidean.
        indices: (n, k) int64, of the keys.
    """

    distances: NDArray[np.float32]
    indices: NDArray[np.int64]


def nearest_neighbours(queries: Features, keys: Features, k: int = 1) -> Neighbours:
    """The k nearest keys of each query among all keys.

    Products of blocks of rows give approximate distances, |y|² − 2x·y; of each group
    of 16 keys the smallest is kept. The k nearest lie in the k groups with the smallest
    minima, and these with some spare ones are compared again by differences, which do
    not cancel: near duplicates come out exactly. Rows for which rounding could hide a
    nearer key in another group are searched again in double precision.

    Beside the features this takes a centred copy of the keys and about 100 MB.

    Args:
        queries: (n, d) features, finite; used as float32.
        keys: (m, d) features, finite; used as float32.
        k: 1 ≤ k ≤ m.

    Returns:
        Distances and indices; of equally near keys the one with the lower index is
        preferred. A row does not depend on the other rows.

    Example:
        >>> found = nearest_neighbours(np.array([[0.0]]), np.array([[5.0], [1.0]]), 2)
        >>> found.indices.tolist(), found.distances.tolist()
        ([[1, 0]], [[1.0, 5.0]])
    """
    assert 1 <= k <= len(keys), "k must lie between 1 and the number of keys"
    x, y = (torch.from_numpy(np.asarray(a, np.float32)) for a in (queries, keys))
    distances = torch.empty((len(x), k), dtype=torch.float32)
    indices = torch.empty((len(x), k), dtype=torch.int64)
    prepared, precise = _prepare(y, torch.float32), None
    for start in range(0, len(x), QUERIES):
        rows = slice(start, start + QUERIES)
        found = _search(x[rows], prepared, k)
        if not found.sure.all():
            again = ~found.sure
            precise = precise or _prepare(y, torch.float64)
            better = _search(x[rows][again], precise, k)
            found.distances[again] = better.distances
            found.indices[again] = better.indices
        distances[rows], indices[rows] = found.distances, found.indices
    return Neighbours(distances.numpy(), indices.numpy())


def nearest_others(x: Features, k: int = 1) -> Neighbours:
    """The k nearest other rows of each row; equal rows are neighbours at distance 0.

    Args:
        x: (n, d) features, n > k.

    Example:
        >>> nearest_others(np.array([[0.0], [1.0], [5.0]])).indices.ravel().tolist()
        [1, 0, 1]
    """
    found = nearest_neighbours(x, x, k + 1)
    keep = found.indices != np.arange(len(x))[:, None]
    keep[keep.all(axis=1), k] = False  # more than k equal rows: any k of them do
    return Neighbours(
        found.distances[keep].reshape(-1, k), found.indices[keep].reshape(-1, k)
    )


class _Keys(NamedTuple):
    raw: Tensor  # (m, d) as given
    mean: Tensor  # (d,)
    centred: Tensor  # (m', d), m' a multiple of GROUP
    norms: Tensor  # (m', 1) squared, infinite in the rows that fill up


class _Found(NamedTuple):
    distances: Tensor  # (n, k)
    indices: Tensor  # (n, k)
    sure: Tensor  # (n,) bool


def _prepare(keys: Tensor, dtype: torch.dtype) -> _Keys:
    m, d = keys.shape
    mean = keys.mean(dim=0, dtype=torch.float64).to(dtype)
    centred = torch.zeros((-(-m // GROUP) * GROUP, d), dtype=dtype)
    torch.sub(keys, mean, out=centred[:m])
    norms = torch.full((len(centred), 1), math.inf, dtype=dtype)
    norms[:m] = torch.linalg.vector_norm(centred[:m], dim=1, keepdim=True).square()
    return _Keys(keys, mean, centred, norms)


def _search(x: Tensor, keys: _Keys, k: int) -> _Found:
    """The neighbours of one block of queries."""
    centred = x - keys.mean
    minima = _find_minima(centred, keys)  # (groups, n)
    wanted = min(k + SPARE, len(minima))
    smallest = minima.T.topk(min(wanted + 1, len(minima)), largest=False)
    groups = smallest.indices[:, :wanted].sort(dim=1).values
    parts = [
        _refine(x[i : i + REFINED], keys.raw, groups[i : i + REFINED], k)
        for i in range(0, len(x), REFINED)
    ]
    distances, indices = (torch.cat(part) for part in zip(*parts, strict=True))
    if wanted == len(minima):
        return _Found(distances, indices, torch.ones(len(x), dtype=torch.bool))
    next_group = smallest.values[:, wanted]
    return _Found(distances, indices, _is_sure(centred, distances[:, -1], next_group))


def _find_minima(centred: Tensor, keys: _Keys) -> Tensor:
    """(groups, n): the smallest |y|² − 2x·y of each group of keys."""
    n, m = len(centred), len(keys.centred)
    minima = centred.new_empty((m // GROUP, n))
    block = centred.new_empty((min(KEYS, m), n))
    for start in range(0, m, KEYS):
        y, norms = keys.centred[start : start + KEYS], keys.norms[start : start + KEYS]
        products = block[: len(y)]
        torch.addmm(norms, y, centred.T, alpha=-2, out=products)
        own = minima[start // GROUP : (start + len(y)) // GROUP]
        torch.amin(products.view(-1, GROUP, n), dim=1, out=own)
    return minima


def _refine(x: Tensor, keys: Tensor, groups: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k nearest within some groups, by differences."""
    candidates = (groups[:, :, None] * GROUP + torch.arange(GROUP)).flatten(1)
    outside = candidates >= len(keys)
    candidates.clamp_(max=len(keys) - 1)
    apart = keys.index_select(0, candidates.flatten()).view(*candidates.shape, -1)
    apart -= x[:, None]
    distances = torch.linalg.vector_norm(apart, dim=2).masked_fill_(outside, math.inf)
    near = distances.sort(dim=1, stable=True)
    return near.values[:, :k], candidates.gather(1, near.indices[:, :k])


def _is_sure(centred: Tensor, farthest: Tensor, next_group: Tensor) -> Tensor:
    """Whether no key outside the groups can be nearer than the farthest one found.

    Such a key has |y| ≤ |x| + farthest, which bounds the error of its product.
    """
    norm = torch.linalg.vector_norm(centred, dim=1)
    rounding = 8 * math.sqrt(centred.shape[1]) * torch.finfo(centred.dtype).eps
    error = rounding * (norm + farthest).square()
    sure: Tensor = next_group + norm.square() >= farthest.square() + error
    return sure

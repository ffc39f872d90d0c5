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
SPARE = 4  # candidates compared exactly beside the k nearest


class Neighbours(NamedTuple):
    """The nearest keys of each query, nearest first.

    Attributes:
        distances: (n, k) float32, Euclidean.
        indices: (n, k) int64, of the keys.
    """

    distances: NDArray[np.float32]
    indices: NDArray[np.int64]


def nearest_neighbours(queries: Features, keys: Features, k: int = 1) -> Neighbours:
    """Find the k nearest keys of each query among all keys.

    Products of blocks of rows give approximate distances, |y|² − 2x·y. The k keys with
    the smallest ones and a few spare ones are compared again by differences, which do
    not cancel: near duplicates come out exactly. Rows for which rounding could hide a
    nearer key are searched again in double precision. Beside the features this takes
    about 120 MB.

    Args:
        queries: (n, d) features, finite; used as float32.
        keys: (m, d) features, finite; used as float32.
        k: 1 ≤ k ≤ m.

    Returns:
        Distances and indices. A row does not depend on the other rows.

    Example:
        >>> found = nearest_neighbours(np.array([[0.0]]), np.array([[5.0], [1.0]]), 2)
        >>> found.indices.tolist(), found.distances.tolist()
        ([[1, 0]], [[1.0, 5.0]])
    """
    assert 1 <= k <= len(keys), "k must lie between 1 and the number of keys"
    x, y = (torch.from_numpy(np.asarray(a, np.float32)) for a in (queries, keys))
    # in blocks: a sum in another type copies what it sums
    sums = [some.sum(dim=0, dtype=torch.float64) for some in torch.split(y, KEYS)]
    centre = torch.stack(sums).sum(dim=0) / len(y)
    # made once: small results kept between large temporary ones would split the heap
    distances, indices = torch.empty(len(x), k), torch.empty(len(x), k).long()
    for start in range(0, len(x), QUERIES):
        rows = slice(start, start + QUERIES)
        near, found, sure = _search(x[rows], y, centre.float(), k)
        if not sure.all():
            near[~sure], found[~sure] = _search(x[rows][~sure], y, centre, k)[:2]
        distances[rows], indices[rows] = near, found
    return Neighbours(distances.numpy(), indices.numpy())


def nearest_others(x: Features, k: int = 1) -> Neighbours:
    """Find the k nearest other rows of each row; equal rows are at distance 0.

    Args:
        x: (n, d) features, n > k.
        k: 1 ≤ k < n.

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


def _search(
    x: Tensor, keys: Tensor, centre: Tensor, k: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Search one block in the centre's precision: distances, indices, who is sure."""
    centred = x - centre
    products, candidates = _find_candidates(centred, keys, centre, k + SPARE + 1)
    nearest = candidates[:, : k + SPARE].sort(dim=1).values
    apart = torch.linalg.vector_norm(keys[nearest] - x[:, None], dim=2)
    order = apart.sort(dim=1, stable=True)  # of equally near keys the first
    distances, chosen = order.values[:, :k], order.indices[:, :k]
    sure = torch.ones(len(x), dtype=torch.bool)
    if len(keys) > k + SPARE:
        sure = _is_sure(centred, distances[:, -1], products[:, -1])
    return distances, nearest.gather(1, chosen), sure


def _find_candidates(
    centred: Tensor, keys: Tensor, centre: Tensor, wanted: int
) -> tuple[Tensor, Tensor]:
    """Find the keys with the smallest |y|² − 2x·y, smallest first: these, indices."""
    values, indices = [], []
    room = centred.new_empty(len(centred) * min(KEYS, len(keys)))
    for start in range(0, len(keys), KEYS):
        y = keys[start : start + KEYS] - centre
        norms = torch.linalg.vector_norm(y, dim=1).square()
        products = room[: len(centred) * len(y)].view(len(centred), len(y))
        torch.addmm(norms, centred, y.T, alpha=-2, out=products)
        smallest = products.topk(min(wanted, len(y)), largest=False)
        values.append(smallest.values)
        indices.append(smallest.indices + start)
    every = torch.cat(values, dim=1)
    smallest = every.topk(min(wanted, len(keys)), largest=False)
    return smallest.values, torch.cat(indices, dim=1).gather(1, smallest.indices)


def _is_sure(centred: Tensor, farthest: Tensor, following: Tensor) -> Tensor:
    """Whether no key but the candidates can be nearer than the farthest one found.

    Such a key has |y| ≤ |x| + farthest, which bounds the error of its product.
    """
    norm = torch.linalg.vector_norm(centred, dim=1)
    rounding = 8 * math.sqrt(centred.shape[1]) * torch.finfo(centred.dtype).eps
    error = rounding * (norm + farthest).square()
    sure: Tensor = following + norm.square() >= farthest.square() + error
    return sure

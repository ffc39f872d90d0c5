"""What a few real images of a cell are worth: measured on cells that are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN
from ganaug.data.looks.linear import fit_linear
from ganaug.data.looks.sampling import pick_some
from ganaug.data.split import make_folds

FEW = 2  # images by which a cell is tried
MOST_CELLS = 16  # that are left out, one after the other
MOST_IMAGES = 2000
RIDGE = 0.1  # of the classifier


@dataclass(frozen=True)
class Worth:
    """Share of a cell's images that a linear classifier of thumbnails gets right.

    Attributes:
        none: when no image of the cell is trained on.
        few: when two of them are, weighted like the other cells.
        all: when half of them are.
        cells: number of cells that were left out in turn.
        by_domain: for each domain, what two images added; NaN where no cell of it
            could be left out.
    """

    none: float
    few: float
    all: float
    cells: int
    by_domain: tuple[float, ...]


def measure_worth(
    pixels: NDArray[np.float32],
    labels: NDArray[np.int64],
    domains: NDArray[np.int64],
    groups: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
) -> Worth | None:
    """Leave out seen cells of classes that other domains show, and look what is lost.

    Args:
        pixels: (n, f) values of small images.
        labels, domains: (n,) indices; images of unknown domain are left out.
        groups: (n,) group indices, or None; a group is trained on or judged.
        seed: seed of all choices.

    Returns:
        None where no class was seen in two domains.
    """
    known = np.flatnonzero(domains >= 0)
    rows = known[pick_some(len(known), MOST_IMAGES, seed)]
    x, y, d = pixels[rows], labels[rows], domains[rows]
    halves = make_folds(y * (d.max() + 1) + d, None if groups is None else groups[rows],
                        folds=2, seed=seed)  # fmt: skip
    cells = _choose_cells(y, d, seed)
    tried = [(cell[1], _leave_out(x, y, d, halves, cell)) for cell in cells]
    tried = [(domain, shares) for domain, shares in tried if shares is not None]
    if not tried:
        return None
    of, found = (np.array(part) for part in zip(*tried, strict=True))
    gained = found[:, 1] - found[:, 0]
    by_domain = [
        float(gained[of == q].mean()) if (of == q).any() else float("nan")
        for q in range(int(domains.max()) + 1)
    ]
    none, few, everything = found.mean(axis=0).tolist()
    return Worth(none, few, everything, len(tried), tuple(by_domain))


def _choose_cells(
    y: NDArray[np.int64], d: NDArray[np.int64], seed: int
) -> list[tuple[int, int]]:
    """Choose seen cells of classes seen in two domains, spread over the domains."""
    counts = np.zeros((int(y.max()) + 1, int(d.max()) + 1), np.int64)
    np.add.at(counts, (y, d), 1)
    seen = counts >= SEEN
    seen &= seen.sum(axis=1, keepdims=True) > 1
    order = np.random.default_rng(seed).permutation(np.argwhere(seen))
    turns = np.array([(order[:i, 1] == q).sum() for i, (_, q) in enumerate(order)])
    first = order[np.argsort(turns, kind="stable")][:MOST_CELLS]
    return [(int(k), int(q)) for k, q in first]


def _leave_out(
    x: NDArray[np.float32],
    y: NDArray[np.int64],
    d: NDArray[np.int64],
    halves: NDArray[np.int64],
    cell: tuple[int, int],
) -> tuple[float, float, float] | None:
    """Return the share of right answers with none, two and half of a cell's images.

    None where all of them are of one group.
    """
    here = (y == cell[0]) & (d == cell[1])
    given, judged = (np.flatnonzero(here & (halves == half)) for half in (0, 1))
    if not len(given) or not len(judged):
        return None
    others = np.flatnonzero(~here)
    shares = []
    for some in (given[:0], given[:FEW], given):
        fit = np.concatenate([others, some])
        cells = y[fit] * (d.max() + 1) + d[fit]
        model = fit_linear(x[fit], y[fit], cells, ridge=RIDGE)
        shares.append(float((model.predict(x[judged]) == cell[0]).mean()))
    return shares[0], shares[1], shares[2]

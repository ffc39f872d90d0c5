"""Drawing: as many rows of each class as are wanted, through the filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.tables.columns import Matrix
from ganaug.tables.draws import Labels
from ganaug.tables.filters import RowFilter
from ganaug.tables.networks import RowGenerator
from ganaug.tables.training import RowSet, draw_changes

Settle = Callable[[Matrix, Labels], Matrix]

ROUNDS = 8  # times that the missing rows are drawn again
SPARE = 1.5  # candidates per missing row in the first round


class Tally(NamedTuple):
    """What became of the candidates of one class."""

    drawn: int
    wrong: int
    copies: int
    forced: int


@dataclass(frozen=True, eq=False)
class DrawnRows:
    """Rows that were drawn, class by class.

    Attributes:
        rows: (n, width) encoded.
        labels: (n,) classes.
        anchors: (n,) indices of the real rows that they began as.
        agreement: (n,) probability of the class by the cross-fitted classifiers.
        distance: (n,) distance to the nearest real row, over the usual one.
        tallies: class → what became of its candidates.
    """

    rows: Matrix
    labels: Labels
    anchors: Labels
    agreement: NDArray[np.float64]
    distance: NDArray[np.float64]
    tallies: dict[int, Tally] = field(default_factory=dict)


def draw_rows(
    generator: RowGenerator,
    data: RowSet,
    judge: RowFilter,
    counts: Mapping[int, int],
    *,
    filters: tuple[str, ...] = ("label", "copy"),
    seed: int = 0,
    settle: Settle = lambda rows, anchors: rows,
) -> DrawnRows:
    """Draw rows of classes until as many have passed the filters as are wanted.

    If too few pass after some rounds, the candidates that come nearest to passing fill
    the rest, as in a table in which every possible row is there already; `forced`
    counts them.

    Args:
        generator: trained on `data`.
        data: the real rows.
        judge: filters, fitted on the same rows.
        counts: class → number of rows.
        filters: `label`, `copy`, both or none.
        seed: seed of the draws.
        settle: function of rows and of the real rows that they began as; it returns
            what is left of them in the table, where numbers are rounded.
    """
    parts = [
        _draw_class(generator, data, judge, label, n, filters, seed, settle)
        for label, n in counts.items()
        if n > 0
    ]
    if not parts:
        nothing = np.zeros(0, np.int64)
        return DrawnRows(data.rows[:0], nothing, nothing, np.zeros(0), np.zeros(0))
    return DrawnRows(
        np.concatenate([p.rows for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.anchors for p in parts]),
        np.concatenate([p.agreement for p in parts]),
        np.concatenate([p.distance for p in parts]),
        {label: tally for p in parts for label, tally in p.tallies.items()},
    )


def _draw_class(
    generator: RowGenerator,
    data: RowSet,
    judge: RowFilter,
    label: int,
    n: int,
    filters: tuple[str, ...],
    seed: int,
    settle: Settle,
) -> DrawnRows:
    members = np.flatnonzero(data.labels == label)
    pool, passed, wrong, copies = [], 0, 0, 0
    for turn in range(ROUNDS if filters else 1):
        many = int(np.ceil((n - passed) * (SPARE if filters else 1)))
        random = np.random.default_rng(mix_seed("anchors", seed, label, turn))
        anchors = _take_turns(members, many, random)
        rows = draw_changes(
            generator, data.rows[anchors], np.full(many, label),
            mix_seed("changes", seed, label, turn),
        )  # fmt: skip
        rows = settle(rows, anchors)
        agreement, distance = (
            judge.measure_labels(rows, label),
            judge.measure_copies(rows),
        )
        bad = (agreement < judge.least[label]) & ("label" in filters)
        copied = (distance <= judge.ratio) & ("copy" in filters)
        wrong, copies = wrong + int(bad.sum()), copies + int((copied & ~bad).sum())
        pool.append((rows, anchors, agreement, distance, ~bad & ~copied, copied))
        passed += int((~bad & ~copied).sum())
        if passed >= n:
            break
    rows, anchors, agreement, distance, good, copied = map(
        np.concatenate, zip(*pool, strict=True)
    )
    # those that passed in the order of their draws; then the surest, copies last
    order = np.lexsort((np.where(good, 0, -agreement), copied & ~good, ~good))[:n]
    tally = Tally(len(rows), wrong, copies, int((~good[order]).sum()))
    labels = np.full(n, label)
    return DrawnRows(
        rows[order], labels, anchors[order], agreement[order], distance[order],
        {label: tally},
    )  # fmt: skip


def _take_turns(members: Labels, many: int, random: np.random.Generator) -> Labels:
    """Return `many` of the members (m,) in random order, all equally often."""
    turns = -(-many // len(members))
    every = np.concatenate([random.permutation(members) for _ in range(turns)])
    return every[:many]

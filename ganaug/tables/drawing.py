"""Drawing: as many rows of each class as are wanted, through the filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.tables.columns import Matrix
from ganaug.tables.draws import Labels, Lender, find_partners
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
    neighbours: int = 5,
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
        neighbours: as in the training.
        settle: function of rows and of the real rows that they began as; it returns
            what is left of them in the table, where numbers are rounded. Filters judge
            that.
    """
    partners = torch.from_numpy(find_partners(data.rows, data.labels, neighbours))
    lender = Lender(data.labels, partners)
    source = _Source(generator, data, judge, filters, seed, settle, lender)
    parts = [_draw_class(source, label, n) for label, n in counts.items() if n > 0]
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


@dataclass(frozen=True, eq=False)
class _Source:
    """What candidates are drawn from and judged by; see `draw_rows`."""

    generator: RowGenerator
    data: RowSet
    judge: RowFilter
    filters: tuple[str, ...]
    seed: int
    settle: Settle
    lender: Lender

    def draw(self, label: int, many: int, turn: int) -> _Candidates:
        """Draw candidates of a class, and judge them."""
        members = np.flatnonzero(self.data.labels == label)
        random = np.random.default_rng(mix_seed("anchors", self.seed, label, turn))
        anchors = _take_turns(members, many, random)
        seed = mix_seed("changes", self.seed, label, turn)
        rows = draw_changes(self.generator, self.data, anchors, self.lender, seed)
        settled = self.settle(rows, anchors)
        agreement = self.judge.measure_labels(settled, label)
        distance = self.judge.measure_copies(settled)
        wrong = (agreement < self.judge.least[label]) & ("label" in self.filters)
        copied = (distance <= self.judge.ratio) & ("copy" in self.filters)
        return _Candidates(rows, anchors, agreement, distance, wrong, copied & ~wrong)


class _Candidates(NamedTuple):
    """Candidates of one class with their figures, and what is wrong with them."""

    rows: Matrix
    anchors: Labels
    agreement: NDArray[np.float64]
    distance: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    copied: NDArray[np.bool_]

    @property
    def good(self) -> NDArray[np.bool_]:
        return ~(self.wrong | self.copied)


def _draw_class(source: _Source, label: int, n: int) -> DrawnRows:
    pool: list[_Candidates] = []
    missing = n
    for turn in range(ROUNDS if source.filters else 1):
        many = int(np.ceil(missing * (SPARE if source.filters else 1)))
        pool.append(source.draw(label, many, turn))
        missing -= int(pool[-1].good.sum())
        if missing <= 0:
            break
    found = _Candidates(*map(np.concatenate, zip(*pool, strict=True)))
    good = found.good
    # those that passed in the order of their draws; then the surest, copies last
    order = np.lexsort((np.where(good, 0, -found.agreement), found.copied, ~good))[:n]
    tally = Tally(
        drawn=len(good),
        wrong=int(found.wrong.sum()),
        copies=int(found.copied.sum()),
        forced=int((~good[order]).sum()),
    )
    return DrawnRows(
        found.rows[order], np.full(n, label), found.anchors[order],
        found.agreement[order], found.distance[order], {label: tally},
    )  # fmt: skip


def _take_turns(members: Labels, many: int, random: np.random.Generator) -> Labels:
    """Return `many` of the members (m,) in random order, all equally often."""
    turns = -(-many // len(members))
    every = np.concatenate([random.permutation(members) for _ in range(turns)])
    return every[:many]

"""CellPlan: which source image each candidate of a cell is carried over from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN

Numbers = NDArray[np.int64]  # (n,)
NOWHERE = -1  # `via` of candidates that are carried over at once


class Journeys(NamedTuple):
    """How candidates come about, (n,) each.

    Attributes:
        sources: rows of the source images.
        via: domains that they are carried through first, or NOWHERE.
        targets: domains that they are carried into.
    """

    sources: Numbers
    via: Numbers
    targets: Numbers


@dataclass(frozen=True, eq=False)
class CellPlan:
    """The source images of every cell.

    A cell takes images of its class from all other domains, as evenly as these allow:
    each once, before any comes again. A class that was seen in no other domain gives
    its own images, carried into another domain and back, so that images of all cells
    have been through the translator. A candidate's index in its class tells its domain:
    the domains take turns.

    Attributes:
        labels, domains: (n,) classes and domains of the source images.
        classes: number of classes.
        turns: number of domains of the translator.
        wanted: domains to fill; None for those that have source images.
        seed: decides the order of sources.
    """

    labels: Numbers
    domains: Numbers
    classes: int
    turns: int
    wanted: tuple[int, ...] | None = None
    seed: int = 0
    _known: dict[tuple[int, ...], Numbers] = field(default_factory=dict)

    @cached_property
    def shown(self) -> list[int]:
        """Domains with source images."""
        return [int(d) for d in np.unique(self.domains) if d >= 0]

    def list_cells(self) -> list[tuple[int, int]]:
        """List (class, domain) of the cells to fill, domain by domain."""
        there = [k for k in range(self.classes) if (self.labels == k).any()]
        filled = self.shown if self.wanted is None else self.wanted
        return [(k, d) for d in filled for k in there]

    def find_sources(self, label: int, domain: int) -> Numbers:
        """Return the rows of a cell's source images."""
        if (label, domain) not in self._known:
            own = np.flatnonzero((self.labels == label) & (self.domains >= 0))
            others = own[self.domains[own] != domain]
            self._known[label, domain] = others if len(others) else own
        return self._known[label, domain]

    def find(self, labels: Numbers, indices: Numbers) -> Journeys:
        """Find how candidates of classes (n,) with indices (n,) in these come about.

        Example:
            >>> plan = CellPlan(np.array([0, 0, 1]), np.array([0, 1, 0]), 2, turns=2)
            >>> found = plan.find(np.array([0, 0, 1]), np.array([0, 1, 2]))
            >>> found.sources.tolist(), found.via.tolist(), found.targets.tolist()
            ([1, 0, 2], [-1, -1, 1], [0, 1, 0])
        """
        found = Journeys(*(np.full(len(labels), NOWHERE) for _ in range(3)))
        for i, (label, index) in enumerate(
            zip(labels.tolist(), indices.tolist(), strict=True)
        ):
            domain, turn = index % self.turns, index // self.turns
            found.targets[i] = domain
            n = len(self.find_sources(label, domain))
            source = int(self._order(label, domain, turn // n)[turn % n])
            found.sources[i] = source
            if self.domains[source] == domain:
                others = [d for d in self.shown if d != domain]
                found.via[i] = others[(source + turn // n) % len(others)]
        return found

    def _order(self, label: int, domain: int, pass_number: int) -> Numbers:
        """Order a cell's sources for one pass: domain by domain in turn, shuffled."""
        key = label, domain, pass_number
        if key not in self._known:
            rng = np.random.default_rng([self.seed % 2**63, *key])
            rows = rng.permutation(self.find_sources(label, domain))
            origins = self.domains[rows]
            turn = np.zeros(len(rows), np.int64)
            for origin in np.unique(origins):
                own = origins == origin
                turn[own] = np.arange(own.sum())
            self._known[key] = rows[np.lexsort((origins, turn))]
        return self._known[key]


def default_per_cell(counts: NDArray[np.int64]) -> int:
    """Return how many images each cell gets by default: the median of the seen ones.

    Args:
        counts: (k, d) images of each class in each domain.

    Example:
        >>> default_per_cell(np.array([[40, 0], [30, 2], [50, 0]]))
        40
    """
    seen = counts[counts >= SEEN]
    there = seen if len(seen) else counts[counts > 0]
    return max(1, round(float(np.median(there)))) if len(there) else 1

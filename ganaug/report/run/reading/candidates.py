"""Candidates worth a look: some rejected ones, and the weakest accepted ones."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from ganaug.synth.store.manifest import Row
from ganaug.synth.store.store import Store

REJECTED = 12  # most rows of each reason
WEAKEST = 5  # rows of each class and filter
SCORES = {"realism": "realism_score", "label": "label_score"}  # filter → field of a row

Scored = tuple[float, int, Row]  # score, number of the row, row


@dataclass(frozen=True)
class PickedCandidates:
    """Rows of a manifest.

    Attributes:
        rejected: reason → rejected rows, from each class in turn.
        weakest: class → filter → accepted rows with the lowest scores, worst first.
    """

    rejected: dict[str, list[Row]] = field(default_factory=dict)
    weakest: dict[str, dict[str, list[tuple[float, Row]]]] = field(default_factory=dict)


def pick_candidates(store: Store) -> PickedCandidates:
    """Pick rows in one pass over the manifest.

    Raises:
        StoreError: the manifest is damaged.
    """
    rejected: dict[str, dict[str, list[Row]]] = {}
    weakest: dict[str, dict[str, list[Scored]]] = {}
    for number, row in enumerate(store.read_rows()):
        if row.kept:
            _note_weak(weakest.setdefault(row.class_name, {}), number, row)
        elif row.reason:
            own = rejected.setdefault(row.reason, {}).setdefault(row.class_name, [])
            own += [row] * (len(own) < REJECTED)
    return PickedCandidates(
        {reason: _take_turns(own.values()) for reason, own in rejected.items()},
        {
            name: {kind: _list_lowest(rows) for kind, rows in kinds.items()}
            for name, kinds in weakest.items()
        },
    )


def _note_weak(kinds: dict[str, list[Scored]], number: int, row: Row) -> None:
    for kind, name in SCORES.items():
        text = getattr(row, name)
        if text:
            own = kinds.setdefault(kind, [])
            own.append((float(text), number, row))
            if len(own) > 20 * WEAKEST:
                own[:] = heapq.nsmallest(WEAKEST, own)


def _list_lowest(rows: list[Scored]) -> list[tuple[float, Row]]:
    return [(score, row) for score, _, row in heapq.nsmallest(WEAKEST, rows)]


def _take_turns(lists: Iterable[list[Row]]) -> list[Row]:
    turns = chain.from_iterable(zip_longest(*lists))
    return [row for row in turns if row is not None][:REJECTED]

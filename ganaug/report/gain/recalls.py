"""Recalls: the change of each class's recall, largest gain first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ganaug.gain.judgement.details import ClassRecall
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import say_percent, say_points

CLASSES_PER_END = 15  # classes shown at each end; those in between are folded away


def describe_recalls(material: GainMaterial) -> dict[str, Any]:
    """Return a row per tested class, the largest change first."""
    recalls = material.result.details.recalls
    known = _list_tested(recalls)
    lowest = min((min(r.before, r.after) for r in known), default=0)
    start = math.floor(10 * min(lowest, 0.9)) / 10  # where the lines begin
    rows = [_describe(r, start) for r in sorted(known, key=lambda r: -r.change)]
    cut = len(rows) > 2 * CLASSES_PER_END + 5
    return {
        "first": rows[:CLASSES_PER_END] if cut else rows,
        "middle": rows[CLASSES_PER_END:-CLASSES_PER_END] if cut else [],
        "last": rows[-CLASSES_PER_END:] if cut else [],
        "up": sum(r.change > 0 for r in known),
        "down": sum(r.change < 0 for r in known),
        "tested": len(rows),
        "start": f"{100 * start:.0f}",
        "untested": [name for name, r in recalls.items() if r.change is None],
    }


class _Tested(NamedTuple):
    """Recalls of a tested class."""

    name: str
    before: float
    after: float
    change: float


def _list_tested(recalls: Mapping[str, ClassRecall]) -> list[_Tested]:
    return [
        _Tested(name, r.opponent, r.synthetic, r.change)
        for name, r in recalls.items()
        if r.opponent is not None and r.synthetic is not None and r.change is not None
    ]


def _describe(recall: _Tested, start: float) -> dict[str, Any]:
    both = (recall.before, recall.after)
    places = [round(100 * (r - start) / (1 - start), 2) for r in both]
    return {
        "name": recall.name,
        "change": recall.change,
        "before": say_percent(recall.before),
        "after": say_percent(recall.after),
        "points": say_points(recall.change),
        "places": places,
        "from": min(places),
        "width": round(abs(places[1] - places[0]), 2),
    }

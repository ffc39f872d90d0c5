"""Recalls: which classes gain and which lose, sorted by the change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ganaug.gain.judgement.details import ClassRecall
from ganaug.report.gain.sources import GainSources
from ganaug.report.gain.words import say_percent, say_points

ENDS = 15  # classes shown at either end; those in between are folded away


def describe_recalls(sources: GainSources) -> dict[str, Any]:
    """Return a row per class that was tested, the largest change first."""
    recalls = sources.result.details.recalls
    known = _list_tested(recalls)
    lowest = min((min(r.before, r.after) for r in known), default=0)
    start = math.floor(10 * min(lowest, 0.9)) / 10  # where the lines begin
    rows = [_describe(r, start) for r in sorted(known, key=lambda r: -r.change)]
    cut = len(rows) > 2 * ENDS + 5
    return {
        "first": rows[:ENDS] if cut else rows,
        "middle": rows[ENDS:-ENDS] if cut else [],
        "last": rows[-ENDS:] if cut else [],
        "up": sum(r.change > 0 for r in known),
        "down": sum(r.change < 0 for r in known),
        "tested": len(rows),
        "start": f"{100 * start:.0f}",
        "untested": [name for name, r in recalls.items() if r.change is None],
    }


class _Tested(NamedTuple):
    """Recalls of a class that was tested."""

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

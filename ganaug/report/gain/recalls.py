"""Recalls: which classes gain and which lose, sorted by the change."""

from __future__ import annotations

import math
from typing import Any

from ganaug.gain.protocol import OPPONENT, SYNTHETIC
from ganaug.report.gain.sources import GainSources
from ganaug.report.gain.words import say_percent, say_points

ENDS = 15  # classes shown at either end; those in between are folded away


def describe_recalls(sources: GainSources) -> dict[str, Any]:
    """A row per class that was tested, the largest change first."""
    recalls = sources.result.details["recalls"]
    known = {name: r for name, r in recalls.items() if r.get("change") is not None}
    lowest = min((min(r[OPPONENT], r[SYNTHETIC]) for r in known.values()), default=0)
    start = math.floor(10 * min(lowest, 0.9)) / 10  # where the lines begin
    tested = [_describe(name, r, start) for name, r in known.items()]
    tested.sort(key=lambda row: -row["change"])
    cut = len(tested) > 2 * ENDS + 5
    return {
        "first": tested[:ENDS] if cut else tested,
        "middle": tested[ENDS:-ENDS] if cut else [],
        "last": tested[-ENDS:] if cut else [],
        "up": sum(row["change"] > 0 for row in tested),
        "down": sum(row["change"] < 0 for row in tested),
        "tested": len(tested),
        "start": f"{100 * start:.0f}",
        "untested": [name for name in recalls if name not in known],
    }


def _describe(name: str, recalls: dict[str, float], start: float) -> dict[str, Any]:
    before, after = recalls[OPPONENT], recalls[SYNTHETIC]
    places = [round(100 * (r - start) / (1 - start), 2) for r in (before, after)]
    return {
        "name": name,
        "change": recalls["change"],
        "before": say_percent(before),
        "after": say_percent(after),
        "points": say_points(recalls["change"]),
        "places": places,
        "from": min(places),
        "width": round(abs(places[1] - places[0]), 2),
    }

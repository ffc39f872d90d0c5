"""Confusion: the class that was asked for by the class that the teacher saw."""

from __future__ import annotations

from typing import Any, NamedTuple

from ganaug.report.run.reading.material import RunMaterial

MOST_CLASSES = 20  # with more classes, only the most frequent confusions are listed
PAIRS_SHOWN = 5
TINT = 45  # per cent of colour in a cell of share 1; words stay readable


class Pair(NamedTuple):
    """Candidates of one class that the teacher took for another."""

    share: float
    name: str
    seen: str


def describe_confusion(material: RunMaterial) -> dict[str, Any] | None:
    """Return shares of candidates by both classes; None if they were not counted."""
    counts = material.screening.recognised
    if not counts:
        return None
    columns = list(material.classes)
    names = [name for name in columns if counts.get(name)]
    totals = {name: sum(counts[name].values()) for name in names}
    shares = {
        name: [counts[name].get(seen, 0) / totals[name] for seen in columns]
        for name in names
    }
    return {
        **_make_table(shares, columns),
        "judged": sum(totals.values()),
        "right": _average([own[columns.index(name)] for name, own in shares.items()]),
    }


def _make_table(shares: dict[str, list[float]], columns: list[str]) -> dict[str, Any]:
    """Return the table and a few pairs; with many classes, more pairs and no table."""
    pairs = _list_pairs(shares, columns)
    if len(columns) > MOST_CLASSES:
        return {"columns": [], "rows": [], "pairs": pairs[:MOST_CLASSES]}
    rows = [(name, _fill(own, columns.index(name))) for name, own in shares.items()]
    return {"columns": columns, "rows": rows, "pairs": pairs[:PAIRS_SHOWN]}


def _fill(shares: list[float], own: int) -> list[dict[str, Any]]:
    """Return cells; the tint grows with the share."""
    return [
        {"share": share, "own": k == own, "tint": round(TINT * share**0.5)}
        for k, share in enumerate(shares)
    ]


def _list_pairs(shares: dict[str, list[float]], columns: list[str]) -> list[Pair]:
    """Return confusions, the most frequent first."""
    pairs = [
        Pair(share, name, seen)
        for name, own in shares.items()
        for seen, share in zip(columns, own, strict=True)
        if seen != name and share
    ]
    return sorted(pairs, key=lambda pair: -pair.share)


def _average(values: list[float]) -> float:
    return sum(values) / max(1, len(values))

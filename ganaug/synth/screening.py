"""screening.json of a store: what the filters accepted, class by class, and why not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganaug.errors import StoreError
from ganaug.files import write_text
from ganaug.synth import manifest
from ganaug.synth.meta import Meta
from ganaug.synth.screen import Screen

NAME = "screening.json"
FORMAT = 1


def write_screening(
    folder: Path, meta: Meta, wanted: Mapping[str, int], screen: Screen
) -> None:
    """Count the manifest's rows and write what came of the candidates.

    Args:
        folder: the store.
        meta: of it.
        wanted: images asked for, by class name.
        screen: whose filters judged them.
    """
    drawn: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    refused: dict[str, Counter[str]] = {name: Counter() for name in meta.classes}
    for row in manifest.read_rows(folder / manifest.NAME):
        drawn[row.class_name] += 1
        accepted[row.class_name] += row.kept
        if not row.kept:
            refused[row.class_name][row.reason] += 1
    classes = {
        name: {
            "wanted": wanted.get(name, accepted[name]),
            "accepted": accepted[name],
            "drawn": drawn[name],
            "rejected": {why: refused[name][why] for why in meta.filters},
            "note": explain_shortfall(
                wanted.get(name, 0), accepted[name], drawn[name], refused[name]
            ),
        }
        for name in meta.classes
        if drawn[name]
    }
    values = {
        "format": FORMAT,
        "thresholds": {f.name: f.threshold for f in screen.filters},
        "classes": classes,
        "notes": list(screen.notes),
    }
    write_text(folder / NAME, json.dumps(values, indent=1) + "\n")


def explain_shortfall(
    wanted: int, accepted: int, drawn: int, refused: Mapping[str, int]
) -> str:
    """Why a class has fewer images than asked for, or "" where it has them all.

    Example:
        >>> explain_shortfall(9, 2, 400, {"label": 398})
        'fell short: 2 of 9 images; of 400 candidates 0.5 % were accepted (label 100 %)'
    """
    if accepted >= wanted or not drawn:
        return ""
    reasons = sorted(refused.items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{why} {100 * n / drawn:.0f} %" for why, n in reasons if n)
    return (
        f"fell short: {accepted:,} of {wanted:,} images; of {drawn:,} candidates "
        f"{100 * accepted / drawn:.1f} % were accepted ({listed})"
    )


def read_screening(folder: Path) -> dict[str, Any] | None:
    """What `write_screening` wrote; None where candidates were not filtered.

    Raises:
        StoreError: the file is damaged, or of a newer format.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] > FORMAT:
            raise StoreError(f"{path} has a newer format; update ganaug to read it")
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"{path} is damaged: {error}; run ganaug synth again"
        ) from error
    return values

"""Cells: each class in each domain, its images, and how it is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.data.cells import SEEN, name_cell
from ganaug.gain.judgement.details import CellScore
from ganaug.recipe import HELPS
from ganaug.report.gain.material import GainMaterial
from ganaug.report.gain.words import say_points

TINT = 45  # per cent of colour at an accuracy of 1; words stay readable
NAMED = 5  # cells to photograph


def describe_cells(material: GainMaterial) -> dict[str, Any] | None:
    """Return a row per class, and what to photograph; None without domains."""
    cells = material.result.details.cells
    if not cells:
        return None
    domains = list(dict.fromkeys(cell.domain for cell in cells))
    rows: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        rows.setdefault(cell.label, []).append(_describe(cell))
    filled = material.result.verdict.word == HELPS
    return {
        "domains": domains,
        "rows": [{"name": name, "cells": own} for name, own in rows.items()],
        "wanted": list_wanted(cells, filled=filled)[:NAMED],
        "filled": filled,
        "hidden": all(cell.images >= SEEN for cell in cells if cell.tested),
    }


def list_wanted(cells: Sequence[CellScore], *, filled: bool) -> list[dict[str, str]]:
    """List thin and empty cells by what images of them would give at most.

    That is the accuracy in the cells of their domain that were seen, minus their own.

    Args:
        cells: scores of all cells.
        filled: whether synthetic images are used, so that only the rest can be gained.
    """
    found = []
    for cell in cells:
        now = cell.synthetic if filled else cell.opponent
        seen = [
            other.opponent
            for other in cells
            if other.domain == cell.domain
            and other.images >= SEEN
            and other.opponent is not None
        ]
        if cell.images < SEEN and now is not None and seen:
            found.append((float(np.mean(seen)) - now, cell))
    found.sort(key=lambda pair: -pair[0])
    return [
        {"name": f"{cell.label} in {cell.domain}", "points": say_points(gain)}
        for gain, cell in found
        if gain > 0
    ]


def _describe(cell: CellScore) -> dict[str, Any]:
    after = cell.synthetic
    return {
        "images": cell.images,
        "word": name_cell(cell.images),
        "before": None if cell.opponent is None else f"{100 * cell.opponent:.0f}",
        "after": None if after is None else f"{100 * after:.0f}",
        "tested": cell.tested,
        "tint": 0 if after is None else round(TINT * after),
    }

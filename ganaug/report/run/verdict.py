"""The verdict on a store: its word, figures, next step, and what rang in training."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from ganaug.report.numbers import write_share
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.verdict.record import CellVerdict, ClassVerdict, StoreVerdict

MEANINGS = {
    "kept": ("Kept", "share of candidates that passed the filters"),
    "variety": ("Variety", "how much the images of a class differ"),
    "recall": ("Recall", "kinds of real images that it draws too"),
    "nearness": ("Nearness", "synthetic images that lie near real ones"),
}
OF_REAL = "All but kept are shares of what real images reach against other real images."
# of filled cells
CELL_MEANINGS = {
    "class_kept": ("Class kept", "candidates that still show their class"),
    "reached": ("Domain reached", "of these, how many look like the new domain"),
    "kept": ("Kept", "candidates that passed all filters, or repeat one that did"),
}
STYLE_MEANINGS = {
    **CELL_MEANINGS,
    "reached": ("Style reached", "of these, how many took on the style"),
}
COMMAND = "ganaug "  # how a command begins
UNJUDGED = "Not judged"
NAMED = 8  # most classes or cells that are named above the table

Meanings = Mapping[str, tuple[str, str]]
Part = ClassVerdict | CellVerdict


def describe_verdict(material: RunMaterial) -> dict[str, Any] | None:
    """Return the contents of the band on top of the page; None without a store."""
    if material.store is None:
        return None
    verdict = material.store.verdict
    if verdict is None:
        command = shlex.join(["ganaug", "evaluate", str(material.store.path)])
        return {"kind": "", "headline": UNJUDGED, "command": command}
    return {
        "kind": verdict.word,
        "headline": verdict.word.capitalize(),
        "sentence": _say_sentence(verdict),
        "next_step": split_command(verdict.next_step or ""),
        **(_describe_cells(verdict) if verdict.cells else _describe_classes(verdict)),
    }


def _describe_classes(verdict: StoreVerdict) -> dict[str, Any]:
    figures = [
        _describe_figure(*titles, getattr(verdict, name))
        for name, titles in MEANINGS.items()
    ]
    parts = list(verdict.classes.items())
    return {"figures": figures, "note": OF_REAL, **_tabulate("class", MEANINGS, parts)}


def _describe_cells(verdict: StoreVerdict) -> dict[str, Any]:
    carried = bool(verdict.cells[0].domain)
    kind, meanings = ("cell", CELL_MEANINGS) if carried else ("class", STYLE_MEANINGS)
    figures = [
        _describe_figure(*titles, *_summarise(verdict.cells, name, kind))
        for name, titles in meanings.items()
    ]
    parts = [(cell.name, cell) for cell in verdict.cells]
    return {"figures": figures, "note": "", **_tabulate(kind, meanings, parts)}


def _summarise(cells: Sequence[CellVerdict], name: str, kind: str) -> tuple[float, str]:
    """Return the mean of a figure, and the cell where it is lowest, in words."""
    known = [cell for cell in cells if math.isfinite(getattr(cell, name))]
    if not known:
        return math.nan, ""
    worst = min(known, key=lambda cell: float(getattr(cell, name)))
    lowest = getattr(worst, name)
    words = f"{_say_share(lowest)} in the worst {kind}, {worst.name}"
    mean = fmean(getattr(cell, name) for cell in known)
    return mean, words if lowest < mean else ""


def _say_sentence(verdict: StoreVerdict) -> str:
    """Return the sentence without the word that is the headline already."""
    start, _, rest = verdict.sentence.partition(": ")
    if rest and start.lower() == verdict.word:
        return rest[:1].upper() + rest[1:]
    return verdict.sentence


def split_command(step: str) -> tuple[str, str]:
    """Split a next step into what to do and the command for it; each may be empty.

    Example:
        >>> split_command("train longer: ganaug synth a")
        ('train longer', 'ganaug synth a')
        >>> split_command("add real images"), split_command("ganaug gain a")
        (('add real images', ''), ('', 'ganaug gain a'))
    """
    if step.startswith(COMMAND):
        return "", step
    words, found, command = step.partition(f": {COMMAND}")
    return words, f"{COMMAND}{command}" if found else ""


def _describe_figure(
    title: str, meaning: str, value: float, worst: str = ""
) -> dict[str, Any]:
    known = math.isfinite(value)
    return {
        "title": title,
        "meaning": meaning,
        "text": _say_share(value),
        "width": round(100 * min(1.0, max(0.0, value)), 1) if known else 0,
        "worst": worst,
    }


def _tabulate(
    kind: str, meanings: Meanings, parts: Sequence[tuple[str, Part]]
) -> dict[str, Any]:
    """Return all classes or cells as rows, and those that are not good, poor first."""
    weak = [item for item in parts if item[1].word != "good"]
    weak.sort(key=lambda item: item[1].word != "poor")
    return {
        "weak": weak[:NAMED],
        "hidden": max(0, len(weak) - NAMED),
        "of": kind,
        "rows": [_describe_part(name, part, meanings) for name, part in parts],
        "columns": [title for title, _ in meanings.values()],
    }


def _describe_part(name: str, part: Part, meanings: Meanings) -> dict[str, Any]:
    return {
        "name": name,
        "word": part.word,
        "figures": [_say_share(getattr(part, figure)) for figure in meanings],
    }


def _say_share(value: float) -> str:
    return write_share(value) if math.isfinite(value) else "–"

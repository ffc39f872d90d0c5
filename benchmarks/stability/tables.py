"""Tables of the runs on real images, and the protocol above them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measuring import join_machines
from benchmarks.stability.cells import Figures

GRID = 32  # pixels of the longest side
DRAWN = 100  # images of a class that are judged
MOST_JUDGE = 10_000  # real images that the judge learns from
REAL = "real images (control)"
FIGURES = ("agreement", "diversity", "kernel", "copies", "copies of held-out")
COLUMNS = (
    "set", "per class", "row", "seeds", "label agreement, %",
    "within-class diversity", "kernel distance", "copies, %", "images, thousands",
    "alarms, runs",
)  # fmt: skip


def make_rows(found: list[Figures]) -> list[list[str]]:
    """Make rows of means over seeds, one per set and recipe, with least and most."""
    keys = dict.fromkeys((f["set"], f["per_class"], f["row"]) for f in found)
    rows = []
    for key in keys:
        own = [f for f in found if (f["set"], f["per_class"], f["row"]) == key]
        values = {name: [f[name] for f in own] for name in (*FIGURES, "images")}
        rows.append(
            [
                key[0], str(key[1]), key[2], str(len(own)),
                say_mean(values["agreement"], ".1f", 100),
                say_mean(values["diversity"], ".2f"),
                say_mean(values["kernel"], ".3g"),
                say_mean(values["copies"], ".1f", 100, spread=False),
                say_mean(values["images"], ".0f", 1e-3, spread=False),
                say_alarms(own),
            ]
        )  # fmt: skip
    return rows


def say_mean(
    values: Sequence[float | None], form: str, scale: float = 1, *, spread: bool = True
) -> str:
    """Say `mean (least–most)`; a dash where there is nothing.

    Example:
        >>> say_mean([0.8, 0.9], ".1f", 100), say_mean([None], ".1f")
        ('85.0 (80.0–90.0)', '–')
    """
    known = [scale * value for value in values if value is not None]
    if not known:
        return "–"
    mean, least, most = (f"{f(known):{form}}" for f in (np.mean, min, max))
    return f"{mean} ({least}–{most})" if spread and least != most else mean


def say_alarms(own: list[Figures]) -> str:
    """Say in how many runs each alarm rang."""
    names = [name for figures in own for name in figures.get("alarms", {})]
    counts = [f"{name} {names.count(name)}" for name in dict.fromkeys(names)]
    known = any("alarms" in figures for figures in own)
    return ", ".join(counts) or ("none" if known else "–")


def describe(
    found: list[Figures], plans: Sequence[Path], minutes: float, *, each: bool
) -> str:
    """Describe the protocol.

    Args:
        found: cells of the table.
        plans: files that say how many images were planned for each set, and where.
        minutes: time of a run, for which they were planned.
        each: whether each recipe was timed, or only the default.
    """
    machines = join_machines(figures["machine"] for figures in found)
    near = [f["copies of held-out"] for f in found if f["copies of held-out"]]
    return (
        f"{machines} {describe_plans(plans, minutes, each=each)} "
        f"At most {GRID} pixels a side; {DRAWN} images of a class are judged, filters "
        "aside, by a classifier fitted on other real images of the training part, "
        f"{MOST_JUDGE:,} at most. Label agreement: the share that it puts into the "
        "class requested. Diversity: mean distance between two images of a class over "
        "that of held-out real ones, in that classifier's features; it counts images "
        "of a wrong class too, so read it beside the agreement: more than 1 is no "
        "better than 1. Kernel distance: to held-out real images, mean over classes; "
        "not to be compared between sets. Copies: the share that is nearer to a "
        "training image than "
        f"{1 - np.mean(near):.0%} of held-out real images are. Means over seeds, with "
        "the least and the most."
    )


def describe_plans(plans: Sequence[Path], minutes: float, *, each: bool) -> str:
    """Describe how the images of each run were planned, and on which machine."""
    first = _read(path for path in plans if path.is_file())
    more = [file for path in plans for file in path.parent.glob(f"{path.stem}-*.json")]
    known = [*first, *_read(sorted(more))]
    timed = join_machines(plan["machine"] for plan in known)
    who = "it" if each else "the default recipe"
    turns = ", all recipes of a set in turns" if each else ""
    later = sorted(_names(known) - _names(first))
    if later:
        turns += (
            f", but for {', '.join(later)}, timed later beside the default alone and "
            "scaled by it, which is less certain"
        )
    return (
        f"Images of a run: as many as {who} trains on in {minutes:g} "
        f"minutes on one thread of a CPU, by the median of three timings{turns}; "
        "they are uncertain by a tenth or more, and a recipe with one more term can "
        f"come out ahead. Timed on: {timed}"
    )


def _read(paths: Iterable[Path]) -> list[Figures]:
    return [json.loads(path.read_text("utf-8")) for path in paths]


def _names(plans: Sequence[Figures]) -> set[str]:
    return {name for plan in plans for name in plan["images"]}

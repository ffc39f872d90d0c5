"""The verdict on carried and styled images, by the fates of their candidates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from ganaug.synth.request import Target
from ganaug.synth.store.manifest import Row
from ganaug.synth.verdict.record import (
    WORDS,
    CellVerdict,
    ClassVerdict,
    StoreVerdict,
    Word,
)

# figure → value below which it is poor, and from which it is good; a class counts above
# chance
LIMITS = {"class_kept": (0.4, 0.7), "reached": (0.4, 0.7), "kept": (0.15, 0.4)}
# what candidates shall reach: filter → what a share of them did
AIMS = {"domain": "{} look like the domain", "style": "{} took on the style"}
FAULTS = {
    "class_kept": "{} kept their class",
    "kept": "{} of the candidates were kept",
}
MOST_POOR = 0.5  # share of poor cells above which the store is poor
CELLS_NAMED = 3  # in a sentence
REPEATS = "duplicate"  # filter that says nothing about how good an image is
UNMEASURED = dict.fromkeys(("variety", "recall", "nearness"), math.nan)

Limits = Mapping[str, tuple[float, float]]
Reasons = Mapping[str, int]  # filter → candidates that it rejected; "" → kept ones


def judge_cells(
    rows: Iterable[Row], targets: Sequence[Target], filters: Sequence[str]
) -> StoreVerdict | None:
    """Judge a store by how the candidates of each cell fared.

    A candidate that only repeats an earlier one counts as kept. A store is poor if a
    cell has no image, if most cells are poor, or by the mean of a figure; a poor cell,
    or no label filter, leaves it usable at best.

    Args:
        rows: rows of its manifest.
        targets: its cells, with the number of images requested.
        filters: filters that its candidates went through.

    Returns:
        The verdict, without a next step; None for a store without candidates.
    """
    reasons = _count_reasons(rows)
    limits = set_limits(len({target.class_name for target in targets}))
    cells = [_judge_cell(target, reasons, limits, filters) for target in targets]
    if not any(cell.drawn for cell in cells):
        return None
    figures = {name: _average(cells, name) for name in LIMITS}
    checked = "label" in filters
    word = _choose_word(cells, figures, limits, checked=checked)
    return StoreVerdict(
        word,
        _say(word, cells, figures, aim=find_aim(targets[0]), checked=checked),
        None,
        kept=figures["kept"],
        **UNMEASURED,
        classes=_join_classes(cells),
        cells=tuple(cells),
    )


def set_limits(classes: int) -> Limits:
    """Return the limits for a number of classes, where a guess keeps 1 / classes.

    Example:
        >>> set_limits(2)["class_kept"], set_limits(2)["kept"]
        ((0.7, 0.85), (0.15, 0.4))
    """
    chance = 1 / classes if classes > 1 else 0.0
    low, high = (round(chance + (1 - chance) * v, 3) for v in LIMITS["class_kept"])
    return {**LIMITS, "class_kept": (low, high)}


def _count_reasons(rows: Iterable[Row]) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        own = found.setdefault((row.class_name, row.domain), Counter())
        own[row.reason if not row.kept else ""] += 1
    return found


def _judge_cell(
    target: Target,
    found: Mapping[tuple[str, str], Reasons],
    limits: Limits,
    filters: Sequence[str],
) -> CellVerdict:
    domain = target.domain or ""
    reasons = found.get((target.class_name, domain), {})
    drawn, accepted = sum(reasons.values()), reasons.get("", 0)
    right = drawn - reasons.get("label", 0)
    figures = {
        "class_kept": _divide(right, drawn) if "label" in filters else math.nan,
        "reached": math.nan,
        "kept": _divide(accepted + reasons.get(REPEATS, 0), drawn),
    }
    aim = find_aim(target)
    if aim in filters:
        figures["reached"] = _divide(right - reasons.get(aim, 0), right)
    word = _judge_figures(figures, limits) if accepted else "poor"
    return CellVerdict(
        target.class_name,
        domain,
        word,
        _explain(figures, limits, word, reasons, target),
        requested=target.number,
        accepted=accepted,
        drawn=drawn,
        **figures,
    )


def find_aim(target: Target) -> str:
    """Return what candidates shall reach, a key of `AIMS`.

    Example:
        >>> find_aim(Target("cat", 9)), find_aim(Target("cat", 9, domain="night"))
        ('style', 'domain')
    """
    return "style" if target.domain is None else "domain"


def _judge_figures(figures: Mapping[str, float], limits: Limits) -> Word:
    """Return the worst word of the figures that are known; poor without any."""
    words = {
        _judge_figure(figures[name], *limit)
        for name, limit in limits.items()
        if not math.isnan(figures[name])
    }
    return next((word for word in WORDS if word in words), "poor")


def _judge_figure(value: float, poor: float, good: float) -> Word:
    if value < poor:
        return "poor"
    return "good" if value >= good else "usable"


def _explain(
    figures: Mapping[str, float],
    limits: Limits,
    word: Word,
    reasons: Reasons,
    target: Target,
) -> str | None:
    accepted, requested = reasons.get("", 0), target.number
    if not accepted:
        return "none of its candidates was kept"
    if word != "good":
        name = next(n for n, (_, good) in limits.items() if figures[n] < good)
        return _say_figure(name, figures[name], find_aim(target))
    if accepted < requested and reasons.get(REPEATS, 0):
        return f"only {accepted} of {requested}: others would repeat these"
    return None


def _choose_word(
    cells: Sequence[CellVerdict],
    figures: Mapping[str, float],
    limits: Limits,
    *,
    checked: bool,
) -> Word:
    words = [cell.word for cell in cells]
    empty = any(not cell.accepted for cell in cells)
    if empty or words.count("poor") > MOST_POOR * len(words):
        return "poor"
    word = _judge_figures(figures, limits)
    doubtful = "poor" in words or not checked
    return "usable" if word == "good" and doubtful else word


def _say(
    word: Word,
    cells: Sequence[CellVerdict],
    figures: Mapping[str, float],
    *,
    aim: str,
    checked: bool,
) -> str:
    """Say the verdict in one sentence."""
    known = {name: value for name, value in figures.items() if not math.isnan(value)}
    parts = [_say_figure(name, value, aim) for name, value in known.items()]
    empty = [cell.name for cell in cells if not cell.accepted]
    poor = [cell.name for cell in cells if cell.word == "poor" and cell.accepted]
    total = f"{len(cells)} {'cells' if cells[0].domain else 'classes'}"
    parts += _count_cells(empty, total, ("has no images", "have no images"))
    parts += _count_cells(poor, total, ("is poor", "are poor"))
    parts += ["no filter has checked the labels"] * (not checked)
    return f"{word.capitalize()}: {', '.join(parts)}."


def _say_figure(name: str, value: float, aim: str) -> str:
    words = AIMS[aim] if name == "reached" else FAULTS[name]
    return words.format(_say_share(value))


def _count_cells(names: Sequence[str], total: str, what: tuple[str, str]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(names[:CELLS_NAMED]) + ", …" * (len(names) > CELLS_NAMED)
    return [f"{len(names)} of {total} {what[len(names) > 1]} ({shown})"]


def _join_classes(cells: Sequence[CellVerdict]) -> dict[str, ClassVerdict]:
    """Join the cells of each class: its word is the worst of theirs."""
    classes: dict[str, list[CellVerdict]] = {}
    for cell in cells:
        classes.setdefault(cell.class_name, []).append(cell)
    joined = {}
    for name, own in classes.items():
        worst = min(own, key=lambda cell: WORDS.index(cell.word))
        where = f"in {worst.domain}: " if worst.domain else ""
        reason = None if worst.word == "good" else f"{where}{worst.reason}"
        kept = _average(own, "kept")
        joined[name] = ClassVerdict(worst.word, reason, kept=kept, **UNMEASURED)
    return joined


def _average(cells: Iterable[CellVerdict], name: str) -> float:
    values = [getattr(cell, name) for cell in cells]
    known = [value for value in values if not math.isnan(value)]
    return round(fmean(known), 3) if known else math.nan


def _say_share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _divide(above: float, below: float) -> float:
    return round(above / below, 3) if below else math.nan

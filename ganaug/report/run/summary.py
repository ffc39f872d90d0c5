"""The summary: one sentence, a few large numbers, and what to know before the rest."""

from __future__ import annotations

from typing import Any

from ganaug.report.numbers import write_share
from ganaug.report.run.checks import list_problems
from ganaug.report.run.gallery import make_mosaic
from ganaug.report.run.reading.sources import Sources
from ganaug.report.run.reading.training_log import curve
from ganaug.report.run.request import say_duration


def describe_summary(sources: Sources) -> dict[str, Any]:
    """Return what stands on top of the page."""
    return {
        "mosaic": make_mosaic(sources),
        "classes": len(sources.classes),
        "synthetic": None if sources.store is None else len(sources.store),
        "real": _count_real(sources),
        "unfinished": sources.unfinished,
        "numbers": _list_numbers(sources),
        "notes": _list_notes(sources),
    }


def _count_real(sources: Sources) -> int | None:
    fingerprint = sources.fingerprint
    return None if fingerprint is None else sum(fingerprint.counts)


def _list_numbers(sources: Sources) -> list[tuple[str, str]]:
    """List (value, what it counts), at most six."""
    numbers = []
    if sources.store is not None:
        numbers.append((f"{len(sources.store):,}", "synthetic images"))
    real = _count_real(sources)
    if real is not None:
        numbers.append((f"{real:,}", "real images"))
    numbers.append((f"{len(sources.classes):,}", "classes"))
    counts = sources.screening.classes
    if counts:
        drawn = sum(count.drawn for count in counts)
        share = sum(count.accepted for count in counts) / max(1, drawn)
        numbers.append((write_share(share), "of candidates kept"))
    return [*numbers, *_list_training_numbers(sources)]


def _list_training_numbers(sources: Sources) -> list[tuple[str, str]]:
    numbers = []
    seconds = sum(log.seconds for log in sources.logs)
    if seconds:
        time, _, unit = say_duration(seconds).partition(" ")
        numbers.append((time, f"{unit} of training"))
    various = [curve(log.snapshots, "diversity") for log in sources.logs]
    ends = [points[-1][1] for points in various if points]
    if ends:
        mean = sum(ends) / len(ends)
        numbers.append((write_share(mean), "of the real images’ variety"))
    return numbers


def _list_notes(sources: Sources) -> list[str]:
    """Return sentences that a reader should see first."""
    notes = []
    if sources.unfinished:
        seen = sum(log.seen for log in sources.logs)
        notes.append(
            f"The training is not finished: it has seen {seen:,} of "
            f"{sources.config.images:,} images. What is shown is how far it has come."
        )
    if sources.real is None:
        notes.append(
            "The real images were not found, so nothing is shown beside synthetic "
            f"ones: {sources.no_real}."
        )
    for count in sources.screening.classes:
        if count.accepted < count.requested:
            fallback = f"has {count.accepted:,} of {count.requested:,} images"
            notes.append(f"Class {count.name} {count.note or fallback}.")
    notes += sources.screening.notes
    if sources.fingerprint is not None:
        notes += list_problems(sources.fingerprint)
    return notes

"""The summary: the verdict, alarms and notes, one sentence and a few large numbers."""

from __future__ import annotations

from typing import Any

from ganaug.display.words import say_time
from ganaug.report.numbers import write_share
from ganaug.report.run.checks import list_problems
from ganaug.report.run.gallery import make_mosaic
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.training.alarms import describe_alarms
from ganaug.report.run.verdict import describe_verdict
from ganaug.synth.fill.opening import was_filled
from ganaug.synth.styled.opening import was_styled


def describe_summary(material: RunMaterial) -> dict[str, Any]:
    """Return the contents of the page's head."""
    return {
        "verdict": describe_verdict(material),
        **describe_alarms(material),
        "mosaic": make_mosaic(material),
        "classes": len(material.classes),
        "synthetic": None if material.store is None else len(material.store),
        "real": _count_real(material),
        "carried": material.store is not None and was_filled(material.store.meta),
        "styled": material.store is not None and was_styled(material.store.meta),
        "carrier": material.store and material.store.meta.config.get("carrier"),
        "unfinished": material.unfinished,
        "numbers": _list_numbers(material),
        "notes": _list_notes(material),
    }


def _count_real(material: RunMaterial) -> int | None:
    fingerprint = material.fingerprint
    return None if fingerprint is None else sum(fingerprint.counts)


def _list_numbers(material: RunMaterial) -> list[tuple[str, str]]:
    """Return pairs (value, meaning), at most six."""
    numbers = []
    if material.store is not None:
        numbers.append((f"{len(material.store):,}", "synthetic images"))
    real = _count_real(material)
    if real is not None:
        numbers.append((f"{real:,}", "real images"))
    numbers.append((f"{len(material.classes):,}", "classes"))
    counts = material.screening.classes
    if counts and (material.store is None or material.store.verdict is None):
        drawn = sum(count.drawn for count in counts)
        share = sum(count.accepted for count in counts) / max(1, drawn)
        numbers.append((write_share(share), "of candidates kept"))
    return [*numbers, *_list_training_numbers(material)]


def _list_training_numbers(material: RunMaterial) -> list[tuple[str, str]]:
    numbers = []
    seconds = sum(log.seconds for log in material.logs)
    if seconds:
        time, _, unit = say_time(seconds).partition(" ")
        numbers.append((time, f"{unit} of training"))
    return numbers


def _list_notes(material: RunMaterial) -> list[str]:
    """Return sentences that a reader should see first."""
    notes = []
    if material.unfinished:
        seen = sum(log.seen for log in material.logs)
        notes.append(
            f"The training is not finished: it has seen {seen:,} of "
            f"{material.config.images:,} images. The page shows its present state."
        )
    if material.real is None:
        notes.append(
            "The real images were not found, so only synthetic ones are shown: "
            f"{material.no_real}."
        )
    if material.start is not None:
        known = len(set(material.start["classes"]) & set(material.classes))
        notes.append(
            f"The networks began with those of {material.start['path']}, which knew "
            f"{known} of the {len(material.classes)} classes."
        )
    for count in material.screening.classes:
        if count.accepted < count.requested:
            fallback = f"has {count.accepted:,} of {count.requested:,} images"
            notes.append(f"Class {count.name} {count.note or fallback}.")
    notes += material.screening.notes
    if material.fingerprint is not None:
        notes += list_problems(material.fingerprint)
    return notes

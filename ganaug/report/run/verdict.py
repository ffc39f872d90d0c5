"""The verdict on a store: its word, figures, next step, and what rang in training."""

from __future__ import annotations

import math
import shlex
from typing import Any

from ganaug.report.numbers import write_share
from ganaug.report.run.reading.material import RunMaterial
from ganaug.synth.verdict.record import FIGURES, ClassVerdict, StoreVerdict

MEANINGS = {
    "kept": ("Kept", "share of candidates that passed the filters"),
    "variety": ("Variety", "how much the images of a class differ"),
    "recall": ("Recall", "kinds of real images that it draws too"),
    "nearness": ("Nearness", "synthetic images that lie near real ones"),
}
COMMAND = "ganaug "  # how a command begins
UNJUDGED = "Not judged"
CLASSES_NAMED = 8  # most classes that are named above the table


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
        "figures": [_describe_figure(name, verdict) for name in FIGURES],
        "weak": _list_weak(verdict)[:CLASSES_NAMED],
        "hidden": max(0, len(_list_weak(verdict)) - CLASSES_NAMED),
        "classes": [_describe_class(*item) for item in verdict.classes.items()],
        "columns": [title for title, _ in MEANINGS.values()],
    }


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


def _describe_figure(name: str, verdict: StoreVerdict) -> dict[str, Any]:
    title, meaning = MEANINGS[name]
    value = getattr(verdict, name)
    known = math.isfinite(value)
    return {
        "title": title,
        "meaning": meaning,
        "text": _say_share(value),
        "width": round(100 * min(1.0, max(0.0, value)), 1) if known else 0,
        "of_real": name != "kept",
    }


def _list_weak(verdict: StoreVerdict) -> list[tuple[str, ClassVerdict]]:
    """Return the classes that are not good, poor ones first."""
    weak = [item for item in verdict.classes.items() if item[1].word != "good"]
    return sorted(weak, key=lambda item: item[1].word != "poor")


def _describe_class(name: str, verdict: ClassVerdict) -> dict[str, Any]:
    return {
        "name": name,
        "word": verdict.word,
        "reason": verdict.reason or "",
        "cells": [_say_share(getattr(verdict, figure)) for figure in FIGURES],
    }


def _say_share(value: float) -> str:
    return write_share(value) if math.isfinite(value) else "–"

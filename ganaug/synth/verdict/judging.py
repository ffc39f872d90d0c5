"""judge_store: the verdict on a store, from its images beside the real ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.random_net import random_features
from ganaug.data.resize import resize_pixels
from ganaug.metrics.thinning import thin
from ganaug.synth.filters.candidates import RealExamples
from ganaug.synth.store.store import Store
from ganaug.synth.store.tally import Count, Tally
from ganaug.synth.verdict.measures import MOST_COMPARED, compare_class
from ganaug.synth.verdict.next_step import Situation, advise_on_store
from ganaug.synth.verdict.record import FIGURES, ClassVerdict, StoreVerdict, Word
from ganaug.synth.verdict.rules import (
    explain,
    is_empty,
    is_unmeasured,
    judge_class,
    judge_classes,
    judge_figures,
)

CLASSES_NAMED = 3  # poor classes in a sentence
# what is said of one class and of several, in the order of the sentence
FAULTS = {
    "empty": ("has no images", "have no images"),
    "poor": ("is poor", "are poor"),
    "unmeasured": (
        "has too few images to measure all", "have too few images to measure all",
    ),
}  # fmt: skip


def judge_store(
    store: Store, examples: RealExamples, situation: Situation
) -> StoreVerdict | None:
    """Judge a store by its images and its rejected candidates.

    Args:
        store: the store; it is read at up to 200 images of a class.
        examples: its real images, at the GAN's grid.
        situation: what it was made from. Where no filter has checked the labels, the
            store is usable at best.

    Returns:
        The verdict; None for a store without candidates.
    """
    tally = Tally(store.read_rows())
    counts = {name: tally.of_class(name) for name in store.classes}
    drawn = {name: count for name, count in counts.items() if count.drawn}
    if not drawn:
        return None
    found = {
        name: judge_class(_measure(store, examples, store.class_to_idx[name], count))
        for name, count in drawn.items()
    }
    overall = {name: _average(found, name) for name in FIGURES}
    word = judge_classes(overall, found.values())
    unchecked = "label" not in store.meta.filters and len(store.classes) > 1
    if unchecked and word == "good":
        word = "usable"
    sentence = say(word, overall, found, unchecked=unchecked)
    return StoreVerdict(
        word,
        sentence,
        advise_on_store(situation, word),
        **overall,
        classes=found,
        cells=(),
    )


def _measure(
    store: Store, examples: RealExamples, label: int, count: Count
) -> dict[str, float]:
    """Measure a class; figures are rounded as they are shown."""
    rows = thin(np.flatnonzero(store.labels == label), MOST_COMPARED)
    real = [
        part.random[part.labels == label]
        for part in (examples.training, examples.held_out)
    ]
    fake = random_features(_read(store, rows)) if len(rows) else np.empty((0, 1))
    likeness = compare_class(fake.astype(np.float32), np.concatenate(real))
    kept = count.accepted / count.drawn
    return {
        name: round(value, 3)
        for name, value in {"kept": kept, **likeness._asdict()}.items()
    }


def _read(store: Store, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    grid = store.meta.grid
    return np.stack([resize_pixels(store.image(int(i)), grid) for i in rows])


def _average(found: Mapping[str, ClassVerdict], name: str) -> float:
    """Average a figure over the classes for which it was measured."""
    values = [getattr(each, name) for each in found.values()]
    known = [v for v in values if not math.isnan(v)]
    return round(fmean(known), 3) if known else math.nan


def say(
    word: Word,
    overall: Mapping[str, float],
    found: Mapping[str, ClassVerdict],
    *,
    unchecked: bool = False,
) -> str:
    """Say the verdict in one sentence."""
    parts = [] if judge_figures(overall) != word else explain(overall, word)
    if word == "good":
        parts = [
            f"{100 * overall['kept']:.0f} % kept",
            f"{100 * overall['variety']:.0f} % of the real variety",
        ]
    if len(found) > 1:
        faults = {name: _find_fault(each) for name, each in found.items()}
        for fault, words in FAULTS.items():
            names = [name for name, own in faults.items() if own == fault]
            parts += _count_classes(names, len(found), words)
    if unchecked:
        parts.append("no filter has checked the labels")
    return f"{word.capitalize()}: {', '.join(parts)}."


def _find_fault(found: ClassVerdict) -> str | None:
    """Return the key in FAULTS of what is wrong with a class, or None."""
    if is_empty(vars(found)):
        return "empty"
    if found.word == "poor":
        return "poor"
    return "unmeasured" if is_unmeasured(vars(found)) else None


def _count_classes(
    names: Sequence[str], total: int, what: tuple[str, str]
) -> list[str]:
    """Say how many classes are so and which; nothing where none is."""
    if not names:
        return []
    shown = ", ".join(names[:CLASSES_NAMED]) + ", …" * (len(names) > CLASSES_NAMED)
    return [f"{len(names)} of {total} classes {what[len(names) > 1]} ({shown})"]

"""The summary of a store's candidates, counted from its manifest."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganaug.data.resize import resize_pixels
from ganaug.errors import StoreError
from ganaug.metrics.memorisation import FEWEST_HELD, copying_score
from ganaug.synth.filters.copy_detector import CopyDetector
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.screening import (
    ClassScreening,
    ClosestPair,
    CopyTest,
    Screening,
    read_screening,
)
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import Meta
from ganaug.synth.store.png import read_stored, to_pixels
from ganaug.synth.store.tally import Tally

PAIRS = 10  # nearest pairs in the list


def summarise_candidates(
    folder: Path, meta: Meta, requested: Mapping[str, int], *, pipeline: FilterPipeline
) -> Screening:
    """Count the manifest's rows, and test the accepted images for copying.

    Args:
        folder: folder of the store.
        meta: contents of the store's meta.json.
        requested: class name → requested images; other classes keep the numbers of
            earlier calls.
        pipeline: filters that judged the candidates.
    """
    counts = _Counts(folder, meta)
    before = _read_earlier(folder)
    requested = {**{each.name: each.requested for each in before.classes}, **requested}
    scored = [f for f in pipeline.filters if f.memory is None]
    found = Screening(
        classes=tuple(
            counts.describe_class(name, meta.filters, requested.get(name, 0))
            for name in meta.classes
            if counts.tally.of_class(name).drawn
        ),
        thresholds={f.name: f.threshold for f in scored},
        notes=tuple(pipeline.notes),
        recognised=_add_recognised(before.recognised, pipeline),
    )
    detector = next((f.detector for f in pipeline.filters if f.detector), None)
    if detector is None:
        return found
    return replace(
        found,
        too_close=counts.share_too_close(),
        copy_tests=tuple(_test_copying(counts, meta, detector)),
        closest=tuple(_find_closest(folder, meta, counts, detector)),
    )


def explain_shortfall(
    requested: int, accepted: int, drawn: int, *, rejected: Mapping[str, int]
) -> str:
    """Say why a class has fewer images than requested, or "" if it has all.

    Example:
        >>> explain_shortfall(9, 2, 400, rejected={"label": 398})
        'fell short: 2 of 9 images; of 400 candidates 0.5 % were accepted (label 100 %)'
    """
    if accepted >= requested or not drawn:
        return ""
    reasons = sorted(rejected.items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{why} {100 * n / drawn:.0f} %" for why, n in reasons if n)
    return (
        f"fell short: {accepted:,} of {requested:,} images; of {drawn:,} candidates "
        f"{100 * accepted / drawn:.1f} % were accepted ({listed})"
    )


def _read_earlier(folder: Path) -> Screening:
    """Return what earlier calls found; empty if the file is missing or damaged."""
    try:
        return read_screening(folder) or Screening()
    except StoreError:
        return Screening()  # the damaged file is about to be replaced


def _add_recognised(
    before: Mapping[str, Mapping[str, int]], pipeline: FilterPipeline
) -> dict[str, dict[str, int]]:
    """Return class → class that the teacher saw → candidates, earlier calls' too."""
    classes, found = pipeline.real.classes, {}
    for name, counts in zip(classes, pipeline.recognised.tolist(), strict=True):
        own = Counter(before.get(name, {}))
        own.update(dict(zip(classes, counts, strict=True)))
        if any(own.values()):
            found[name] = {seen: n for seen, n in own.items() if n}
    return found


class _Counts:
    """Counts and scores of all candidates in the manifest.

    Attributes:
        tally: numbers of candidates and accepted images.
        rejected: class → filter → number of candidates.
        distances: class → scores of the copy filter.
        closest: (distance, path, class) of the accepted images nearest to a real one.
    """

    def __init__(self, folder: Path, meta: Meta) -> None:
        self.tally = Tally()
        self.rejected = {name: Counter[str]() for name in meta.classes}
        self.distances = {name: array("f") for name in meta.classes}
        self.closest: list[tuple[float, str, str]] = []
        for row in manifest.read_rows(folder / manifest.MANIFEST_FILE, meta.folders):
            self._add(row)
        self.closest = heapq.nsmallest(PAIRS, self.closest)

    def _add(self, row: manifest.Row) -> None:
        name = row.class_name
        self.tally.add(row)
        if not row.kept:
            self.rejected[name][row.reason] += 1
        if not row.nearest_real_distance:
            return
        distance = float(row.nearest_real_distance)
        self.distances[name].append(distance)
        if row.kept:
            self.closest.append((distance, row.path, name))
        if len(self.closest) > 100 * PAIRS:
            self.closest = heapq.nsmallest(PAIRS, self.closest)

    def describe_class(
        self, name: str, filters: tuple[str, ...], requested: int
    ) -> ClassScreening:
        accepted, drawn = self.tally.of_class(name)
        rejected = self.rejected[name]
        return ClassScreening(
            name,
            requested=requested or accepted,
            accepted=accepted,
            drawn=drawn,
            rejected={why: rejected[why] for why in filters},
            note=explain_shortfall(requested, accepted, drawn, rejected=rejected),
        )

    def share_too_close(self) -> float:
        """Return the share of candidates that count as copies."""
        each = [np.frombuffer(own, np.float32) for own in self.distances.values()]
        every = np.concatenate(each)
        return round(float((every < 1).mean()), 5) if len(every) else 0.0


def _test_copying(
    counts: _Counts, meta: Meta, detector: CopyDetector
) -> Iterator[CopyTest]:
    """Yield the C_T test of each class that has scores."""
    for label, name in enumerate(meta.classes):
        generated = np.frombuffer(counts.distances[name], np.float32)
        if not len(generated):
            continue
        held_out = detector.held_out_scores[detector.held_out_labels == label]
        found = copying_score(generated, held_out)
        few = f"not enough held-out images ({len(held_out)}, {FEWEST_HELD} are needed)"
        yield CopyTest(
            name,
            None if found is None else round(float(found.value), 2),
            few if len(held_out) < FEWEST_HELD else "",
        )


def _find_closest(
    folder: Path, meta: Meta, counts: _Counts, detector: CopyDetector
) -> Iterator[ClosestPair]:
    """Yield the accepted images nearest to training images, with these."""
    for distance, path, name in counts.closest:
        stored = read_stored(folder / path, meta.size, meta.config["channels"])
        image = resize_pixels(to_pixels(stored), meta.grid)[None]
        label = np.array([meta.class_to_idx[name]], np.int64)
        real = int(detector.find_nearest(image, label)[0])
        yield ClosestPair(path, name, real=real, distance=distance)

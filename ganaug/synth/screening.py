"""screening.json of a store: what the filters accepted, class by class, and why not."""

from __future__ import annotations

import heapq
import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.data.resize import resize_images
from ganaug.errors import StoreError
from ganaug.files import write_text
from ganaug.metrics.memorisation import FEWEST_HELD, copying_score
from ganaug.synth.filters.copies import CopyDetector
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.store import manifest
from ganaug.synth.store.meta import Meta

NAME = "screening.json"
FORMAT = 1
PAIRS = 10  # nearest ones that are listed


def write_screening(
    folder: Path, meta: Meta, wanted: Mapping[str, int], pipeline: FilterPipeline
) -> None:
    """Count the manifest's rows and write what came of the candidates.

    Args:
        folder: the store.
        meta: of it.
        wanted: images asked for, by class name.
        pipeline: judged them.
    """
    tally = _count(folder, meta)
    wanted = {**_read_wanted(folder), **wanted}
    detector = next((f.detector for f in pipeline.filters if f.detector), None)
    scored = [f for f in pipeline.filters if f.memory is None]
    values = {
        "format": FORMAT,
        "thresholds": {f.name: f.threshold for f in scored},
        "classes": {
            name: _describe_class(tally, meta, name, wanted.get(name, 0))
            for name in meta.classes
            if tally.drawn[name]
        },
        "notes": list(pipeline.notes),
    }
    if detector is not None:
        values["memorisation"] = _describe_copying(tally, meta, detector)
        values["closest"] = list(_find_closest(folder, meta, tally, detector))
    write_text(folder / NAME, json.dumps(values, indent=1) + "\n")


def _read_wanted(folder: Path) -> dict[str, int]:
    """Images that earlier calls asked for, by class name."""
    try:
        known = (read_screening(folder) or {"classes": {}})["classes"]
        return {name: int(own["wanted"]) for name, own in known.items()}
    except (StoreError, KeyError, TypeError, ValueError, AttributeError):
        return {}  # it is about to be written anew


class _Tally:
    """What the manifest says of all candidates."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.drawn: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.refused: dict[str, Counter[str]] = {name: Counter() for name in classes}
        # distances of all candidates; (distance, path, class) of the nearest kept
        self.distances: dict[str, array[float]] = {name: array("f") for name in classes}
        self.closest: list[tuple[float, str, str]] = []


def _count(folder: Path, meta: Meta) -> _Tally:
    tally = _Tally(meta.classes)
    for row in manifest.read_rows(folder / manifest.NAME):
        name = row.class_name
        tally.drawn[name] += 1
        tally.accepted[name] += row.kept
        if not row.kept:
            tally.refused[name][row.reason] += 1
        if not row.nearest_real_distance:
            continue
        distance = float(row.nearest_real_distance)
        tally.distances[name].append(distance)
        if row.kept:
            tally.closest.append((distance, row.path, name))
            if len(tally.closest) > 100 * PAIRS:
                tally.closest = heapq.nsmallest(PAIRS, tally.closest)
    tally.closest = heapq.nsmallest(PAIRS, tally.closest)
    return tally


def _describe_class(
    tally: _Tally, meta: Meta, name: str, wanted: int
) -> dict[str, Any]:
    accepted, drawn, refused = (
        tally.accepted[name], tally.drawn[name], tally.refused[name],
    )  # fmt: skip
    return {
        "wanted": wanted or accepted,
        "accepted": accepted,
        "drawn": drawn,
        "rejected": {why: refused[why] for why in meta.filters},
        "note": explain_shortfall(wanted, accepted, drawn, refused),
    }


def _describe_copying(
    tally: _Tally, meta: Meta, detector: CopyDetector
) -> dict[str, Any]:
    """The share of candidates that are copies, and the C_T test of each class."""
    tests = {}
    for label, name in enumerate(meta.classes):
        generated = np.frombuffer(tally.distances[name], np.float32)
        held = detector.held_out_scores[detector.held_out_labels == label]
        found = copying_score(generated, held) if len(generated) else None
        if len(generated):
            few = f"not enough held-out images ({len(held)}, {FEWEST_HELD} are needed)"
            z = None if found is None else round(float(found.value), 2)
            tests[name] = {"z": z, "note": few if len(held) < FEWEST_HELD else ""}
    every = np.concatenate(
        [np.frombuffer(d, np.float32) for d in tally.distances.values()]
    )
    share = float((every < 1).mean()) if len(every) else 0.0
    return {"too_close": round(share, 5), "ct": tests}


def _find_closest(
    folder: Path, meta: Meta, tally: _Tally, detector: CopyDetector
) -> Iterator[dict[str, Any]]:
    """The accepted images nearest to a training image, and which one that is."""
    for distance, path, name in tally.closest:
        with Image.open(folder / path) as picture:
            pixels = np.asarray(picture)
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        image = resize_images(pixels[None], meta.grid)
        label = np.array([meta.class_to_idx[name]], np.int64)
        real = int(detector.find_nearest(image, label)[0])
        yield {"path": path, "class": name, "real": real, "distance": distance}


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

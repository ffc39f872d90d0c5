"""Snapshots of the averaged generator: those that may be chosen stay."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "snapshots"
BEST = 5


@dataclass(frozen=True)
class Candidate:
    """A snapshot that is still there.

    Attributes:
        images: real images seen.
        distance: class-averaged kernel distance to held-out real images.
        error: its jackknife standard error.
    """

    images: int
    distance: float
    error: float


def keep_snapshot(run: Path, seen: int, save: Callable[[Path], object]) -> None:
    """Save a snapshot and delete those that nothing will ask for.

    The last one stays, the best five (by kernel distance in the run's metrics.jsonl),
    and every one that is within one standard error of the best.

    Args:
        run: folder of the run, whose metrics.jsonl has this snapshot's row already.
        seen: images seen, which names the file.
        save: writes the weights to a path.
    """
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    save(folder / name_file(seen))
    there = read_candidates(run)
    kept = sorted(there, key=lambda c: c.distance)[:BEST]
    kept += within_one_error(there) if there else []
    names = {name_file(c.images) for c in kept} | {name_file(seen)}
    for path in folder.glob("*.safetensors"):
        if path.name not in names:
            path.unlink()


def name_file(seen: int) -> str:
    """Of the snapshot after so many images: names are in order."""
    return f"{seen:09d}.safetensors"


def within_one_error(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those within one standard error of the one with the least distance, latest first.

    The standard error is that of the best one.
    """
    best = min(candidates, key=lambda c: (c.distance, -c.images))
    good = [c for c in candidates if c.distance <= best.distance + best.error]
    return sorted(good, key=lambda c: c.images, reverse=True)


def read_candidates(run: Path) -> list[Candidate]:
    """Snapshots whose files are still there, with what metrics.jsonl says of them."""
    path = run / "metrics.jsonl"
    if not path.is_file():
        return []
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Candidate(row["images"], row["distance"], row["error"])
        for row in rows
        if row.get("snapshot")
        and "error" in row
        and (run / FOLDER / name_file(row["images"])).is_file()
    ]

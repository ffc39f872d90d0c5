"""Snapshots of the averaged generator; only those that may be chosen are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganaug.training.journal import read_journal

SNAPSHOTS = "snapshots"
BEST_KEPT = 5


@dataclass(frozen=True)
class Candidate:
    """A snapshot that is still in its folder.

    Attributes:
        images: real images seen by then.
        distance: kernel distance to held-out images, averaged over classes.
        error: jackknife standard error of the distance.
    """

    images: int
    distance: float
    error: float


def keep_snapshot(run: Path, seen: int, save: Callable[[Path], object]) -> None:
    """Save a snapshot and delete those that will never be chosen.

    Kept are the last one, the best five by kernel distance, and all within one standard
    error of the best.

    Args:
        run: folder of the run, whose metrics.jsonl has this snapshot's row already.
        seen: images seen so far, which name the file.
        save: function that writes the weights to a path.
    """
    folder = run / SNAPSHOTS
    folder.mkdir(exist_ok=True)
    save(folder / name_file(seen))
    there = read_candidates(run)
    kept = sorted(there, key=lambda c: c.distance)[:BEST_KEPT]
    kept += within_one_error(there) if there else []
    names = {name_file(c.images) for c in kept} | {name_file(seen)}
    for path in folder.glob("*.safetensors"):
        if path.name not in names:
            path.unlink()


def name_file(seen: int) -> str:
    """Return the file name of the snapshot after `seen` images; names sort by age."""
    return f"{seen:09d}.safetensors"


def within_one_error(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates within one standard error of the best, latest first.

    The standard error is that of the best candidate.
    """
    best = min(candidates, key=lambda c: (c.distance, -c.images))
    good = [c for c in candidates if c.distance <= best.distance + best.error]
    return sorted(good, key=lambda c: c.images, reverse=True)


def read_candidates(run: Path) -> list[Candidate]:
    """Read the figures in metrics.jsonl of all snapshots that are still there."""
    return [
        Candidate(row["images"], row["distance"], row["error"])
        for row in read_journal(run)
        if row.get("snapshot")
        and None not in (row.get("distance"), row.get("error"))
        and (run / SNAPSHOTS / name_file(row["images"])).is_file()
    ]

"""Snapshots of the averaged generator: the best five and the last one stay."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

FOLDER = "snapshots"
BEST = 5


def keep_snapshot(run: Path, seen: int, save: Callable[[Path], object]) -> None:
    """Save a snapshot and delete those that are neither among the best nor the last.

    Best is the lowest kernel distance in the run's metrics.jsonl.

    Args:
        run: folder of the run, whose metrics.jsonl has this snapshot's row already.
        seen: images seen, which names the file.
        save: writes the weights to a path.
    """
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    save(folder / f"{seen:09d}.safetensors")
    distances = read_distances(run)
    files = sorted(folder.glob("*.safetensors"))
    ranked = sorted(files, key=lambda f: distances.get(int(f.stem), math.inf))
    for path in set(files) - set(ranked[:BEST]) - {files[-1]}:
        path.unlink()


def read_distances(run: Path) -> dict[int, float]:
    """Images seen → kernel distance of that snapshot, from metrics.jsonl."""
    distances = {}
    for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("snapshot") and "distance" in row:
            distances[int(row["images"])] = float(row["distance"])
    return distances

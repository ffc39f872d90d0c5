"""The training log: metrics.jsonl of a run, or of each of its classes' GANs."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.gan.run_folder import Run


@dataclass(frozen=True)
class Log:
    """What one network's training wrote.

    Attributes:
        folder: of the run, or of one class in it.
        reports: rows with the losses.
        snapshots: rows with diversity and distance.
        diagnoses: rows with how G and D did against each other.
        alarms: rows with an alarm's name and its sentence.
        rolled_back: images seen at each divergence that was undone.
    """

    folder: Path
    reports: tuple[dict[str, Any], ...] = ()
    snapshots: tuple[dict[str, Any], ...] = ()
    diagnoses: tuple[dict[str, Any], ...] = ()
    alarms: tuple[dict[str, Any], ...] = ()
    rolled_back: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        return max((row.get("seconds", 0.0) for row in self.reports), default=0.0)

    @property
    def seen(self) -> int:
        rows = (*self.reports, *self.snapshots)
        return max((row["images"] for row in rows), default=0)


def read_logs(run: Run) -> list[Log]:
    """One log for a joint network, one per class begun for separate ones."""
    return [_read_log(folder) for folder in run.folders]


def curve(rows: tuple[dict[str, Any], ...], name: str) -> list[tuple[int, float]]:
    """(images seen, value) of one figure, where it was measured.

    Example:
        >>> curve(({"images": 64, "d_loss": 0.5}, {"images": 96}), "d_loss")
        [(64, 0.5)]
    """
    points = [(row["images"], row.get(name)) for row in rows]
    return [(at, float(v)) for at, v in points if v is not None and math.isfinite(v)]


def _read_log(folder: Path) -> Log:
    path = folder / "metrics.jsonl"
    if not path.is_file():
        return Log(folder)
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # a row that is being written, or was cut by a kill
        if isinstance(row, dict) and isinstance(row.get("images"), int):
            rows.append(row)
    return Log(
        folder,
        tuple(r for r in rows if "d_loss" in r),
        tuple(r for r in rows if r.get("snapshot")),
        tuple(r for r in rows if r.get("diagnosis")),
        tuple(r for r in rows if isinstance(r.get("sentence"), str)),
        tuple(int(r["rolled_back_from"]) for r in rows if "rolled_back_from" in r),
    )

"""The training log: metrics.jsonl of a run, or of each of its classes' GANs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.gan.run_folder import Run
from ganaug.training.journal import read_journal


@dataclass(frozen=True)
class Log:
    """The log of one network's training.

    Attributes:
        folder: folder of the run, or of one class in it.
        reports: rows with the losses.
        snapshots: rows with diversity and distance.
        diagnoses: rows with the figures that alarms watch.
        alarms: rows with an alarm's name and its sentence.
        ends: rows with the name of an alarm that is over, and a sentence.
        rolled_back: images seen at each divergence that was undone.
    """

    folder: Path
    reports: tuple[dict[str, Any], ...] = ()
    snapshots: tuple[dict[str, Any], ...] = ()
    diagnoses: tuple[dict[str, Any], ...] = ()
    alarms: tuple[dict[str, Any], ...] = ()
    ends: tuple[dict[str, Any], ...] = ()
    rolled_back: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        return max((row.get("seconds", 0.0) for row in self.reports), default=0.0)

    @property
    def seen(self) -> int:
        rows = (*self.reports, *self.snapshots)
        return max((row["images"] for row in rows), default=0)


def read_logs(run: Run) -> list[Log]:
    """Read the logs of a run: one, or one for each class that has its own network."""
    return [_read_log(folder) for folder in run.folders]


def curve(rows: tuple[dict[str, Any], ...], name: str) -> list[tuple[int, float]]:
    """Return (images seen, value) pairs of one figure, where it was measured.

    Example:
        >>> curve(({"images": 64, "d_loss": 0.5}, {"images": 96}), "d_loss")
        [(64, 0.5)]
    """
    points = [(row["images"], row.get(name)) for row in rows]
    return [
        (at, float(v))
        for at, v in points
        if isinstance(v, int | float) and math.isfinite(v)
    ]


def _read_log(folder: Path) -> Log:
    rows = read_journal(folder)
    return Log(
        folder=folder,
        reports=_pick(rows, lambda row: "d_loss" in row),
        snapshots=_pick(rows, lambda row: row.get("snapshot")),
        diagnoses=_pick(rows, lambda row: row.get("diagnosis")),
        alarms=_pick(rows, lambda row: "sentence" in row and "alarm" in row),
        ends=_pick(rows, lambda row: "sentence" in row and "over" in row),
        rolled_back=tuple(
            row["rolled_back_from"]
            for row in rows
            if isinstance(row.get("rolled_back_from"), int)
        ),
    )


def _pick(
    rows: list[dict[str, Any]], has: Callable[[dict[str, Any]], Any]
) -> tuple[dict[str, Any], ...]:
    return tuple(row for row in rows if has(row))

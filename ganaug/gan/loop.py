"""The training loop: report → diagnosis → snapshot → checkpoint → stop? → step."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import CheckpointError, TrainingError
from ganaug.files import say_disk_error, write_text
from ganaug.gan.checkpoint import load_checkpoint, save_checkpoint
from ganaug.gan.monitoring.alarms import Fired, ring
from ganaug.gan.monitoring.diagnosis import Diagnosis, Diagnostics, read_diagnosis
from ganaug.gan.monitoring.quality import COLUMNS
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.gan.monitoring.snapshots import keep_snapshot
from ganaug.gan.trainer import Trainer
from ganaug.training.interrupt import StoppedError, StopRequest

REPORTS = 200  # rows of metrics.jsonl in a whole run
TICK = 0.5  # seconds between two calls of `progress`
TINY = 1e-6  # of an image
SLOWER = 0.5  # factor on the learning rate after a rollback


@dataclass(frozen=True)
class Status:
    """What a progress bar shows.

    Attributes:
        seen, images: real images seen so far and in the whole run.
        rate: images per second, lately.
        seconds_left: at that rate.
        figures: losses, the last snapshot's quality and the last diagnosis.
        part: what is being trained, "" for a joint network.
        alarms: those that have rung since training began or went on.
    """

    seen: int
    images: int
    rate: float
    seconds_left: float
    figures: dict[str, float]
    part: str = ""
    alarms: tuple[Fired, ...] = ()


Progress = Callable[[Status], None]


class Loop:
    """Drives a Trainer to the end of its run and leaves the run's files.

    Args:
        trainer: fresh; an earlier checkpoint in `run` is restored.
        run: the run folder.
        diagnostics: measures the game on the way; its watch judges snapshots.
        save: writes the averaged generator to a path.
        request: set by a signal.
        progress: called about twice a second.
        part: name shown with the progress.

    Raises:
        StoppedError: a signal asked for it; the state is saved.
        TrainingError: the loss stopped being finite for a second time.
        CheckpointError: the disk refuses, or a checkpoint is damaged.
    """

    def __init__(
        self,
        trainer: Trainer,
        run: Path,
        diagnostics: Diagnostics,
        save: Callable[[Path], object],
        request: StopRequest,
        progress: Progress | None = None,
        part: str = "",
    ) -> None:
        self.trainer, self.run, self.save = trainer, run, save
        self.diagnostics, self.watch = diagnostics, diagnostics.watch
        self.request, self.progress, self.part = request, progress, part
        self.figures: dict[str, float] = {}
        self.history: list[Diagnosis] = []
        self.known: set[str] = set()  # alarms that have rung in this run
        self.alarms: list[Fired] = []  # those of them that rang in this process
        self.elapsed = 0.0
        self.started = self.last_tick = self.saved = time.monotonic()

    def finish(self) -> None:
        """Train until the run's images are seen."""
        self._resume()
        trainer, images = self.trainer, self.trainer.config.images
        every = max(1, images // REPORTS)
        snapshots = trainer.config.snapshots
        self.started = self.last_tick = self.saved = time.monotonic()
        self.start_seen = trainer.seen
        fresh = True  # what was due at the restored moment was done then
        while True:
            due = not fresh and _crossed(trainer, every)
            if due and not self._report():
                fresh = True
                continue
            if not fresh and self.diagnostics.is_due():
                self._diagnose()
            if snapshots and not fresh and _crossed(trainer, images / snapshots):
                self._snapshot()
            self._checkpoint_if_due()
            if trainer.seen >= images:
                self._tell()
                return
            self._stop_if_asked()
            trainer.step()
            fresh = False
            self._tick()

    def _resume(self) -> None:
        restored = load_checkpoint(self.run, self.trainer)
        if restored is None:
            self._save()
            restored = {}
        self.elapsed = float(restored.get("elapsed", 0.0))
        self._read_back()

    def _read_back(self) -> None:
        """What metrics.jsonl has up to the restored moment; later rows go."""
        rows = _truncate_metrics(self.run, self.trainer.seen)
        images = self.trainer.config.images
        self.history = [read_diagnosis(r, images) for r in rows if r.get("diagnosis")]
        self.known = {str(row["alarm"]) for row in rows if "alarm" in row}

    def _report(self) -> bool:
        """Append to metrics.jsonl; False when the training had to be rolled back."""
        means = self.trainer.take_means()
        if not all(map(math.isfinite, means.values())):
            self._roll_back()
            return False
        self.figures |= means
        self._append({"images": self.trainer.seen, "seconds": self._seconds(), **means})
        return True

    def _diagnose(self) -> None:
        """Append a diagnosis to metrics.jsonl, and the alarms that ring for once."""
        diagnosis = self.diagnostics.measure()
        self.history.append(diagnosis)
        self.figures |= diagnosis.figures
        self._append(diagnosis.to_row())
        for fired in ring(self.history):
            if fired.name in self.known:
                continue
            self.known.add(fired.name)
            self.alarms.append(fired)
            row = {"alarm": fired.name, "sentence": fired.sentence}
            self._append({"images": diagnosis.images, **row})
            self._tell()

    def _snapshot(self) -> None:
        trainer = self.trainer
        images = self.watch.draw(trainer.average, trainer.device, trainer.span)
        quality = self.watch.judge(images)
        figures = {
            name: value
            for name, value in (
                ("diversity", quality.diversity),
                ("distance", quality.distance),
                ("error", quality.error),
            )
            if value is not None
        }
        self.figures |= figures
        self._append({"images": trainer.seen, "snapshot": True, **figures})
        self._show(images)
        keep_snapshot(self.run, trainer.seen, self.save)

    def _show(self, images: NDArray[np.uint8]) -> None:
        path = self.run / "samples" / f"{self.trainer.seen:09d}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            save_grid(path, self.watch.show(images), COLUMNS)
        except OSError as error:
            raise CheckpointError(say_disk_error(path, error)) from error

    def _checkpoint_if_due(self) -> None:
        trainer = self.trainer
        minutes = (time.monotonic() - self.saved) / 60
        done = trainer.seen >= trainer.config.images
        if done or self.request.signal or minutes >= trainer.config.checkpoint_minutes:
            if trainer.is_sound():
                self._save()
            else:
                self._roll_back()

    def _save(self) -> None:
        save_checkpoint(self.run, self.trainer, {"elapsed": self._seconds()})
        self.saved = time.monotonic()

    def _stop_if_asked(self) -> None:
        number = self.request.signal
        if number:
            raise StoppedError(
                f"stopped after {self.trainer.seen:,} of "
                f"{self.trainer.config.images:,} images; the same command goes on",
                number,
            )

    def _roll_back(self) -> None:
        trainer = self.trainer
        at = trainer.seen
        trainer.totals.zero_()
        if trainer.rate_scale < 1:
            raise TrainingError(
                f"training diverged twice, last at {at:,} images; {self.run} is intact "
                "up to its last checkpoint: start anew with a lower lr or gamma "
                f"(--set lr={trainer.config.lr / 4:g})"
            )
        load_checkpoint(self.run, trainer)
        trainer.rate_scale = SLOWER
        self._read_back()
        self._append({"images": trainer.seen, "rolled_back_from": at})
        self._save()

    def _seconds(self) -> float:
        return round(self.elapsed + time.monotonic() - self.started, 2)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self.last_tick >= TICK:
            self.last_tick = now
            self._tell()

    def _tell(self) -> None:
        if self.progress is None:
            return
        seen, images = self.trainer.seen, self.trainer.config.images
        rate = (seen - self.start_seen) / (time.monotonic() - self.started)
        left = max(0, images - seen) / rate if rate else 0.0
        figures, alarms = dict(self.figures), tuple(self.alarms)
        self.progress(Status(seen, images, rate, left, figures, self.part, alarms))

    def _append(self, row: dict[str, Any]) -> None:
        path = self.run / "metrics.jsonl"
        try:
            with open(path, "a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
        except OSError as error:
            raise CheckpointError(say_disk_error(path, error)) from error


def _crossed(trainer: Trainer, interval: float) -> bool:
    """Whether the last step passed a multiple of the interval."""
    seen = trainer.seen + TINY  # 3·(160/3) must not fall short of 160
    return seen // interval > (seen - trainer.images_per_step) // interval


def _truncate_metrics(run: Path, seen: int) -> list[dict[str, Any]]:
    """Drop rows later than the restored moment, and a row cut by a kill.

    Returns:
        The rows that stay.
    """
    path = run / "metrics.jsonl"
    if not path.exists():
        return []
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
            if row["images"] <= seen:
                kept.append(row)
        except (json.JSONDecodeError, KeyError):
            continue
    write_text(path, "".join(json.dumps(row) + "\n" for row in kept))
    return kept

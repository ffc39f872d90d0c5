"""The training loop: report → observers → checkpoint → stop? → step."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ganaug.errors import TrainingError
from ganaug.team import ALONE, Team
from ganaug.training.checkpoint import Resumable, load_checkpoint, save_checkpoint
from ganaug.training.interrupt import StoppedError, StopRequest
from ganaug.training.journal import Journal, Log, Row
from ganaug.training.progress import Ticker

REPORTS = 200  # rows of losses in metrics.jsonl in a whole run
ROUNDING = 1e-6  # images; without it, 3·(160/3) could be less than 160
RATE_AFTER_ROLLBACK = 0.5  # factor on the learning rate


class Trainable(Resumable, Protocol):
    """Networks that the loop trains on images, step by step.

    Attributes:
        seen: images seen so far.
        run_length: images that the whole training sees.
        images_per_step: images that one step adds to `seen`.
        rate_scale: factor on the learning rate, part of the state.
        advice: settings to try if the training diverges twice.
    """

    rate_scale: float

    @property
    def run_length(self) -> int: ...
    @property
    def images_per_step(self) -> int: ...
    @property
    def advice(self) -> str: ...

    def step(self) -> None:
        """Do one step; what it does depends on the state alone."""

    def take_means(self) -> dict[str, float]:
        """Return the mean losses since the last call."""

    def is_sound(self) -> bool:
        """Whether the losses since `take_means` and all weights are finite."""


class Observer(Protocol):
    """An object that looks at the training between two steps, without changing it."""

    def resume(self, rows: Sequence[Row]) -> None:
        """Read the rows of metrics.jsonl up to the restored checkpoint."""

    def is_due(self) -> bool:
        """Whether an observation is due after the last step."""

    def observe(self, journal: Journal) -> None:
        """Look at the training, and write to the journal what was seen."""


class Loop:
    """Trains to the end of a run, and writes metrics and checkpoints on the way.

    Args:
        trainer: new trainer; an earlier checkpoint in `run` is restored.
        run: folder of the training.
        observers: observers, called after each step in this order when they are due.
        request: request to stop, set by a signal.
        ticker: ticker that calls the progress function.
        checkpoint_minutes: time from one checkpoint to the next.
        unit: what is counted, for messages.
        log: what gets the rows of metrics.jsonl too, if anything.
        team: processes that train together, of which the leader alone looks and writes.

    Raises:
        StoppedError: a signal requested it; the state is saved.
        TrainingError: the loss stopped being finite for a second time.
        CheckpointError: a file cannot be written, or a checkpoint is damaged.
    """

    def __init__(
        self,
        trainer: Trainable,
        run: Path,
        *,
        observers: Sequence[Observer] = (),
        request: StopRequest,
        ticker: Ticker,
        checkpoint_minutes: float,
        unit: str = "images",
        log: Log | None = None,
        team: Team = ALONE,
    ) -> None:
        self.trainer, self.run, self.team = trainer, run, team
        self.observers = observers if team.leads else ()
        self.request, self.ticker = request, ticker
        self.checkpoint_minutes, self.unit = checkpoint_minutes, unit
        self.journal = Journal(run, log, writes=team.leads)
        self.elapsed = 0.0
        self.started = self.saved = time.monotonic()

    def finish(self) -> None:
        """Train until the run's images are seen."""
        self._resume()
        trainer, images = self.trainer, self.trainer.run_length
        every = max(1, images // REPORTS)
        self.started = self.saved = time.monotonic()
        self.ticker.start(trainer.seen, images)
        fresh = True  # what was due at the checkpoint was done before it was saved
        while True:
            due = not fresh and has_crossed(trainer, every)
            if due and not self._report():
                fresh = True
                continue
            if not fresh:
                self._observe()
            signal = self._checkpoint_if_due()
            if trainer.seen >= images:
                self.ticker.tell(trainer.seen, self.journal)
                return
            self._stop_if(signal)
            trainer.step()
            fresh = False
            self.ticker.tick(trainer.seen, self.journal)

    def _resume(self) -> None:
        restored = load_checkpoint(self.run, self.trainer) if self.team.leads else None
        if restored is None:
            self._write()
        self.team.wait()
        if not self.team.leads:
            restored = load_checkpoint(self.run, self.trainer)
            if restored is None:
                raise TrainingError(
                    f"process {self.team.rank} does not see the checkpoints in "
                    f"{self.run}; all processes need the same disk"
                )
        restored = restored or {}
        self.elapsed = float(restored.get("elapsed", 0.0))
        self._read_back()

    def _read_back(self) -> None:
        """Give the observers all rows of metrics.jsonl up to the checkpoint."""
        rows = self.journal.cut(self.trainer.seen)
        for observer in self.observers:
            observer.resume(rows)

    def _report(self) -> bool:
        """Append the mean losses to metrics.jsonl; roll back if they are not finite.

        Returns:
            Whether they are finite.
        """
        means = self.trainer.take_means()
        if not all(map(math.isfinite, means.values())):
            self._roll_back()
            return False
        self.journal.figures |= means
        seconds = self._seconds()
        self.journal.append({"images": self.trainer.seen, "seconds": seconds, **means})
        return True

    def _observe(self) -> None:
        alarms = len(self.journal.alarms)
        for observer in self.observers:
            if observer.is_due():
                observer.observe(self.journal)
        if len(self.journal.alarms) > alarms:
            self.ticker.tell(self.trainer.seen, self.journal)

    def _checkpoint_if_due(self) -> int:
        """Save the state where that is due; return the signal to stop, 0 for none.

        The leader of a team decides for all.
        """
        trainer = self.trainer
        minutes = (time.monotonic() - self.saved) / 60
        late = minutes >= self.checkpoint_minutes
        told = self.team.follow(2 * (self.request.signal or 0) + late)
        signal, due = divmod(told, 2)
        if trainer.seen >= trainer.run_length or signal or due:
            if self.team.all(trainer.is_sound()):
                self._save()
            else:
                self._roll_back()
        return signal

    def _save(self) -> None:
        """Write a checkpoint; all processes wait until it is there."""
        self._write()
        self.team.wait()

    def _write(self) -> None:
        if self.team.leads:
            save_checkpoint(self.run, self.trainer, {"elapsed": self._seconds()})
        self.saved = time.monotonic()

    def _stop_if(self, number: int) -> None:
        if number:
            raise StoppedError(
                f"stopped after {self.trainer.seen:,} of "
                f"{self.trainer.run_length:,} {self.unit}; run the same command "
                "again to resume",
                number,
            )

    def _roll_back(self) -> None:
        trainer = self.trainer
        at = trainer.seen
        if trainer.rate_scale < 1:
            raise TrainingError(
                f"training diverged twice, last at {at:,} {self.unit}; start a new run "
                f"with {trainer.advice}; {self.run} is intact up to its last checkpoint"
            )
        load_checkpoint(self.run, trainer)
        trainer.rate_scale = RATE_AFTER_ROLLBACK
        self._read_back()
        self.journal.append({"images": trainer.seen, "rolled_back_from": at})
        self._save()

    def _seconds(self) -> float:
        return round(self.elapsed + time.monotonic() - self.started, 2)


def has_crossed(trainer: Trainable, interval: float) -> bool:
    """Whether the last step passed a multiple of `interval` images."""
    seen = trainer.seen + ROUNDING
    return seen // interval > (seen - trainer.images_per_step) // interval

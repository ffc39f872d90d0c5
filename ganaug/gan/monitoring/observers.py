"""Observers of a GAN's training, called between two steps: diagnosis and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import CheckpointError
from ganaug.files import say_disk_error
from ganaug.gan.monitoring.alarms import end, ring
from ganaug.gan.monitoring.diagnosis import Diagnosis, Diagnostics, read_diagnosis
from ganaug.gan.monitoring.quality import GRID_COLUMNS, QualityWatch
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.gan.monitoring.snapshots import keep_snapshot
from ganaug.gan.settings.length import RunLength
from ganaug.gan.trainer import Trainer
from ganaug.training.journal import Journal, Row
from ganaug.training.loop import has_crossed


class DiagnosisObserver:
    """Records a diagnosis from time to time, and when alarms begin to ring and end.

    Args:
        diagnostics: what measures.
        length: how long the run takes, where that is known; for advice.

    Attributes:
        history: all diagnoses of the run so far.
        rung: names of the alarms that have rung and are not over.
    """

    def __init__(
        self, diagnostics: Diagnostics, length: RunLength | None = None
    ) -> None:
        self.diagnostics, self.length = diagnostics, length
        self.history: list[Diagnosis] = []
        self.rung: set[str] = set()

    def resume(self, rows: Sequence[Row]) -> None:
        """Read the diagnoses and alarms that an earlier process wrote."""
        images = self.diagnostics.trainer.run_length
        self.history = [read_diagnosis(r, images) for r in rows if r.get("diagnosis")]
        self.rung.clear()
        for row in rows:
            if "alarm" in row:
                self.rung.add(str(row["alarm"]))
            self.rung.discard(str(row.get("over")))

    def is_due(self) -> bool:
        """Whether a diagnosis is due after the last step."""
        return self.diagnostics.is_due()

    def observe(self, journal: Journal) -> None:
        """Append the diagnosis, then the alarms that begin to ring or are over."""
        diagnosis = self.diagnostics.measure()
        self.history.append(diagnosis)
        journal.figures |= diagnosis.figures
        journal.append(diagnosis.to_row())
        config = self.diagnostics.trainer.config
        news = [
            *end(self.history, self.rung),
            *(
                fired
                for fired in ring(self.history, config, length=self.length)
                if fired.name not in self.rung
            ),
        ]
        for each in news:
            (self.rung.discard if each.over else self.rung.add)(each.name)
            journal.alarms.append(each)
            journal.append(each.to_row())


class SnapshotObserver:
    """Judges the averaged generator, and saves a sample grid and the weights.

    Args:
        trainer: trainer, whose config has the number of snapshots of a run.
        watch: watch that draws images and judges them.
        run: folder of the training.
        save: function that writes the averaged generator to a path.
    """

    def __init__(
        self,
        trainer: Trainer,
        watch: QualityWatch,
        run: Path,
        save: Callable[[Path], object],
    ) -> None:
        self.trainer, self.watch, self.run, self.save = trainer, watch, run, save

    def resume(self, rows: Sequence[Row]) -> None:
        """Do nothing: the snapshots of an earlier process are in the folder."""

    def is_due(self) -> bool:
        """Whether a snapshot is due after the last step."""
        snapshots = self.trainer.config.snapshots
        if not snapshots:
            return False
        return has_crossed(self.trainer, self.trainer.run_length / snapshots)

    def observe(self, journal: Journal) -> None:
        """Write the sample grid, then append the figures, then write the weights."""
        trainer = self.trainer
        images = self.watch.draw(trainer.average, trainer.device, trainer.span)
        figures = self.watch.judge(images).figures
        journal.figures |= figures
        self._show(images)  # first: a log shows it with the row
        journal.append({"images": trainer.seen, "snapshot": True, **figures})
        keep_snapshot(self.run, trainer.seen, self.save)

    def _show(self, images: NDArray[np.uint8]) -> None:
        path = self.run / "samples" / f"{self.trainer.seen:09d}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            save_grid(path, self.watch.show(images), GRID_COLUMNS)
        except OSError as error:
            raise CheckpointError(say_disk_error(path, error)) from error

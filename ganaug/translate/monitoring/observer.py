"""TranslationObserver: snapshots of a training, with figures, alarms and a grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ganaug.errors import CheckpointError
from ganaug.files import say_disk_error
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.training.journal import Journal, Row
from ganaug.training.loop import has_crossed
from ganaug.translate.monitoring.alarms import ring
from ganaug.translate.monitoring.watch import TranslationWatch
from ganaug.translate.trainer import TranslationTrainer


class TranslationObserver:
    """Measures the averaged generator, saves a sample grid, and rings alarms once.

    Args:
        trainer: trainer, whose config has the number of snapshots.
        watch: watch that translates images and measures them.
        run: folder of the training.
    """

    def __init__(
        self, trainer: TranslationTrainer, watch: TranslationWatch, run: Path
    ) -> None:
        self.trainer, self.watch, self.run = trainer, watch, run
        self.known: set[str] = set()

    def resume(self, rows: Sequence[Row]) -> None:
        """Read the alarms that an earlier process wrote."""
        self.known = {str(row["alarm"]) for row in rows if "alarm" in row}

    def is_due(self) -> bool:
        """Whether a snapshot is due after the last step."""
        snapshots = self.trainer.config.snapshots
        if not snapshots:
            return False
        return has_crossed(self.trainer, self.trainer.run_length / snapshots)

    def observe(self, journal: Journal) -> None:
        """Append figures and new alarms, then write the sample grid."""
        seen, figures = self.trainer.seen, self.watch.measure()
        journal.figures |= figures
        journal.append({"images": seen, "snapshot": True, **figures})
        for fired in ring(figures, seen, seen / self.trainer.run_length):
            if fired.name not in self.known:
                self.known.add(fired.name)
                journal.alarms.append(fired)
                journal.append(fired.to_row())
        self._show()

    def _show(self) -> None:
        path = self.run / "samples" / f"{self.trainer.seen:09d}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            save_grid(path, *self.watch.show())
        except OSError as error:
            raise CheckpointError(say_disk_error(path, error)) from error

"""tensorboard: event files, by torch's own SummaryWriter."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.errors import MissingExtraError
from ganaug.training.journal import Row
from ganaug.training.loggers.samples import find_grid

EVENTS_FOLDER = "tensorboard"
EVENTS = "events.out.tfevents.*"
FLUSH_SECONDS = 5
# figure → the group that it is shown in
GROUPS = {
    "d_loss": "loss", "g_loss": "loss", "penalty": "loss", "diversity_terms": "loss",
    "distance": "quality", "error": "quality", "diversity": "diagnosis",
    "alike": "diagnosis", "gradient": "diagnosis", "margin": "diagnosis",
    "gap": "diagnosis", "slope": "diagnosis", "rolled_back_from": "loss",
}  # fmt: skip


class TensorBoardLog:
    """Writes losses, diagnoses, alarms and sample grids into RUN/tensorboard.

    The step is the number of real images seen.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writer: Any = None

    @staticmethod
    def check() -> None:
        """Raise MissingExtraError where tensorboard is not installed."""
        _import_writer()

    def restart(self, rows: Sequence[Row]) -> None:
        """Write the event file anew, with these rows."""
        self.close()
        events = self.folder / EVENTS_FOLDER
        for old in events.glob(EVENTS):
            old.unlink()
        self.writer = _import_writer()(str(events), flush_secs=FLUSH_SECONDS)
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Write a row's figures, its alarm, and the sample grid of a snapshot."""
        step = row["images"]
        for name, group in GROUPS.items():
            if row.get(name) is not None:
                self.writer.add_scalar(f"{group}/{name}", row[name], step)
        alarm = row.get("alarm", row.get("over"))
        if alarm is not None:
            self.writer.add_text(f"alarms/{alarm}", row["sentence"], step)
        grid = find_grid(self.folder, row)
        if grid is not None:
            with Image.open(grid) as image:
                pixels = np.asarray(image.convert("RGB"))
            self.writer.add_image("samples", pixels, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is left."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def _import_writer() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tensorboard's own imports
            from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError(
            "--log tensorboard needs tensorboard: pip install 'ganaug[tensorboard]'"
        ) from error
    return SummaryWriter

"""Journal: figures and alarms of a training, in metrics.jsonl and for its progress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.errors import CheckpointError
from ganaug.files import say_disk_error, write_text

METRICS = "metrics.jsonl"

Row = dict[str, Any]  # plain values; `images` is the number seen by then


class Fired(NamedTuple):
    """An alarm in a training: its name, its message, and real images seen by then."""

    name: str
    sentence: str
    images: int


class Journal:
    """Appends rows to metrics.jsonl and remembers what the progress bar shows.

    Attributes:
        figures: latest value of each figure, by name.
        alarms: alarms that rang in this process.
    """

    def __init__(self, run: Path) -> None:
        self.path = run / METRICS
        self.figures: dict[str, float] = {}
        self.alarms: list[Fired] = []

    def append(self, row: Row) -> None:
        """Write one more row.

        Raises:
            CheckpointError: the file cannot be written.
        """
        try:
            with open(self.path, "a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
        except OSError as error:
            raise CheckpointError(say_disk_error(self.path, error)) from error

    def cut(self, seen: int) -> list[Row]:
        """Delete rows later than `seen` images, and broken ones; return the others.

        Example:
            >>> import tempfile
            >>> journal = Journal(Path(tempfile.mkdtemp()))
            >>> journal.append({"images": 64, "loss": 0.5})
            >>> journal.append({"images": 128, "loss": 0.4})
            >>> journal.cut(64)
            [{'images': 64, 'loss': 0.5}]
        """
        if not self.path.exists():
            return []
        kept = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
                if row["images"] <= seen:
                    kept.append(row)
            except (json.JSONDecodeError, KeyError):
                continue
        write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))
        return kept

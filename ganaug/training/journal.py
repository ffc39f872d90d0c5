"""Journal: figures and alarms of a training, in metrics.jsonl and for its progress."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ganaug.errors import CheckpointError
from ganaug.files import (
    LARGEST_TEXT,
    ODD_VALUES,
    append_whole,
    open_file,
    refuse_damage,
    say_disk_error,
    write_text,
)
from ganaug.records import conform, conform_fields

METRICS = "metrics.jsonl"
TEXTS = frozenset({"alarm", "over", "sentence"})
NUMBERS = frozenset(
    [
        "seconds", "d_loss", "g_loss", "penalty", "diversity_terms", "distance",
        "error", "diversity", "alike", "gradient", "margin", "gap", "slope",
        "rolled_back_from",
    ]
)  # fmt: skip
# name → type of a value; others, such as an observer's own, may be numbers or text
KINDS = dict.fromkeys(TEXTS, str) | dict.fromkeys(NUMBERS, float | None)

Row = dict[str, Any]  # plain values; `images` is the number seen by then


class Fired(NamedTuple):
    """An alarm in a training, or the end of one.

    Attributes:
        name: its name.
        sentence: its message.
        images: real images seen by then.
        over: whether what it is about is over.
    """

    name: str
    sentence: str
    images: int
    over: bool = False

    def to_row(self) -> Row:
        """Return plain values for a line of metrics.jsonl."""
        key = "over" if self.over else "alarm"
        return {"images": self.images, key: self.name, "sentence": self.sentence}


class Log(Protocol):
    """What repeats the rows of a journal elsewhere."""

    def restart(self, rows: Sequence[Row]) -> None:
        """Begin anew with these rows: a training starts, resumes or rolls back."""

    def add(self, row: Row) -> None:
        """Take one more row."""


class Journal:
    """Appends rows to metrics.jsonl and remembers what the progress bar shows.

    Args:
        run: folder of the training.
        log: what gets every row too, if anything.
        writes: whether it writes; else rows are forgotten.

    Attributes:
        figures: latest value of each figure, by name.
        alarms: alarms that rang or ended in this process.
    """

    def __init__(
        self, run: Path, log: Log | None = None, *, writes: bool = True
    ) -> None:
        self.path, self.log, self.writes = run / METRICS, log, writes
        self.figures: dict[str, float] = {}
        self.alarms: list[Fired] = []

    def append(self, row: Row) -> None:
        """Write one more row.

        Raises:
            CheckpointError: the file cannot be written.
        """
        if not self.writes:
            return
        try:
            append_whole(self.path, (json.dumps(row) + "\n").encode(), sync=False)
        except OSError as error:
            raise CheckpointError(say_disk_error(self.path, error)) from error
        if self.log is not None:
            self.log.add(row)

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
        if not self.writes:
            return []
        kept = [row for row in read_journal(self.path.parent) if row["images"] <= seen]
        if self.path.exists():
            write_text(self.path, "".join(json.dumps(row) + "\n" for row in kept))
        if self.log is not None:
            self.log.restart(kept)
        return kept


def read_journal(run: Path) -> list[Row]:
    """Read the whole rows of metrics.jsonl; cut and broken ones are left out.

    Every row has `images`, a whole number; what is in `NUMBERS` or `TEXTS` is a number
    or text, and nothing is a list or table.

    Raises:
        CheckpointError: the file cannot be read.
    """
    path = run / METRICS
    if not path.is_file():
        return []
    with refuse_damage(path, CheckpointError, "delete it"), open_file(path) as opened:
        text = opened.read(LARGEST_TEXT).decode("utf-8", "replace")
    return [row for line in text.splitlines() if (row := _parse(line)) is not None]


def _parse(line: str) -> Row | None:
    try:
        row = json.loads(line)
        conform(row["images"], int, "images")
        types = {name: KINDS.get(name, float | bool | str | None) for name in row}
        return conform_fields(row, types) if row["images"] >= 0 else None
    except ODD_VALUES:
        return None

"""csv: metrics.csv, a row for each of metrics.jsonl."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ganaug.errors import CheckpointError
from ganaug.files import append_whole, say_disk_error, write_text
from ganaug.spreadsheets import shield
from ganaug.training.journal import Row
from ganaug.training.loggers.samples import find_grid

CSV_FILE = "metrics.csv"
COLUMNS = (
    "images", "seconds", "d_loss", "g_loss", "penalty", "diversity_terms",
    "distance", "error", "diversity", "alike", "alike_class", "gradient", "margin",
    "gap", "slope", "alarm", "over", "sentence", "rolled_back_from", "samples",
)  # fmt: skip


class CsvLog:
    """Writes metrics.csv into a run; fields that a row does not have are empty.

    Raises:
        CheckpointError: the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / CSV_FILE

    def restart(self, rows: Sequence[Row]) -> None:
        """Write the file anew, with these rows."""
        text = _write([COLUMNS, *map(self._list_fields, rows)])
        try:
            write_text(self.path, text)
        except OSError as error:
            raise CheckpointError(say_disk_error(self.path, error)) from error

    def add(self, row: Row) -> None:
        """Add a row at the end."""
        text = _write([self._list_fields(row)])
        try:
            append_whole(self.path, text.encode(errors="replace"), sync=False)
        except OSError as error:
            raise CheckpointError(say_disk_error(self.path, error)) from error

    def close(self) -> None:
        """Do nothing: all rows are written."""

    def _list_fields(self, row: Row) -> list[str]:
        grid = find_grid(self.folder, row)
        shown = row if grid is None else row | {"samples": f"samples/{grid.name}"}
        return [_spell(shown.get(name)) for name in COLUMNS]


def _spell(value: Any) -> str:
    return "" if value is None else shield(str(value))


def _write(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

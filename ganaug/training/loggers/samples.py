"""Sample grids: the picture that belongs to a row of metrics.jsonl."""

from __future__ import annotations

from pathlib import Path

from ganaug.training.journal import Row

SAMPLES = "samples"  # folder of a training


def find_grid(folder: Path, row: Row) -> Path | None:
    """Return the sample grid of a snapshot's row; None for other rows."""
    if not row.get("snapshot"):
        return None
    path = folder / SAMPLES / f"{row['images']:09d}.png"
    return path if path.is_file() else None

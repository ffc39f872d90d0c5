"""parquet: a table with the bytes of PNG files, as Hugging Face's `datasets` has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug.exports.formats.arrow import write_rows
from ganaug.exports.formats.content import Content
from ganaug.exports.selection import Example


def write_parquet(path: Path, content: Content) -> None:
    """Write a row per image: image {bytes, path}, label, class, synthetic, facts.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    write_rows(path, content, {"image": {"_type": "Image"}}, _make_row)


def _make_row(example: Example) -> dict[str, Any]:
    return {"image": {"bytes": example.read_png(), "path": example.name}}

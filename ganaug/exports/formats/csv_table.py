"""csv: a table of the images' files, as `load_images` and pandas read it."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from ganaug.errors import ConfigError
from ganaug.exports.formats.content import Content
from ganaug.exports.selection import Example


def write_csv_table(path: Path, content: Content) -> None:
    """Write a row per image: path, label, synthetic and what is known of it.

    The images stay where they are; paths are relative to the CSV's folder.

    Raises:
        ConfigError: real images are wanted, and some are in no file of their own.
    """
    facts = [name for name in content.selection.facts if name != "soft_label"]
    columns = ["path", "label", "synthetic", *facts]
    with open(
        path, "w", encoding="utf-8", errors="surrogateescape", newline=""
    ) as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(columns)
        for example in content.iterate():
            known = [_write(example.facts[name]) for name in facts]
            writer.writerow(
                [
                    _find(example, content.out),
                    example.class_name,
                    example.synthetic,
                    *known,
                ]
            )


def relate(file: Path, table: Path) -> str:
    """Return the path of a file as a table in that place has it, with `/`.

    Example:
        >>> relate(Path("/a/photos/1.png"), Path("/a/tables/all.csv"))
        '../photos/1.png'
    """
    try:
        found = os.path.relpath(file.resolve(), table.resolve().parent)
    except ValueError:  # on another drive of Windows
        found = str(file.resolve())
    return found.replace(os.sep, "/")


def _find(example: Example, table: Path) -> str:
    if example.file is None:
        raise ConfigError(
            "--format csv names files, and some of the real images are in none; omit "
            "--real, or choose another format"
        )
    return relate(example.file, table)


def _write(value: Any) -> str:
    return "" if value is None else str(value)

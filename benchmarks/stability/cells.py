"""Cells of the stability bench: a JSON file each, measured once and then read."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring import describe_machine

Figures = dict[str, Any]


def keep(
    path: Path,
    measure: Callable[[], Figures],
    *,
    request: Figures | None = None,
    table_only: bool = False,
    device: torch.device | None = None,
) -> Figures | None:
    """Read the file; if there is none, measure and write it.

    Args:
        path: file of the cell.
        measure: function that returns plain values; commit, hardware and seconds are
            added to them.
        request: settings that are stored with them; a file with other ones ends the
            program.
        table_only: whether to read only, with None where there is no file.
        device: device that it is measured on, the CPU by default.
    """
    request = request or {}
    if not path.is_file():
        if table_only:
            return None
        start = time.perf_counter()
        figures = measure() | request
        figures["seconds"] = round(time.perf_counter() - start, 1)
        figures["machine"] = describe_machine(device)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
        print(f"{path.stem}: {figures['seconds']:g} s", file=sys.stderr)
    found: Figures = json.loads(path.read_text(encoding="utf-8"))
    for name, value in request.items():
        if name in found and found[name] != value:
            raise SystemExit(
                f"{path} was measured with {name}={found[name]}, not {value}; delete "
                "it, or choose another --work"
            )
    return found


def write_rows(
    path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write a CSV file for the repository, a line per run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as lines:
        csv.writer(lines, lineterminator="\n").writerows([columns, *rows])


def make_slug(name: str) -> str:
    """Make a file name of letters, digits and dashes.

    Example:
        >>> make_slug("bce-ns + R1, R2")
        'bce-ns-r1-r2'
    """
    letters = (c if c.isalnum() else "-" for c in name.lower())
    return "-".join(word for word in "".join(letters).split("-") if word)

"""record_cells: judge filled cells, and write the verdict into meta.json."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ganaug.data.origin import read_origin
from ganaug.gan.settings.length import RunLength, default_minutes
from ganaug.synth.fill.pipeline import FILL_FILTERS
from ganaug.synth.fill.verdict import judge_cells
from ganaug.synth.request import Target
from ganaug.synth.store.manifest import MANIFEST_FILE, read_rows
from ganaug.synth.store.meta import Meta, read_meta, write_meta
from ganaug.synth.verdict.next_step import (
    find_free,
    list_settings,
    name_origin,
    name_path,
    set_budget,
)
from ganaug.synth.verdict.record import StoreVerdict, Word

LONGER = 3  # factor for the length of a training


def record_cells(folder: Path, targets: Sequence[Target]) -> StoreVerdict | None:
    """Judge filled cells, and write the verdict into the store's meta.json.

    Args:
        folder: the store's folder.
        targets: its cells, with the number of images requested.

    Returns:
        The verdict; None for a store without candidates.

    Raises:
        StoreError: the store is damaged.
        OSError: the disk refuses.
    """
    meta = read_meta(folder)
    rows = read_rows(folder / MANIFEST_FILE, meta.folders)
    verdict = judge_cells(rows, targets, meta.filters)
    most = max((target.number for target in targets), default=0)
    if verdict is not None:
        verdict = replace(verdict, next_step=advise(verdict.word, meta, folder, most))
    write_meta(folder, replace(meta, verdict=verdict))
    return verdict


def advise(word: Word, meta: Meta, folder: Path, most: int) -> str | None:
    """Say what to do about filled cells; None where they are good.

    Args:
        word: word of the verdict.
        meta, folder: the store.
        most: images requested of a cell.
    """
    if word == "good":
        return None
    origin = name_origin(read_origin(folder))
    if word == "usable":
        return f"measure whether it helps: ganaug gain {origin}"
    default, minutes = default_minutes(meta.data_size), meta.training.get("minutes")
    length = RunLength(minutes, default) if minutes else None
    longer = default if length and length.far_below else LONGER * (minutes or default)
    pooled, budget = bool(read_origin(folder).unlabelled), set_budget(longer)
    options = [
        f"--per-class {most}" if pooled else f"--fill --per-cell {most}",
        *list_settings(meta.training.get("settings", {}), budget),
        *_list_drawing_options(meta),
        budget,
        f"--out {name_path(find_free(Path(os.path.abspath(folder))))}",
    ]
    command = f"ganaug synth {origin} {' '.join(options)}"
    if pooled:
        return (
            "train on the unlabelled images by self-training alone, which ganaug gain "
            f"{origin} measures, or train the translator longer: {command}"
        )
    if length and length.far_below:
        return f"{length.say()}: {command}"
    return (
        "photograph the poor cells (two images each often suffice), or train longer: "
        f"{command}"
    )


def _list_drawing_options(meta: Meta) -> list[str]:
    """List the options of the drawing that differ from the defaults."""
    options = ["--labels soft"] if meta.labels == "soft" else []
    if meta.filters and meta.filters != tuple(FILL_FILTERS):
        options.append(f"--filters {','.join(meta.filters)}")
    return options

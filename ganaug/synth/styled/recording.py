"""record_styles: judge styled images, and write the verdict into meta.json."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ganaug.data.origin import read_origin
from ganaug.synth.fill.verdict import judge_cells
from ganaug.synth.request import Target
from ganaug.synth.store.manifest import MANIFEST_FILE, read_rows
from ganaug.synth.store.meta import Meta, read_meta, write_meta
from ganaug.synth.verdict.next_step import find_free, name_origin, name_path
from ganaug.synth.verdict.record import StoreVerdict, Word
from ganaug.translate.style.styles import GIVEN

LESS = 0.5  # factor for alpha where a style costs too much


def record_styles(folder: Path, targets: Sequence[Target]) -> StoreVerdict | None:
    """Judge styled images, and write the verdict into the store's meta.json.

    Args:
        folder: the store's folder.
        targets: its classes, with the number of images requested.

    Returns:
        The verdict; None for a store without candidates.

    Raises:
        StoreError: the store is damaged.
        OSError: the disk refuses.
    """
    meta = read_meta(folder)
    rows = read_rows(folder / MANIFEST_FILE, meta.folders)
    verdict = judge_cells(rows, targets, meta.filters)
    if verdict is not None:
        verdict = replace(verdict, next_step=advise(verdict.word, meta, folder))
    write_meta(folder, replace(meta, verdict=verdict))
    return verdict


def advise(word: Word, meta: Meta, folder: Path) -> str | None:
    """Say what to do about styled images; None where they are good.

    Args:
        word: word of the verdict.
        meta, folder: the store.
    """
    if word == "good":
        return None
    origin = name_origin(read_origin(folder))
    mode = meta.config["mode"]
    styles = "FOLDER" if mode == GIVEN else shlex.quote(mode)
    if word == "usable":
        return f"measure whether it helps: ganaug gain {origin} --style {styles}"
    alpha = LESS * float(meta.config["alpha"])
    out = name_path(find_free(Path(os.path.abspath(folder))))
    return (
        "take less of the style, or styles that are nearer to the images: ganaug style "
        f"{origin} --styles {styles} --alpha {alpha:g} --out {out}"
    )

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
from ganaug.synth.verdict.record import StoreVerdict
from ganaug.translate.style.styles import ANY, WITHIN

LESS = 0.5  # factor for alpha where a style costs too much
MORE = 3.0  # factor for the strength where it is not taken on


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
    # without any style, no share of the images took it on
    filters = [f for f in meta.filters if f != "style" or meta.config["alpha"]]
    verdict = judge_cells(rows, targets, filters)
    if verdict is not None:
        verdict = replace(verdict, next_step=advise(verdict, meta, folder))
    write_meta(folder, replace(meta, verdict=verdict))
    return verdict


def advise(verdict: StoreVerdict, meta: Meta, folder: Path) -> str | None:
    """Say what to do about styled images; None where they are good.

    Args:
        verdict: the verdict.
        meta, folder: the store.
    """
    if verdict.word == "good":
        return None
    origin, config = read_origin(folder), meta.config
    named = config.get("styles_from") or "STYLES"
    styles = shlex.quote(named) if named in (WITHIN, ANY) else name_path(Path(named))
    if verdict.word == "usable":
        if not origin.labelled or len(meta.classes) < 2:
            return None
        return (
            f"measure whether it helps: ganaug gain {name_origin(origin)} --style "
            f"{styles}"
        )
    alpha = float(config["alpha"])
    more = [cell for cell in verdict.cells if cell.reached < cell.class_kept]
    changed, why = {"alpha": LESS * alpha}, "take less of the style"
    if len(more) > len(verdict.cells) / 2 or not alpha:
        factor = MORE * float(config["strength"])
        changed, why = {"strength": factor}, "take more of the style"
    out = name_path(find_free(Path(os.path.abspath(folder))))
    most = max(cell.requested for cell in verdict.cells)
    words = _list_options(meta, changed)
    return (
        f"{why}, or other styles: ganaug style {name_origin(origin)} --styles {styles} "
        f"--per-class {most} {' '.join(words)} --out {out}"
    )


def _list_options(meta: Meta, changed: dict[str, float]) -> list[str]:
    """List the options of the command that differ from the defaults."""
    config = {**meta.config, **changed}
    usual = {"engine": "generate", "alpha": 1.0, "strength": 1.0}
    words = [
        f"--{name} {config[name]:g}" if name != "engine" else f"--engine {config[name]}"
        for name, value in usual.items()
        if config[name] != value
    ]
    if config["preserve_colour"]:
        words.append("--preserve-colour")
    if config["features"] == "classifier":
        words.append("--features classifier")
    elif config["features"] != "random":
        words.append(f"--vgg-weights {shlex.quote(config['features'])}")
    if meta.seed:
        words.append(f"--seed {meta.seed}")
    return words

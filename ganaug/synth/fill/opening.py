"""Translators of runs and stores, opened to fill cells with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganaug.errors import DataError
from ganaug.recipe import MeasuredRecipe, read_recipe, refuse_other_data
from ganaug.synth.fill.filler import Filler, make_filler
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.filling import Progress
from ganaug.synth.real_images import find_real
from ganaug.synth.store.meta import META_FILE, Meta, read_meta
from ganaug.synth.store.store import Store
from ganaug.translate.rules import Rule, load_rule
from ganaug.translate.run_folder import TranslatorRun, is_translator_run
from ganaug.translate.settings import KIND
from ganaug.translate.translator import GENERATOR, Translator


def holds_translator(source: Any) -> bool:
    """Whether a run or a store, or its folder, is a translator's."""
    if not isinstance(getattr(source, "path", source), str | os.PathLike):
        return False
    folder = _find_folder(source)
    if is_translator_run(folder):
        return True
    return (folder / META_FILE).is_file() and was_filled(read_meta(folder))


def was_filled(meta: Meta) -> bool:
    """Whether a translator drew a store's images."""
    return meta.config.get("kind") == KIND


def fill_from(
    source: Any,
    out: Path,
    *,
    options: FillOptions,
    data: Any = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Store:
    """Fill the cells of a store with the translator of a run or a store.

    Args:
        source: either of these, or its folder.
        out: the store.
        options: how many images, and how they are judged.
        data: the real images, where they have moved or came from memory.
        device: `auto`, `cpu`, `cuda` or `mps`.
        progress: function to call before the filters learn and every few images.

    Raises:
        CheckpointError: there is no translator, or it is damaged.
        DataError: the real images cannot be found, or are others.
        StoreError: the folder contains something else, or another store.
    """
    folder = _find_folder(source)
    translator = open_translator(folder, device)
    if options.recipe is not None:
        measured = read_recipe(options.recipe)
        refuse_other_data(measured, translator.data_digest, folder)
        _refuse_other_carrier(measured, translator, folder)
    return fill_cells(
        translator,
        find_real(folder, data),
        out,
        generator=folder / GENERATOR,
        options=options.replace(training=_describe_training(folder)),
        progress=progress,
    )


def open_filler(folder: Path, meta: Meta, data: Any, device: str) -> Filler:
    """Open what drew a store's images, to draw them again.

    Raises:
        CheckpointError: its translator is damaged.
        DataError: the real images cannot be found, or are others.
    """
    translator = open_translator(folder, device)
    return make_filler(translator, find_real(folder, data), seed=meta.seed)


def open_translator(folder: Path, device: str) -> Translator | Rule:
    """Read a translator, or the rule in its place.

    Raises:
        CheckpointError: there is neither, or it is damaged.
    """
    rule = load_rule(folder / GENERATOR)
    return Translator.load(folder, device) if rule is None else rule


def follow_carrier(settings: Mapping[str, Any], recipe: Path | None) -> dict[str, Any]:
    """Return a translator's settings, with the carrier of a recipe that has one.

    Example:
        >>> follow_carrier({"seed": 1}, None)
        {'seed': 1}
    """
    carrier = "" if recipe is None else read_recipe(recipe).carrier
    return {"carrier": carrier, **settings} if carrier else dict(settings)


def _refuse_other_carrier(
    measured: MeasuredRecipe, translator: Translator | Rule, folder: Path
) -> None:
    own = translator.config.carrier
    if (measured.carrier or None) != own:
        names = [name or "a translator" for name in (measured.carrier, own)]
        raise DataError(
            f"the recipe was measured with cells filled by {names[0]}, but {folder} "
            f"fills them by {names[1]}; give ganaug synth the real images, --fill and "
            "--recipe, with another --out"
        )


def _find_folder(source: Any) -> Path:
    path = Path(getattr(source, "path", source))
    return path.parent if path.is_file() else path


def _describe_training(folder: Path) -> dict[str, Any]:
    if is_translator_run(folder):
        minutes = TranslatorRun.load(folder).minutes
        return {"minutes": round(minutes, 3)} if minutes else {}
    return read_meta(folder).training

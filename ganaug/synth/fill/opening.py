"""Translators of runs and stores, opened to fill cells with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganaug.data.cells import check_fillable
from ganaug.data.load import load_images
from ganaug.data.origin import describe_origin
from ganaug.errors import ConfigError, DataError
from ganaug.files import beside
from ganaug.recipe import MeasuredRecipe, read_recipe, refuse_other_data
from ganaug.synth.fill.filler import Filler, make_filler
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.filling import Progress
from ganaug.synth.real_images import find_real
from ganaug.synth.store.meta import META_FILE, Meta, read_meta
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import holds_generator
from ganaug.synth.verdict.trained import describe_translator
from ganaug.translate.rules import Rule, load_rule
from ganaug.translate.run_folder import TranslatorRun, is_translator_run
from ganaug.translate.settings import KIND
from ganaug.translate.training import train_translator
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


def find_or_train(
    source: Any,
    out: str | os.PathLike[str] | None,
    data: Any,
    *,
    budget: float | None,
    settings: Mapping[str, Any] | None,
    recipe: Path | None,
    device: str,
) -> tuple[Any, Any]:
    """Return a translator's run or store, and the real images, to fill cells with.

    Args:
        source: a run or a store, or real images: then the translator is trained beside
            the store, unless the recipe fills cells without one.
        out: the store.
        data: the real images, where they have moved or came from memory.
        budget, settings, device: as for `train_translator`.
        recipe: file of a recipe, or None.

    Raises:
        ConfigError: something is given that does not suit the source.
        DataError: the images cannot be used.
    """
    if holds_translator(source):
        refuse_training(source, budget, settings)
        return source, data
    if holds_generator(source):
        raise ConfigError(
            f"{getattr(source, 'path', source)} is of a GAN, which carries no images "
            "over; give the real images, with their domains"
        )
    if out is None:
        raise ConfigError("give out=, the folder of the store to fill")
    images = load_images(source)
    check_fillable(images)
    run = train_translator(
        images,
        beside(Path(out), ".run"),
        budget=budget,
        set=follow_carrier(settings or {}, recipe),
        origin=describe_origin(source),
        device=device,
    )
    return run, images


def refuse_training(
    source: Any, budget: float | None, settings: Mapping[str, Any] | None
) -> None:
    """Raise ConfigError for options of a training where nothing is trained."""
    if budget is not None or settings:
        raise ConfigError(
            f"{getattr(source, 'path', source)} is trained already; omit budget and "
            "set, or give real images to train a translator on (fill=True)"
        )


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
        return describe_translator(TranslatorRun.load(folder))
    return read_meta(folder).training

"""`ganaug synth DATA --fill`: a translator is trained, and every cell is filled."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .shared.planning import (
    TrainOptions,
    parse_minutes,
    read_data,
    read_unlabelled,
)
from .synth_request import holds_generator, refuse_training_options
from .train import default_place

if TYPE_CHECKING:
    from ganaug.data.recorded.rules import Rules
    from ganaug.synth.fill.ordering import FillOptions
    from ganaug.synth.store.store import Store


@dataclass(frozen=True, kw_only=True)
class FillCommand:
    """Options of `ganaug synth --fill`, as they were typed."""

    source: str
    out: Path | None
    per_cell: int | None
    seed: int
    filters: tuple[str, ...] | Literal["auto"]
    labels: Literal["hard", "soft"]
    recipe: Path | None
    real: str | None
    rules: Rules
    strict: bool
    unlabelled: tuple[tuple[str, str], ...]
    allow_leak: bool
    options: TrainOptions


def fill_cells(command: FillCommand) -> Store:
    """Train a translator on the data, or open one, and fill the cells of a store."""
    options = _read_options(command)  # refuses what is wrong before any work is done
    if command.unlabelled:
        return _carry_into_pools(command, options)
    from ganaug.synth.bar import show_synthesis
    from ganaug.synth.synthesis import synthesize

    from .shared.console import progress

    known: Any
    source, out, known = command.source, name_store(command), command.real
    if holds_generator(source):
        training = command.options
        refuse_training_options(
            source, command.rules, budget=training.budget, config=training.config,
            set=training.settings, fast=training.fast, strict=command.strict,
        )  # fmt: skip
    else:
        source, images = _train(command, out)
        known = images if known is None else known
    with show_synthesis(progress) as update:
        return synthesize(
            source,
            out,
            fill=True,
            per_cell=options.per_cell,
            seed=options.seed,
            filters=options.filters,
            labels=options.labels,
            recipe=options.recipe,
            data=known,
            device=command.options.device,
            command=options.command,
            progress=update,
        )


def _read_options(command: FillCommand) -> FillOptions:
    from ganaug.recipe import read_recipe
    from ganaug.synth.fill.ordering import FillOptions

    if command.recipe is not None:
        read_recipe(command.recipe)
    return FillOptions(
        per_cell=command.per_cell,
        seed=command.seed,
        filters=command.filters,
        labels=command.labels,
        recipe=command.recipe,
        command=shlex.join(["ganaug", *sys.argv[1:]]),
    )


def name_store(command: FillCommand) -> Path:
    """Return the folder of the store, by default named after the source."""
    from ganaug.synth.synthesis import default_out

    if command.out is not None:
        return command.out
    if holds_generator(command.source):
        return default_out(Path(command.source))
    ending = "-".join(name for name, _ in command.unlabelled) or "filled"
    return default_place(command.source, f"-{ending}")


def _train(command: FillCommand, out: Path) -> tuple[str, Any]:
    """Train a translator beside the store; return its folder and the images."""
    from ganaug.config import parse_settings
    from ganaug.data.cells import check_fillable
    from ganaug.data.origin import describe_origin
    from ganaug.files import beside
    from ganaug.synth.fill.opening import follow_carrier
    from ganaug.synth.store.resumption import refuse_foreign
    from ganaug.training.bar import show_training
    from ganaug.translate.run_folder import claim_run, is_translator_run
    from ganaug.translate.settings import TranslateConfig
    from ganaug.translate.training import train_translator

    from .shared.console import printable, progress

    folder, given = beside(out, ".run"), command.options
    refuse_foreign(out)
    claim_run(folder)
    budget = parse_minutes(given.budget)
    settings = parse_settings(given.settings, TranslateConfig)
    settings = follow_carrier(settings, command.recipe)
    images = read_data(command.source, command.rules, strict=command.strict)
    check_fillable(images)
    for note in images.notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    if is_translator_run(folder):
        progress.print(f"resuming {folder}")
    origin = describe_origin(command.source, command.rules)
    with show_training(progress) as update:
        run = train_translator(
            images, folder, budget=budget, set=settings, origin=origin,
            device=given.device, progress=update,
        )  # fmt: skip
    return str(run.path), images


def _carry_into_pools(command: FillCommand, options: FillOptions) -> Store:
    """Train on unlabelled images too, and carry the labelled ones over."""
    from ganaug.config import parse_settings
    from ganaug.data.origin import describe_origin
    from ganaug.data.unlabelled import check_unlabelled
    from ganaug.files import beside
    from ganaug.synth.bar import show_synthesis
    from ganaug.synth.fill.pooled import carry_into_pools
    from ganaug.synth.store.resumption import refuse_foreign
    from ganaug.training.bar import show_training
    from ganaug.translate.run_folder import claim_run
    from ganaug.translate.settings import TranslateConfig

    from .shared.console import printable, progress

    out, given = name_store(command), command.options
    refuse_foreign(out)
    claim_run(beside(out, ".run"))
    budget = parse_minutes(given.budget)
    settings = parse_settings(given.settings, TranslateConfig)
    images = read_data(command.source, command.rules, strict=command.strict)
    pools = read_unlabelled(command.unlabelled, images, strict=command.strict)
    notes = [*images.notes, *(note for pool in pools for note in pool.notes)]
    for pool in pools:
        notes += check_unlabelled(pool, images, allow_leak=command.allow_leak)
    for note in notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    return carry_into_pools(
        images,
        pools,
        out,
        options=options,
        origin=describe_origin(command.source, command.rules, command.unlabelled),
        budget=budget,
        settings=settings,
        device=given.device,
        show=(lambda: show_training(progress), lambda: show_synthesis(progress)),
    )

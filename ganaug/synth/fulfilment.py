"""Fulfilment: a store is brought to what was requested, whatever draws its images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ganaug.recipe import copy_recipe
from ganaug.synth.filling import (
    Drawer,
    Progress,
    SynthStatus,
    fill_store,
    is_complete,
)
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import SynthesisRequest, Target
from ganaug.synth.screening import SCREENING_FILE, write_screening
from ganaug.synth.store.manifest import MANIFEST_FILE, read_rows
from ganaug.synth.store.meta import META_FILE, Meta, read_meta
from ganaug.synth.store.resumption import refuse_other
from ganaug.synth.store.store import Store
from ganaug.synth.store.tally import Tally
from ganaug.synth.summary import summarise_candidates
from ganaug.synth.writer import StoreWriter, open_writer
from ganaug.workers import ALONE, Workers


@dataclass(frozen=True, eq=False)
class Order:
    """A request, and what fulfils it.

    Attributes:
        request: what the store shall have.
        drawer: draws candidates.
        meta: what the store's meta.json says.
        generator: file of the weights that draw, which the store gets a copy of.
        find: finds the real images; it is called where candidates are still to be
            judged.
        fit: fits the filters to them.
        judge: writes the verdict, given the filters if they were fitted.
        workers: processes that draw; the store does not depend on them.
    """

    request: SynthesisRequest
    drawer: Drawer
    meta: Meta
    generator: Path
    find: Callable[[], RealImages]
    fit: Callable[[RealImages], FilterPipeline]
    judge: Callable[[FilterPipeline | None], None]
    workers: Workers = ALONE


def fulfil(order: Order, path: Path, *, progress: Progress | None) -> Store:
    """Bring the store at `path` to what is requested.

    Raises:
        StoreError: the folder contains something else, another process writes it, or
            the disk refuses; images written before stay.
    """
    request = order.request
    refuse_other(path, order.meta)
    pipeline = None
    if request.filters and not _is_complete(path, request.targets):
        real = order.find()
        if progress is not None:
            progress(SynthStatus(learning=True))
        pipeline = order.fit(real)
    with open_writer(path, order.meta, order.generator) as writer:
        if request.recipe is not None:
            copy_recipe(request.recipe, path)
        requested = _count_requested(writer, request.targets)
        fill_store(
            writer,
            order.drawer,
            request.targets,
            pipeline=pipeline,
            progress=progress,
            workers=order.workers,
        )
        writer.drop_empty_folders()
        if pipeline is not None:
            found = summarise_candidates(
                path, writer.meta, requested, pipeline=pipeline
            )
            write_screening(path, found)
        order.judge(pipeline)
    return Store.load(path)


def _is_complete(path: Path, targets: Sequence[Target]) -> bool:
    """Whether the store has all that it can get of this, and its summary."""
    if not (path / META_FILE).is_file() or not (path / SCREENING_FILE).is_file():
        return False
    tally = Tally(read_rows(path / MANIFEST_FILE, read_meta(path).folders))
    return all(is_complete(target, *target.count(tally)) for target in targets)


def _count_requested(writer: StoreWriter, targets: Sequence[Target]) -> dict[str, int]:
    """Count the images that each class should have, other captions' included."""
    tally = writer.states.tally
    requested: dict[str, int] = {}
    for target in targets:
        name = target.class_name
        if target.caption is None:
            requested[name] = requested.get(name, 0) + target.number
        else:
            have = requested.get(name, tally.of_class(name).accepted)
            requested[name] = have + max(
                0, target.number - target.count(tally).accepted
            )
    return requested

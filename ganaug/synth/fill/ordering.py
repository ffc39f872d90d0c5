"""fill_cells: a store with images of every class in every domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ganaug import engine
from ganaug.data.cells import count_cells
from ganaug.data.fingerprint import digest_set
from ganaug.errors import ConfigError
from ganaug.scalars import make_plain
from ganaug.synth.fill.filler import Carries, Filler, make_filler
from ganaug.synth.fill.guessing import Guessed, place_labelled
from ganaug.synth.fill.pipeline import FILL_FILTERS, FillPipeline, prepare_fill
from ganaug.synth.fill.plan import default_per_cell
from ganaug.synth.fill.recording import record_cells
from ganaug.synth.filling import Progress
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.fulfilment import Order, fulfil
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import Filters, SynthesisRequest, Target, check_filters
from ganaug.synth.store.folder_names import name_folders
from ganaug.synth.store.meta import Meta, find_versions, read_meta
from ganaug.synth.store.store import Store
from ganaug.training.weights import file_digest
from ganaug.translate.rules import Rule

MOST_PER_CELL = 100_000
TRIES = 6  # candidates per image requested, or per source, before a cell is given up


@dataclass(frozen=True, kw_only=True)
class FillOptions:
    """What a caller asks of filled cells, as `synthesize` explains it.

    Raises:
        ConfigError: a value is not allowed.
    """

    per_cell: int | None = None
    seed: int = 0
    filters: Filters = "auto"
    labels: Literal["hard", "soft"] = "hard"
    recipe: Path | None = None
    command: str = ""
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        make_plain(self, "per_cell", "seed")
        n = self.per_cell
        if n is not None and (isinstance(n, bool) or not 1 <= n <= MOST_PER_CELL):
            raise ConfigError(
                f"{n} images per cell is not allowed; give a whole number from 1 to "
                f"{MOST_PER_CELL:,}"
            )
        check_filters(self.filters, self.labels, tuple(FILL_FILTERS))

    def replace(self, **changes: Any) -> FillOptions:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the filters in their order."""
        return check_filters(self.filters, self.labels, tuple(FILL_FILTERS))


def fill_cells(
    translator: Carries | Rule,
    real: RealImages,
    path: Path,
    *,
    generator: Path,
    options: FillOptions,
    pools: Sequence[Guessed] = (),
    progress: Progress | None = None,
) -> Store:
    """Bring every cell of a store to its number of images.

    Args:
        translator: carries images into domains.
        real: the images that it was trained on; they are the sources.
        path: the store.
        generator: file of the translator, which the store gets a copy of.
        options: how many images, and how they are judged.
        pools: unlabelled images: only their domains are filled.
        progress: function to call before the filters learn and every few images.

    Raises:
        DataError: the images have no domains, or others than the translator.
        StoreError: the folder contains something else, or another store.
    """
    placed = place_labelled(real.images)
    into = [pool.domain for pool in pools] or None
    filler = make_filler(translator, real, seed=options.seed, into=into)
    per_cell = options.per_cell or default_per_cell(count_cells(placed))
    targets = list_targets(filler, real.images.classes, per_cell)
    request = SynthesisRequest(
        targets=targets,
        seed=options.seed,
        filters=options.names,
        labels=options.labels,
        recipe=options.recipe,
        command=options.command,
    )

    def fit(real: RealImages) -> FilterPipeline:
        config = translator.config
        examples = prepare_fill(
            filler,
            real,
            (config.height, config.width),
            pools=pools,
            teach="label" in options.names or options.labels == "soft",
            seed=options.seed,
        )
        return FillPipeline(examples, options.names, filler, options.seed)

    def judge(pipeline: FilterPipeline | None) -> None:
        if pipeline is not None or read_meta(path).verdict is None:
            record_cells(path, targets)

    meta = _describe(translator, request, generator, options)
    if pools:  # the translator was trained on more than the user's labelled images
        meta = replace(meta, data_digest=digest_set(real.images))
    return fulfil(
        Order(
            request, filler, meta, generator, find=lambda: real, fit=fit, judge=judge
        ),
        path,
        progress=progress,
    )


def list_targets(
    filler: Filler, classes: Sequence[str], per_cell: int
) -> tuple[Target, ...]:
    """List the targets, one for each cell that has source images."""
    domains = filler.translator.domains
    return tuple(
        Target(
            classes[label],
            per_cell,
            domain=domains[domain],
            turn=(domain, len(domains)),
            most=TRIES * max(per_cell, len(filler.plan.find_sources(label, domain))),
        )
        for label, domain in filler.plan.list_cells()
    )


def _describe(
    translator: Carries | Rule,
    request: SynthesisRequest,
    generator: Path,
    options: FillOptions,
) -> Meta:
    return Meta(
        generator_sha256=file_digest(generator),
        data_digest=translator.data_digest,
        config={**translator.config.to_dict(), "kind": "translator"},
        class_to_idx={name: k for k, name in enumerate(translator.classes)},
        folders=name_folders(translator.classes),
        size=translator.data_size,
        data_size=translator.data_size,
        seed=request.seed,
        versions=find_versions(),
        engine=engine.describe(translator.device),
        filters=request.filters,
        domains=translator.domains,
        labels=request.labels,
        command=request.command,
        training=options.training,
    )

"""synthesize: from a finished run to labelled images on disk."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ganaug import engine
from ganaug.display.consoles import Auto, follow
from ganaug.errors import ConfigError, DataError, RunError, StoreError
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.run_folder import Run, is_run
from ganaug.recipe import (
    RECIPE_PER_CLASS,
    MeasuredRecipe,
    read_recipe,
    refuse_other_data,
)
from ganaug.synth.bar import show_synthesis
from ganaug.synth.counts import PerClass, plan_targets, read_real_counts
from ganaug.synth.fill.opening import (
    fill_from,
    find_or_train,
    holds_translator,
    refuse_training,
)
from ganaug.synth.fill.ordering import FillOptions
from ganaug.synth.fill.pooled import carry_over
from ganaug.synth.filling import (
    Progress,
)
from ganaug.synth.filters.candidates import prepare_examples
from ganaug.synth.filters.pipeline import FilterPipeline, need_teacher
from ganaug.synth.fulfilment import Order, fulfil
from ganaug.synth.real_images import RealImages, find_real
from ganaug.synth.request import Filters, SynthesisRequest, resolve_filters
from ganaug.synth.store.folder_names import name_folders
from ganaug.synth.store.meta import META_FILE, Meta, find_versions, read_meta
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer, find_generator
from ganaug.synth.verdict.recording import record_verdict
from ganaug.synth.verdict.trained import describe_training
from ganaug.training.weights import file_digest
from ganaug.workers import Workers

logger = logging.getLogger(__name__)


def synthesize(
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    per_class: PerClass | None = None,
    balance: bool = False,
    fill: bool = False,
    per_cell: int | None = None,
    unlabelled: Mapping[str, Any] | None = None,
    budget: float | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 (as the command has it)
    real_counts: Mapping[str, int] | None = None,
    counts: None = None,
    captions: Mapping[str, int] | None = None,
    encode: Encode | None = None,
    seed: int = 0,
    size: Literal["data"] | None = None,
    filters: Filters = "auto",
    labels: Literal["hard", "soft"] = "hard",
    recipe: str | os.PathLike[str] | None = None,
    data: Any = None,
    device: str = "auto",
    command: str = "",
    processes: int | None = None,
    backend: str = "loky",
    address: str | None = None,
    progress: Progress | Auto | None = "auto",
) -> Store:
    """Write labelled synthetic images into a store, or add to it what is missing.

    A store that was cut short is completed; one that has fewer images than requested
    keeps them and gets the rest; one that has more keeps all.

    Candidates are drawn until each class has its number of accepted ones, or its
    acceptance shows that it cannot: then the class falls short, and screening.json in
    the store says why.

    Args:
        source: a run, a store, its folder, or a generator file.
        out: the store; by default beside the run, or the store itself.
        per_class: images of every class, or of each class named.
        balance: fill every class up to the largest real one.
        fill: give every class images of every domain, carried over from the real images
            of other domains. The source is a run or store of a translator, or else real
            images, of which one is trained beside the store.
        per_cell: images of each class in each domain, where cells are filled; by
            default the median of those with 8 real images or more.
        unlabelled: name of a domain → images of it without labels, in any form that
            `load_unlabelled` takes. The source is real images, which are carried over
            into these domains, `per_class` images of each class.
        budget: minutes of training, where a translator is trained.
        set: field of `TranslateConfig` → value for it, in place of the plan's.
        real_counts: real images per class that `balance` starts from; by default as
            the run has them.
        counts: the former name of `real_counts`, refused.
        captions: images of each caption, in place of images per class. They go under
            the class whose training images have the caption or, where not all captions
            are such, under `caption`.
        encode: the encoder of captions that the run was trained with, if any.
        seed: another seed draws other images.
        size: `data` enlarges images from the GAN's grid to the size of the real ones.
        filters: names out of `label`, `realism`, `copy` and `duplicate`; None keeps
            every image that is drawn. `auto` takes all that suit the generator: one
            of conditioning=image-warp bends real images, and `copy` would reject them.
        labels: `soft` writes the teacher's distribution over the classes beside each
            image.
        recipe: a gain's folder or its recipe.json: the store gets the labels that it
            wants, 500 images per class unless another number is given, and a copy of
            it, which `SyntheticDataset(share="auto")` follows. A verdict other than
            "helps" is logged.
        data: the real images, where they have moved or came from memory.
        device: `auto`, `cpu`, `cuda` or `mps`.
        command: what the user typed, for the record.
        processes, backend, address: processes that draw and judge the candidates, as
            for `measure_gain`; the store has the same bytes. Cells and unlabelled
            domains are filled by one process.
        progress: function that is called with a `SynthStatus` before the filters learn
            and after each few images; `auto` shows a bar in a terminal or notebook,
            None nothing.

    Raises:
        ConfigError: an argument is not allowed, or two exclude each other.
        StoreError: the folder contains something else or a store of another generator,
            seed or size, another process writes it, or the disk refuses; images
            written before stay.
        CheckpointError: there is no generator, or it is damaged.
        DataError: the real images, which the filters need, cannot be found; or the
            recipe cannot be read, or was measured on other images.

    Example:
        >>> store = synthesize("digits-run", per_class=500)  # doctest: +SKIP
        >>> store.counts.sum()  # doctest: +SKIP
        5000
    """
    _refuse_former_name(counts)
    _refuse_beside_captions(captions, per_class, balance=balance, recipe=recipe)
    workers = Workers(processes, backend, address)
    measured = None if recipe is None else read_recipe(recipe)
    if unlabelled:
        _refuse_workers(workers)
        options = FillOptions(
            per_cell=_read_per_class(per_class, fill=fill, balance=balance),
            seed=seed,
            filters=filters,
            labels=labels,
            command=command,
        )
        return carry_over(
            source, out, unlabelled, options,
            budget=budget, settings=set, device=device, progress=progress,
        )  # fmt: skip
    if fill or per_cell is not None or holds_translator(source):
        _refuse_beside_fill(per_class, balance=balance, captions=captions, size=size)
        _refuse_workers(workers)
        if measured is not None:
            say_verdict(measured)
        options = FillOptions(
            per_cell=per_cell,
            seed=seed,
            filters=filters,
            labels="soft" if measured is not None and measured.soft else labels,
            recipe=None if recipe is None else Path(recipe),
            command=command,
        )
        run, images = find_or_train(
            source, out, data,
            budget=budget, settings=set, recipe=options.recipe, device=device,
        )  # fmt: skip
        path = (
            default_out(Path(getattr(run, "path", run))) if out is None else Path(out)
        )
        with follow(progress, show_synthesis) as tell:
            return fill_from(
                run, path, options=options, data=images, device=device, progress=tell
            )
    generator = find_generator(source)
    refuse_training(source, budget, set)
    synthesizer = Synthesizer.load(generator, device, encode=encode)
    if measured is not None:
        digest = synthesizer.generators.data_digest
        refuse_other_data(measured, digest, generator.parent)
        say_verdict(measured)
        labels = "soft" if measured.soft else labels
        per_class = RECIPE_PER_CLASS if per_class is None and not balance else per_class
    if balance and real_counts is None:
        real_counts = read_real_counts(source)
    targets = plan_targets(
        synthesizer, per_class, balance=balance, real=real_counts, captions=captions
    )
    names, notes = resolve_filters(filters, labels, synthesizer.config)
    request = SynthesisRequest(
        targets=targets,
        seed=seed,
        size=size,
        filters=names,
        notes=notes,
        labels=labels,
        recipe=None if recipe is None else Path(recipe),
        command=command,
    )
    path = default_out(generator.parent) if out is None else Path(out)
    find = partial(_find_real, source, data)
    with follow(progress, show_synthesis) as tell:
        return fulfil(
            Order(
                request,
                synthesizer,
                _describe_store(request, synthesizer, generator),
                generator,
                find=find,
                fit=lambda real: _fit_filters(
                    real, synthesizer, request, generator.parent
                ),
                judge=lambda pipeline: _judge(path, pipeline, find, request),
                workers=workers,
            ),
            path,
            progress=tell,
        )


def default_out(folder: Path) -> Path:
    """Return where the images of a run or store go unless the user names a folder.

    Example:
        >>> default_out(Path("digits-run")), default_out(Path("plus.run"))
        (PosixPath('digits-synthetic'), PosixPath('plus'))
    """
    if (folder / META_FILE).is_file():
        return folder
    if folder.name in ("", ".."):
        folder = folder.resolve()
    name = folder.name
    if name.endswith(".run"):
        return folder.with_name(name.removesuffix(".run"))
    return folder.with_name(f"{name.removesuffix('-run')}-synthetic")


def _read_per_class(
    per_class: PerClass | None, *, fill: bool, balance: bool
) -> int | None:
    if fill or balance or isinstance(per_class, Mapping):
        raise ConfigError(
            "unlabelled domains get per_class=N images of each class; omit fill, "
            "balance and other numbers"
        )
    return per_class


def say_verdict(measured: MeasuredRecipe) -> None:
    """Warn where a recipe's verdict is that its images do not help."""
    if not measured.helps:
        logger.warning(
            'share="auto" will take none of these images, the verdict is "%s": %s',
            measured.verdict, measured.sentence,
        )  # fmt: skip


def _refuse_former_name(counts: object) -> None:
    if counts is not None:
        raise ConfigError(
            "counts= is now real_counts=, the real images per class that balance=True "
            "starts from; for the number of synthetic images give per_class="
        )


def _refuse_beside_fill(
    per_class: PerClass | None,
    *,
    balance: bool,
    captions: Mapping[str, int] | None,
    size: str | None,
) -> None:
    if per_class is not None or balance or captions is not None or size is not None:
        raise ConfigError(
            "filled cells get per_cell images each, of the size of the real ones; omit "
            "per_class, balance, captions and size"
        )


def _refuse_workers(workers: Workers) -> None:
    if not workers.alone:
        raise ConfigError(
            "cells and unlabelled domains are filled by one process; omit processes, "
            "backend and address"
        )


def _refuse_beside_captions(
    captions: Mapping[str, int] | None,
    per_class: PerClass | None,
    *,
    balance: bool,
    recipe: object,
) -> None:
    if captions is not None and (per_class is not None or balance or recipe):
        raise ConfigError(
            "captions say what is drawn; omit per_class, balance and recipe beside them"
        )


def _judge(
    path: Path,
    pipeline: FilterPipeline | None,
    find: Callable[[], RealImages],
    request: SynthesisRequest,
) -> None:
    """Write the verdict, unless the store has it already or nobody can judge it."""
    if pipeline is None and read_meta(path).verdict is not None:
        return  # nothing was added since it was judged
    try:
        real = find() if pipeline is None else pipeline.real
    except (DataError, RunError, StoreError) as error:
        logger.info("%s is not judged: %s", path, error)
        return
    requested = [target.number for target in request.targets]
    record_verdict(path, real, requested=requested)


def _describe_store(
    request: SynthesisRequest, synthesizer: Synthesizer, generator: Path
) -> Meta:
    made = synthesizer.generators
    classes = request.name_classes(synthesizer.classes)
    return Meta(
        generator_sha256=file_digest(generator),
        data_digest=made.data_digest,
        config=made.config.to_dict(),
        class_to_idx={name: k for k, name in enumerate(classes)},
        folders=name_folders(classes),
        size=made.data_size if request.size == "data" else synthesizer.size,
        data_size=made.data_size,
        seed=request.seed,
        versions=find_versions(),
        engine=engine.describe(made.device),
        filters=request.filters,
        labels=request.labels,
        command=request.command,
        training=_describe_training(generator.parent),
    )


def _describe_training(folder: Path) -> dict[str, Any]:
    """Describe the training by the folder of the generator, a run's or a store's."""
    if is_run(folder):
        return describe_training(Run.load(folder))
    return read_meta(folder).training if (folder / META_FILE).is_file() else {}


def _find_real(source: Any, data: Any) -> RealImages:
    try:
        return find_real(source, data)
    except DataError as error:
        raise DataError(
            f"{error}; or switch the filters off, which need them (--filters none)"
        ) from error


def _fit_filters(
    real: RealImages, synthesizer: Synthesizer, request: SynthesisRequest, folder: Path
) -> FilterPipeline:
    """Fit the filters to the real images, with a teacher where one is needed.

    A run's folder keeps what they learn, for the next store or its next images.
    """
    classes = request.name_classes(synthesizer.classes)
    teach = need_teacher(request.filters) or request.labels == "soft"
    run = folder if is_run(folder) else None
    examples = prepare_examples(
        real, synthesizer.config, classes, teach=teach, folder=run
    )
    pipeline = FilterPipeline(examples, request.filters, request.notes)
    if run is not None:
        examples.save(run)
    return pipeline

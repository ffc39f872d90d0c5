"""synthesize: from a finished run to labelled images on disk."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ganaug import engine
from ganaug.config import TrainConfig
from ganaug.data.images import CAPTION
from ganaug.errors import DataError, StoreError
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.inputs.conditions import find_condition
from ganaug.recipe import (
    PER_CLASS,
    MeasuredRecipe,
    copy_recipe,
    read_recipe,
    refuse_other_data,
)
from ganaug.synth.captioning import Captioning, place_captions
from ganaug.synth.counts import PerClass, plan_counts, read_real_counts
from ganaug.synth.filling import Progress, SynthStatus, fill_store, is_hopeless
from ganaug.synth.filters.candidates import look_at_reality
from ganaug.synth.filters.pipeline import FILTERS
from ganaug.synth.filters.screen import TWIN, Screen
from ganaug.synth.real_images import RealImages, find_real
from ganaug.synth.screening import NAME as SCREENING
from ganaug.synth.screening import write_screening
from ganaug.synth.store.folder_names import name_folders
from ganaug.synth.store.manifest import NAME as MANIFEST
from ganaug.synth.store.manifest import read_rows
from ganaug.synth.store.meta import NAME as META
from ganaug.synth.store.meta import Meta, find_versions
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import Synthesizer, find_generator
from ganaug.synth.writer import StoreWriter, open_writer, refuse_other
from ganaug.training.weights import file_digest

DEFAULT_FILTERS = (*FILTERS, TWIN)
Filters = Sequence[str] | Literal["auto"] | None

logger = logging.getLogger(__name__)


def synthesize(
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    per_class: PerClass | None = None,
    balance: bool = False,
    counts: Mapping[str, int] | None = None,
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
    progress: Progress | None = None,
) -> Store:
    """Write labelled synthetic images into a store, or bring it up to what is asked.

    A store that was cut short is completed; one that has fewer images than asked for
    keeps them and gets the rest; one that has more keeps all.

    Candidates are drawn until each class has its number of accepted ones, or its
    acceptance shows that it cannot: then the class falls short, and screening.json in
    the store says why.

    Args:
        source: a run, a store, its folder, or a generator file.
        out: the store; by default beside the run, or the store itself.
        per_class: images of every class, or of each class named.
        balance: fill every class up to the largest real one.
        counts: real images per class for `balance`; by default as the run has them.
        captions: images of each caption, in place of images per class. They go under
            the class whose training images have the caption or, where not all captions
            are such, under `caption`.
        encode: the encoder of captions that the run was trained with, if any.
        seed: another seed draws other images.
        size: `data` enlarges images from the GAN's grid to the size of the real ones.
        filters: names out of `label`, `realism`, `copy` and `duplicate`; None keeps
            every image that is drawn. `auto` takes all that suit the generator: one
            of conditioning=image-warp bends real images, and `copy` would refuse them.
        labels: `soft` writes the teacher's distribution over the classes beside each
            image.
        recipe: a gain's folder or its recipe.json: the store gets the labels that it
            wants, 500 images per class unless something else is asked for, and a copy
            of it, which `SyntheticDataset(share="auto")` obeys. A verdict other than
            "helps" is said in the log.
        data: the real images, where they have moved or came from memory.
        device: `auto`, `cpu`, `cuda` or `mps`.
        command: what the user typed, for the record.
        progress: called with a `SynthStatus` before the filters learn and after each
            few images.

    Raises:
        StoreError: the request makes no sense, the folder holds something else or a
            store of another generator, seed or size, another process writes it, or
            the disk refuses; images written before stay.
        CheckpointError: there is no generator, or it is damaged.
        DataError: the real images, which the filters need, cannot be found; or the
            recipe cannot be read, or was measured on other images.

    Example:
        >>> store = synthesize("digits-run", per_class=500)  # doctest: +SKIP
        >>> store.counts.sum()  # doctest: +SKIP
        5000
    """
    if captions is not None and (per_class is not None or balance or recipe):
        raise StoreError(
            "captions say what is drawn: give no numbers per class, balance or recipe "
            "beside them"
        )
    measured = None if recipe is None else read_recipe(recipe)
    if measured is not None:
        labels = "soft" if measured.soft else labels
        if per_class is None and not balance:
            per_class = PER_CLASS
    generator = find_generator(source)
    synthesizer = Synthesizer.load(generator, device, encode=encode)
    if balance and counts is None:
        counts = read_real_counts(source)
    wanted = captions or plan_counts(
        synthesizer.classes, per_class, balance=balance, real=counts
    )
    places = {} if captions is None else place_captions(synthesizer, captions)
    classes = (CAPTION,) if CAPTION in places.values() else synthesizer.classes
    path = default_out(generator.parent) if out is None else Path(out)
    names = check_filters(filters, labels)
    notes: tuple[str, ...] = ()
    if filters == "auto":
        names, notes = choose_filters(synthesizer.config)
    meta = _describe(
        synthesizer, generator, classes, seed, size, command, names, labels
    )
    refuse_other(path, meta)
    if measured is not None:
        refuse_other_data(measured, meta.data_digest, generator.parent)
        say_verdict(measured)
    judged = bool(names) and (bool(places) or not _is_full(path, wanted))
    real = _find_real(source, data) if judged else None
    screen = None if real is None else _learn(real, synthesizer, meta, notes, progress)
    with open_writer(path, meta, generator) as writer:
        if recipe is not None:
            copy_recipe(recipe, path)
        if synthesizer.reads:
            writer.captioning = Captioning(path, synthesizer, classes)
        fill = _fill_captions if places else _fill_classes
        wanted = fill(writer, synthesizer, screen, progress, wanted, places)
        writer.drop_empty_folders()
        if screen is not None:
            write_screening(path, writer.meta, wanted, screen)
    return Store.load(path)


def default_out(folder: Path) -> Path:
    """Where the images of a run or store go unless the user says otherwise.

    Example:
        >>> default_out(Path("digits-run")), default_out(Path("plus.run"))
        (PosixPath('digits-synthetic'), PosixPath('plus'))
    """
    if (folder / META).is_file():
        return folder
    if folder.name in ("", ".."):
        folder = folder.resolve()
    name = folder.name
    if name.endswith(".run"):
        return folder.with_name(name.removesuffix(".run"))
    return folder.with_name(f"{name.removesuffix('-run')}-synthetic")


def choose_filters(config: TrainConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Filters that suit a generator, and a line about each that is off.

    Example:
        >>> choose_filters(TrainConfig(conditioning="image-warp"))[0]
        ('label', 'realism', 'duplicate')
    """
    unfit = dict(find_condition(config.conditioning).unfit)
    names = tuple(name for name in DEFAULT_FILTERS if name not in unfit)
    notes = tuple(
        f"the {name} filter is off: {why}; --filters {','.join(DEFAULT_FILTERS)} "
        "switches it on"
        for name, why in unfit.items()
    )
    return names, notes


def check_filters(filters: Filters, labels: str) -> tuple[str, ...]:
    """Names of filters, in their order; all of them for `auto`.

    Raises:
        StoreError: there is no such filter, or no such kind of labels.

    Example:
        >>> check_filters(["copy", "label"], "hard")
        ('label', 'copy')
    """
    filters = DEFAULT_FILTERS if filters == "auto" else filters
    for name in filters or ():
        if name not in DEFAULT_FILTERS:
            raise StoreError(
                f"there is no filter {name!r}; choose from "
                f"{', '.join(DEFAULT_FILTERS)}, or none"
            )
    if labels not in ("hard", "soft"):
        raise StoreError(f"labels={labels!r} is not allowed; choose hard or soft")
    names = tuple(name for name in DEFAULT_FILTERS if name in (filters or ()))
    if labels == "soft" and not names:
        raise StoreError("soft labels need a teacher, so filters; leave them on")
    return names


def _find_real(source: Any, data: Any) -> RealImages:
    try:
        return find_real(source, data)
    except DataError as error:
        raise DataError(
            f"{error}; or switch the filters off, which need them (--filters none)"
        ) from error


def _is_full(path: Path, wanted: Mapping[str, int]) -> bool:
    """Whether the store has all that it can get of this, and its summary."""
    if not (path / META).is_file() or not (path / SCREENING).is_file():
        return False
    drawn, kept = Counter[str](), Counter[str]()
    for row in read_rows(path / MANIFEST):
        drawn[row.class_name] += 1
        kept[row.class_name] += row.kept
    return all(
        kept[name] >= n or is_hopeless(kept[name], drawn[name])
        for name, n in wanted.items()
    )


def _learn(
    real: RealImages,
    synthesizer: Synthesizer,
    meta: Meta,
    notes: tuple[str, ...],
    progress: Progress | None,
) -> Screen:
    """Filters fitted to the real images, with a teacher where one is needed."""
    if progress is not None:
        progress(SynthStatus(learning=True))
    reality = look_at_reality(
        real,
        synthesizer.config,
        meta.classes,
        teach=meta.filters != (TWIN,) or meta.labels == "soft",
    )
    return Screen(reality, meta.filters, notes)


def _fill_classes(
    writer: StoreWriter,
    synthesizer: Synthesizer,
    screen: Screen | None,
    progress: Progress | None,
    wanted: Mapping[str, int],
    places: Mapping[str, str],
) -> Mapping[str, int]:
    _say_more(writer, wanted)
    fill_store(writer, synthesizer, wanted, screen, progress)
    return wanted


def _fill_captions(
    writer: StoreWriter,
    synthesizer: Synthesizer,
    screen: Screen | None,
    progress: Progress | None,
    captions: Mapping[str, int],
    places: Mapping[str, str],
) -> Mapping[str, int]:
    """One caption after the other; images wanted per class, earlier ones included."""
    book = writer.captioning
    assert book is not None
    wanted: dict[str, int] = {}
    for caption, n in captions.items():
        name, kept, drawn = places[caption], book.kept[caption], book.drawn[caption]
        count, missing = writer.count(name), max(0, n - kept)
        others = count - kept, writer.count_drawn(name) - drawn
        wanted[name] = wanted.get(name, count) + missing
        book.asked = caption
        target = {name: count + missing}
        fill_store(writer, synthesizer, target, screen, progress, others=others)
    return wanted


def say_verdict(measured: MeasuredRecipe) -> None:
    """Warn where a recipe's verdict is that its images do not help."""
    if not measured.helps:
        logger.warning(
            'share="auto" will take none of these images, the verdict is "%s": %s',
            measured.verdict, measured.sentence,
        )  # fmt: skip


def _say_more(writer: StoreWriter, wanted: Mapping[str, int]) -> None:
    for name, n in wanted.items():
        if writer.count(name) > n:
            logger.info(
                "%s has %d images of class %r already, more than %d: all stay",
                writer.path, writer.count(name), name, n,
            )  # fmt: skip


def _describe(
    synthesizer: Synthesizer,
    generator: Path,
    classes: tuple[str, ...],
    seed: int,
    size: str | None,
    command: str,
    filters: tuple[str, ...],
    labels: str,
) -> Meta:
    if size not in (None, "data"):
        raise StoreError(f"size={size!r} is not allowed; give 'data' or leave it out")
    made = synthesizer.generators
    return Meta(
        generator_sha256=file_digest(generator),
        data_digest=made.data_digest,
        config=made.config.to_dict(),
        class_to_idx={name: k for k, name in enumerate(classes)},
        folders=name_folders(classes),
        size=made.data_size if size == "data" else synthesizer.size,
        data_size=made.data_size,
        seed=seed,
        versions=find_versions(),
        engine=engine.describe(made.device),
        filters=filters,
        labels=labels,
        command=command,
    )

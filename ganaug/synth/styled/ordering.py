"""style_images: a store with images of every class in the look of others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import digest_set, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.origin import Origin, write_origin
from ganaug.display.consoles import Auto, follow
from ganaug.engine import describe
from ganaug.errors import ConfigError, RunError
from ganaug.files import beside, say_disk_error, write_json
from ganaug.gan.inputs.training_set import split_images
from ganaug.gan.run_folder import GENERATOR, SPLIT, note_range
from ganaug.scalars import make_plain
from ganaug.synth.bar import show_synthesis
from ganaug.synth.filling import Progress
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.fulfilment import Order, fulfil
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import Filters, SynthesisRequest, Target, check_filters
from ganaug.synth.store.folder_names import name_folders
from ganaug.synth.store.meta import Meta, find_versions, read_meta
from ganaug.synth.store.resumption import refuse_foreign
from ganaug.synth.store.store import Store
from ganaug.synth.styled.contents import read_contents
from ganaug.synth.styled.filters import STYLE_FILTERS, StylePipeline, prepare_styles
from ganaug.synth.styled.recording import record_styles
from ganaug.synth.styled.styler import Contents, Styler, gather_contents
from ganaug.synth.styled.weights import describe_settings, save_style_file
from ganaug.training.progress import Progress as TrainingProgress
from ganaug.training.weights import file_digest
from ganaug.translate.style.settings import KIND
from ganaug.translate.style.styles import ANY, GIVEN, WITHIN
from ganaug.translate.style.transfer import StyleTransfer

MOST_PER_CLASS = 100_000
TRIES = 6  # candidates per image requested, or per content, before a class is given up


@dataclass(frozen=True, kw_only=True)
class StyleOptions:
    """What a caller asks of a store of styled images, as `style_images` explains it.

    Raises:
        ConfigError: a value is not allowed.
    """

    per_class: int | None = None
    seed: int = 0
    filters: Filters = "auto"
    labels: Literal["hard", "soft"] = "hard"
    command: str = ""

    def __post_init__(self) -> None:
        make_plain(self, "per_class", "seed")
        n = self.per_class
        if n is not None and (isinstance(n, bool) or not 1 <= n <= MOST_PER_CLASS):
            raise ConfigError(
                f"{n} images per class is not allowed; give a whole number from 1 to "
                f"{MOST_PER_CLASS:,}"
            )
        check_filters(self.filters, self.labels, tuple(STYLE_FILTERS))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the filters in their order."""
        return check_filters(self.filters, self.labels, tuple(STYLE_FILTERS))


def style_images(
    data: Any,
    styles: Any,
    out: str | os.PathLike[str],
    *,
    per_class: int | None = None,
    engine: Literal["optimise", "generate"] = "generate",
    features: str | Path = "random",
    alpha: float = 1.0,
    strength: float = 1.0,
    preserve_colour: bool = False,
    budget: float | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 (as the command has it)
    seed: int = 0,
    filters: Filters = "auto",
    labels: Literal["hard", "soft"] = "hard",
    origin: Origin | None = None,
    device: str = "auto",
    command: str = "",
    training: TrainingProgress | Auto | None = "auto",
    progress: Progress | Auto | None = "auto",
) -> Store:
    """Write real images in the look of others into a store; the same call resumes.

    Args:
        data: the contents: labelled images in any form that `load_images` takes, an
            image, or a folder of images without classes. Held-out images are left out.
        styles: `within-class` or `any` for other images of the same set; or a folder
            of images, an image, or whatever else `load_styles` takes.
        out: folder of the store.
        per_class: images of each class; by default as many as the largest class has.
        engine, features, alpha, strength, preserve_colour: see `StyleTransfer`.
        budget: minutes of training, for engine=generate.
        set: field of `StyleConfig` → value, in place of the usual.
        seed: another seed pairs other contents and styles.
        filters: names out of `label`, `style` and `duplicate`; None keeps all.
        labels: `soft` writes the teacher's distribution over the classes, too.
        origin: where the data were read from, if `data` is not a path.
        device: `auto`, `cpu`, `cuda` or `mps`.
        command: what the user typed, for the record.
        training, progress: functions that are called with a `Status` of the training
            and a `SynthStatus`; `auto` shows a bar in a terminal or notebook, None
            nothing.

    Raises:
        ConfigError: an argument is not allowed.
        DataError: the images or the styles cannot be read.
        StoreError: the folder contains something else, or another store.

    Example:
        >>> store = style_images(
        ...     "digits", "within-class", "digits-styled", per_class=20
        ... )  # doctest: +SKIP
        >>> store.counts.sum()  # doctest: +SKIP
        200
    """
    options = StyleOptions(
        per_class=per_class, seed=seed, filters=filters, labels=labels, command=command
    )
    images, known = read_contents(data)
    path = Path(out)
    real = divide(images)
    contents = gather_contents(real)
    mode, given = choose_mode(styles, contents)
    transfer = StyleTransfer(
        given,
        engine=engine,
        features=features,
        alpha=alpha,
        strength=strength,
        preserve_colour=preserve_colour,
        seed=seed,
        device=device,
    )
    refuse_foreign(path)
    transfer.fit(
        images.subset(real.train),
        beside(path, ".run"),
        budget=budget,
        set=set,
        progress=training,
    )
    styler = Styler(transfer, contents, mode, seed)
    with follow(progress, show_synthesis) as tell:
        return fulfil_styles(
            styler,
            real,
            path,
            options=options,
            origin=origin or known,
            progress=tell,
        )


def divide(images: LabelledImages) -> RealImages:
    """Divide images into contents and held-out ones, as a GAN's training does."""
    train, held = split_images(images, TrainConfig())
    return RealImages(images, train, held, f"{len(held):,} held-out images")


def choose_mode(styles: Any, contents: Contents) -> tuple[str, Any]:
    """Return a mode of `StyleSet.find_styles`, and the styles.

    Example:
        >>> choose_mode("look.png", None)
        ('given', 'look.png')
    """
    if isinstance(styles, str) and styles in (WITHIN, ANY):
        return styles, contents.as_styles()
    return GIVEN, styles


def fulfil_styles(
    styler: Styler,
    real: RealImages,
    path: Path,
    *,
    options: StyleOptions,
    origin: Origin,
    progress: Progress | None,
) -> Store:
    """Bring every class of a store to its number of styled images.

    Args:
        styler: draws them.
        real: its contents, and held-out images.
        path: the store.
        options: how many images, and how they are judged.
        origin: where the real images were read from.
        progress: function to call before the filters learn and every few images.

    Raises:
        StoreError: the folder contains something else, or another store.
    """
    targets = list_targets(styler, real.images.classes, options.per_class)
    request = SynthesisRequest(
        targets=targets,
        seed=options.seed,
        filters=options.names,
        labels=options.labels,
        command=options.command,
    )

    def fit(real: RealImages) -> FilterPipeline:
        teach = "label" in options.names or options.labels == "soft"
        examples = prepare_styles(styler, real, teach=teach, seed=options.seed)
        return StylePipeline(examples, options.names)

    def judge(pipeline: FilterPipeline | None) -> None:
        if pipeline is not None or read_meta(path).verdict is None:
            record_styles(path, targets)

    with TemporaryDirectory() as folder:
        generator = Path(folder) / GENERATOR
        _write_material(generator, styler, real, origin)
        meta = _describe(styler, real.images, request, generator)
        order = Order(
            request, styler, meta, generator, find=lambda: real, fit=fit, judge=judge
        )
        return fulfil(order, path, progress=progress)


def list_targets(
    styler: Styler, classes: Sequence[str], per_class: int | None
) -> tuple[Target, ...]:
    """List the targets, one for each class that has contents."""
    places = styler.contents.places
    number = per_class or max(map(len, places.values()))
    return tuple(
        Target(classes[k], number, most=TRIES * max(number, len(places[k])))
        for k in sorted(places)
    )


def _write_material(
    generator: Path, styler: Styler, real: RealImages, origin: Origin
) -> None:
    """Write what the store copies: what draws, where the real images are, the split."""
    save_style_file(generator, styler.transfer, styler.mode)
    hashes = real.images.hash_images()
    parts = {"train": real.train, "held_out": real.held}
    split: dict[str, Any] = {
        name: [hashes[row] for row in rows] for name, rows in parts.items()
    }
    try:
        write_origin(generator.parent, origin.note(real.images))
        write_json(
            generator.parent / SPLIT, split | note_range(take_fingerprint(real.images))
        )
    except OSError as error:
        raise RunError(say_disk_error(generator.parent, error)) from error


def _describe(
    styler: Styler, images: LabelledImages, request: SynthesisRequest, generator: Path
) -> Meta:
    height, width = styler.size
    config = {"height": height, "width": width, "channels": styler.channels}
    return Meta(
        generator_sha256=file_digest(generator),
        data_digest=digest_set(images),
        config={
            **config,
            "kind": KIND,
            "mode": styler.mode,
            "styles": len(styler.transfer.styles),
            **describe_settings(styler.transfer),
        },
        class_to_idx={name: k for k, name in enumerate(images.classes)},
        folders=name_folders(images.classes),
        size=styler.size,
        data_size=styler.size,
        seed=request.seed,
        versions=find_versions(),
        engine=describe(styler.device),
        filters=request.filters,
        labels=request.labels,
        command=request.command,
    )

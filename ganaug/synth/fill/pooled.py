"""Pools: labelled images are carried into the looks of unlabelled ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, describe_origin
from ganaug.data.unlabelled import check_unlabelled, load_unlabelled
from ganaug.display.consoles import Auto, follow
from ganaug.errors import ConfigError, DataError
from ganaug.files import beside
from ganaug.synth.bar import show_synthesis
from ganaug.synth.fill.guessing import Pool, guess_classes, join_guessed
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.filling import Progress, SynthStatus
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.store import Store
from ganaug.synth.synthesizer import holds_generator
from ganaug.synth.verdict.trained import describe_translator
from ganaug.training.bar import show_training
from ganaug.training.progress import Status
from ganaug.translate.training import train_translator
from ganaug.translate.translator import GENERATOR, Translator

T = TypeVar("T")
Show = Callable[[], AbstractContextManager[Callable[[T], None] | None]]


def carry_over(
    source: Any,
    out: str | os.PathLike[str] | None,
    unlabelled: Mapping[str, Any],
    options: FillOptions,
    *,
    budget: float | None = None,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    progress: Progress | Auto | None = "auto",
) -> Store:
    """Carry real images, in any form, into unlabelled domains; see `synthesize`.

    Raises:
        ConfigError: the source is a run or a store, or no folder is named.
        DataError: the images cannot be used, or some are copies of labelled ones.
    """
    if holds_generator(source) or out is None:
        raise ConfigError("give the labelled images, and out=, the folder of the store")
    images = load_images(source)
    pools = [load_unlabelled(own, name, images) for name, own in unlabelled.items()]
    for pool in pools:
        check_unlabelled(pool, images)
    paths = [
        (name, str(own))
        for name, own in unlabelled.items()
        if isinstance(own, str | os.PathLike)
    ]
    return carry_into_pools(
        images,
        pools,
        Path(out),
        options=options,
        origin=describe_origin(source, unlabelled=paths),
        budget=budget,
        settings=settings,
        device=device,
        show=(
            lambda: follow("auto", show_training),
            lambda: follow(progress, show_synthesis),
        ),
    )


def carry_into_pools(
    data: LabelledImages,
    pools: Sequence[Pool],
    out: Path,
    *,
    options: FillOptions,
    origin: Origin | None = None,
    budget: float | None = None,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    show: tuple[Show[Status], Show[SynthStatus]] = (nullcontext, nullcontext),
) -> Store:
    """Write images of each class as they would look among unlabelled ones.

    A classifier is self-trained on the unlabelled images first, and its surest guesses
    are the classes by which the translator learns what each class looks like there:
    without them, it may carry one class into another. The same classifier judges what
    the translator makes of the labelled images.

    Args:
        data: labelled images.
        pools: unlabelled images of one domain each, in the form of the labelled ones.
        out: the store; the translator's run is written beside it.
        options: how many images of each class, and how they are judged.
        origin: where the images were read from.
        budget: minutes of the translator's training.
        settings: field of `TranslateConfig` → value, in place of the plan's.
        device: `auto`, `cpu`, `cuda` or `mps`.
        show: functions that open a bar for the training and for the drawing, and yield
            the function that moves it; by default there is none.

    Raises:
        ConfigError: the settings name a carrier.
        DataError: there is one class only, or the images do not fit each other.
    """
    if (settings or {}).get("carrier") is not None:
        raise ConfigError(
            "a carrier fills cells from images with classes, not from unlabelled ones; "
            "omit carrier, and a translator is trained"
        )
    if len(np.unique(data.labels)) < 2:
        raise DataError(
            "one class cannot be told from another in unlabelled images; give two "
            "classes or more"
        )
    open_training, open_synthesis = show
    with open_synthesis() as tell:
        if tell is not None:
            tell(SynthStatus(learning=True))
        guessed = [guess_classes(data, pool, seed=options.seed) for pool in pools]
    joined, rest = join_guessed(data, guessed)
    with open_training() as update:
        run = train_translator(
            joined,
            beside(out, ".run"),
            budget=budget,
            set=settings,
            unlabelled=rest,
            origin=origin,
            device=device,
            progress=update,
        )
    every = np.arange(len(data))
    real = RealImages(data, every, every[:0], f"{len(data):,} labelled images")
    with open_synthesis() as tell:
        return fill_cells(
            Translator.load(run.path, device),
            real,
            out,
            generator=run.path / GENERATOR,
            options=options.replace(training=describe_translator(run)),
            pools=guessed,
            progress=tell,
        )

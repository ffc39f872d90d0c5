"""style_images: a store with images of every class in the look of others."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.origin import Origin
from ganaug.display.consoles import Auto, follow
from ganaug.files import beside
from ganaug.gan.inputs.training_set import split_images
from ganaug.synth.bar import show_synthesis
from ganaug.synth.filling import Progress
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import Filters
from ganaug.synth.store.store import Store
from ganaug.synth.styled.contents import read_contents
from ganaug.synth.styled.job import StyleJob
from ganaug.synth.styled.options import StyleOptions
from ganaug.synth.styled.styler import Contents, Styler, gather_contents
from ganaug.training.progress import Progress as TrainingProgress
from ganaug.translate.style.styles import ANY, GIVEN, WITHIN
from ganaug.translate.style.transfer import StyleTransfer


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
    styler = Styler(transfer, contents, mode, seed)
    job = StyleJob(styler, real, path, options, origin or known, name_source(styles))
    job.check()
    if not job.take_generator():
        transfer.fit(
            images.subset(contents.rows),
            beside(path, ".run"),
            budget=budget,
            set=set,
            progress=training,
        )
    with follow(progress, show_synthesis) as tell:
        return job.fulfil(tell)


def divide(images: LabelledImages) -> RealImages:
    """Divide images into contents and held-out ones, as a GAN's training does."""
    hashes = images.hash_images()
    seen = {hashes[row] for row in split_images(images, TrainConfig())[0]}
    known = np.array([name in seen for name in hashes], bool)  # copies stay together
    train, held = np.flatnonzero(known), np.flatnonzero(~known)
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


def name_source(styles: Any) -> str:
    """Return how styles are named on the command line, "" for those from memory.

    Example:
        >>> name_source("any"), name_source([1])
        ('any', '')
    """
    return os.fspath(styles) if isinstance(styles, str | os.PathLike) else ""

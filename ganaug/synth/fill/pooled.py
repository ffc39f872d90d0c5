"""carry_into_pools: labelled images in the looks of unlabelled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.origin import Origin
from ganaug.display.consoles import Auto, follow
from ganaug.errors import DataError
from ganaug.files import beside
from ganaug.synth.bar import show_synthesis
from ganaug.synth.fill.guessing import Pool, guess_classes, join_guessed
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.filling import Progress, SynthStatus
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.store import Store
from ganaug.training.progress import Progress as TrainingProgress
from ganaug.translate.training import train_translator
from ganaug.translate.translator import GENERATOR, Translator


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
    training_progress: TrainingProgress | Auto | None = "auto",
    progress: Progress | Auto | None = "auto",
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
        training_progress, progress: functions that are told of the training and of the
            drawing; `auto` shows bars in a terminal or notebook.

    Raises:
        DataError: there is one class only, or the images do not fit each other.
    """
    if len(np.unique(data.labels)) < 2:
        raise DataError(
            "one class cannot be told from another in unlabelled images; give two "
            "classes or more"
        )
    with follow(progress, show_synthesis) as tell:
        if tell is not None:
            tell(SynthStatus(learning=True))
        guessed = [guess_classes(data, pool, seed=options.seed) for pool in pools]
    joined, rest = join_guessed(data, guessed)
    run = train_translator(
        joined,
        beside(out, ".run"),
        budget=budget,
        set=settings,
        unlabelled=rest,
        origin=origin,
        device=device,
        progress=training_progress,
    )
    every = np.arange(len(data))
    real = RealImages(data, every, every[:0], f"{len(data):,} labelled images")
    training = {"minutes": round(run.minutes, 3)} if run.minutes else {}
    with follow(progress, show_synthesis) as tell:
        return fill_cells(
            Translator.load(run.path, device),
            real,
            out,
            generator=run.path / GENERATOR,
            options=options.replace(training=training),
            pools=guessed,
            progress=tell,
        )

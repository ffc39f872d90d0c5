"""Carried images: a translator learns the look of unlabelled images for one split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.unlabelled import UnlabelledImages
from ganaug.gain.domains.translated import draw_kept
from ganaug.gain.kept import Arrays
from ganaug.gain.unlabelled.split_data import CarryMaker
from ganaug.synth.fill.filler import make_filler
from ganaug.synth.fill.guessing import guess_classes, join_guessed, place_labelled
from ganaug.synth.fill.pipeline import FILL_FILTERS, FillPipeline, prepare_fill
from ganaug.synth.real_images import RealImages
from ganaug.training.progress import Status
from ganaug.translate.plan import plan_translator
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.training import train_translator
from ganaug.translate.translator import Translator


def carry_by_translator(
    config: TranslateConfig,
    per_class: int,
    *,
    device: torch.device,
    filters: Sequence[str] = tuple(FILL_FILTERS),
    progress: Callable[[Status], None] | None = None,
) -> CarryMaker:
    """Return a maker that works as `ganaug synth --unlabelled` does.

    Args:
        config: configuration of the translators.
        per_class: number of images of each class.
        device: device to train on.
        filters: filters that the images must pass, keys of `FILL_FILTERS`.
        progress: function that is called with the state of the training.
    """

    def make(
        data: LabelledImages,
        pool: UnlabelledImages,
        folder: Path,
        guesses: NDArray[np.float32],
        *,
        policy: str,
        seed: int,
    ) -> Arrays:
        guessed = guess_classes(data, pool, start=guesses, policy=policy, seed=seed)
        joined, rest = join_guessed(data, [guessed])
        run = train_translator(
            joined,
            folder / "run",
            config=config.replace(seed=seed),
            unlabelled=rest,
            device=str(device),
            progress=progress,
        )
        translator = Translator.load(run.path, str(device))
        every = np.arange(len(data))
        real = RealImages(data, every, every[:0], "")
        filler = make_filler(translator, real, seed=seed, into=[pool.domain])
        grid = translator.config.height, translator.config.width
        examples = prepare_fill(
            filler, real, grid, pools=[guessed], teach="label" in filters, seed=seed
        )
        pipeline = FillPipeline(examples, filters, filler, seed)
        made = draw_kept(filler, pipeline, per_class, seed=seed)
        return {name: made[name] for name in ("images", "labels", "sources")}

    return make


def plan_carrying(
    data: LabelledImages,
    device: torch.device,
    *,
    budget: float,
    images: int | None = None,
) -> dict[str, Any]:
    """Plan the translators of all splits for a training part, as plain values.

    Args:
        data: labelled images.
        device: device to train on.
        budget: minutes for each translator.
        images: images that each one sees, in place of those that fit the minutes.
    """
    domains = len(place_labelled(data).domain_names) + 1
    fixed = {} if images is None else {"images": images}
    plan = plan_translator(
        data, domains, budget=budget, device=device,
        overrides={"snapshots": 0, **fixed},
    )  # fmt: skip
    return plan.config.to_dict()

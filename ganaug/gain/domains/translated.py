"""Translated cells: a translator is trained for a split, and fills every cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.gain.domains.filling import FillMaker
from ganaug.gain.kept import Arrays
from ganaug.synth.fill.filler import Filler, make_filler
from ganaug.synth.fill.pipeline import FILL_FILTERS, FillPipeline, prepare_fill
from ganaug.synth.filling import is_hopeless
from ganaug.synth.real_images import RealImages
from ganaug.training.progress import Status
from ganaug.translate.plan import plan_translator
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.training import train_translator
from ganaug.translate.translator import Translator


def fill_by_translator(
    config: TranslateConfig,
    per_cell: int,
    *,
    device: torch.device,
    shuffled: bool = False,
    filters: Sequence[str] = tuple(FILL_FILTERS),
    progress: Callable[[Status], None] | None = None,
) -> FillMaker:
    """Return a maker that trains a translator on the images that it gets.

    Args:
        config: configuration; the number of images is for a whole effort.
        per_cell: number of images for each cell.
        device: device to train on.
        shuffled: whether it learns from domains that were shuffled among the images, so
            that it knows how images vary, and nothing of domains; its images cannot
            pass filters of domains.
        filters: filters that its images must pass, keys of `FILL_FILTERS`.
        progress: function that is called with the state of the training.
    """

    def make(data: LabelledImages, folder: Path, seed: int, effort: float) -> Arrays:
        own = config.replace(
            images=max(config.batch, round(effort * config.images)),
            ema=effort * config.ema,
            seed=seed,
        )
        seen = shuffle_domains(data, seed) if shuffled else data
        run = train_translator(
            seen, folder / "run", config=own, device=str(device), progress=progress
        )
        translator = Translator.load(run.path, str(device))
        return draw_cells(translator, data, per_cell, filters, seed=seed)

    return make


def draw_cells(
    translator: Translator,
    data: LabelledImages,
    per_cell: int,
    filters: Sequence[str],
    *,
    seed: int,
) -> Arrays:
    """Draw images of every cell that pass the filters, as `ganaug synth --fill` does.

    Args:
        translator: carries the images.
        data: its training images.
        per_cell: images of each cell; fewer where the filters reject nearly all.
        filters: keys of `FILL_FILTERS`.
        seed: seed of the images and of the filters' teacher.
    """
    real = RealImages(data, np.arange(len(data)), np.empty(0, np.int64), "")
    filler = make_filler(translator, real, seed=seed)
    grid = translator.config.height, translator.config.width
    examples = prepare_fill(filler, real, grid, teach="label" in filters, seed=seed)
    pipeline = FillPipeline(examples, filters, filler, seed)
    numbers = {name: k for k, name in enumerate(data.domain_names)}
    own = np.array([numbers[name] for name in translator.domains], np.int64)
    made = draw_kept(filler, pipeline, per_cell, seed=seed)
    return {**made, "domains": own[made["domains"]]}


def draw_kept(
    filler: Filler, pipeline: FillPipeline, per_cell: int, *, seed: int
) -> Arrays:
    """Draw images of each cell of a filler's plan until enough are kept.

    Returns:
        `images` (m, h, w, c), their `labels`, `domains` in the translator's numbers,
        and `sources`, rows of the real images.
    """
    parts = [
        _draw_cell(filler, pipeline, cell, per_cell, seed)
        for cell in filler.plan.list_cells()
    ]
    images, labels, indices = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    found = filler.plan.find(labels, indices)
    return {
        "images": images,
        "labels": labels,
        "domains": found.targets,
        "sources": filler.sources.rows[found.sources],
    }


def _draw_cell(
    filler: Filler,
    pipeline: FillPipeline,
    cell: tuple[int, int],
    n: int,
    seed: int,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Draw n images of a cell that are kept; their labels, and indices in the class."""
    label, domain = cell
    images, indices = [], []
    kept = drawn = 0
    while kept < n and not is_hopeless(kept, drawn):
        numbers = (drawn + np.arange(n)) * filler.plan.turns + domain
        labels = np.full(n, label, np.int64)
        made = filler.sample_rows(labels, numbers, seed=seed)
        keep = pipeline.judge(made, labels, numbers).kept
        images.append(made[keep])
        indices.append(numbers[keep])
        kept, drawn = kept + int(keep.sum()), drawn + n
    return (
        np.concatenate(images)[:n],
        np.full(min(kept, n), label, np.int64),
        np.concatenate(indices)[:n],
    )


def shuffle_domains(data: LabelledImages, seed: int) -> LabelledImages:
    """Shuffle the known domains among their images.

    Example:
        >>> data = LabelledImages(
        ...     np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 0, 1]), ("a", "b"),
        ...     domains=np.array([0, 1, -1]), domain_names=("lamp", "sun"),
        ... )
        >>> sorted(shuffle_domains(data, 0).domains[:2].tolist())
        [0, 1]
    """
    assert data.domains is not None, "domains are shuffled where they are known"
    domains = data.domains.copy()
    known = np.flatnonzero(domains >= 0)
    domains[known] = np.random.default_rng(seed).permutation(domains[known])
    return replace(data, domains=domains)


def plan_fill(
    data: LabelledImages,
    device: torch.device,
    *,
    budget: float,
    images: int | None = None,
) -> dict[str, Any]:
    """Plan the translators of all splits for a training part, as plain values.

    Args:
        data: images of a training part, with domains.
        device: device to train on.
        budget: minutes for each translator.
        images: number of images that each one sees, instead of as many as the minutes
            allow.
    """
    fixed = {} if images is None else {"images": images}
    plan = plan_translator(
        data, len(data.domain_names), budget=budget, device=device,
        overrides={"snapshots": 0, **fixed},
    )  # fmt: skip
    return plan.config.to_dict()

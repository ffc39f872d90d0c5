"""Translated cells: a translator is trained for a split, and fills every cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.gain.domains.filling import FillMaker, fill_cells
from ganaug.gain.kept import Arrays
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
    progress: Callable[[Status], None] | None = None,
) -> FillMaker:
    """Return a maker that trains a translator on the images that it gets.

    Args:
        config: configuration; the number of images is for a whole effort.
        per_cell: number of images for each cell.
        device: device to train on.
        shuffled: whether it learns from domains that were shuffled among the images, so
            that it knows how images vary, and nothing of domains.
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

        def carry(
            images: NDArray[np.uint8],
            sources: NDArray[np.int64],
            targets: NDArray[np.int64],
        ) -> NDArray[np.uint8]:
            names = [data.domain_names[target] for target in targets]
            return translator.translate(images, names, seed=seed)

        return fill_cells(data, carry, per_cell, seed=seed)

    return make


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
    data: LabelledImages, device: torch.device, *, budget: float
) -> dict[str, Any]:
    """Plan the translators of all splits for a training part, as plain values.

    Args:
        data: images of a training part, with domains.
        device: device to train on.
        budget: minutes for each translator.
    """
    plan = plan_translator(
        data, len(data.domain_names), budget=budget, device=device,
        overrides={"snapshots": 0},
    )  # fmt: skip
    return plan.config.to_dict()

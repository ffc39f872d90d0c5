"""record_verdict: judge a store, and write the verdict into its meta.json."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganaug.config import TrainConfig
from ganaug.data.origin import read_origin
from ganaug.gan.settings.length import default_minutes, measure_length
from ganaug.synth.filters.candidates import RealExamples, prepare_examples
from ganaug.synth.real_images import RealImages
from ganaug.synth.request import choose_filters
from ganaug.synth.store.meta import Meta, write_meta
from ganaug.synth.store.store import Store
from ganaug.synth.verdict.judging import judge_store
from ganaug.synth.verdict.next_step import Situation
from ganaug.synth.verdict.record import StoreVerdict


def record_verdict(
    folder: Path,
    real: RealImages | RealExamples,
    *,
    requested: Sequence[int] = (),
) -> StoreVerdict | None:
    """Judge a store, and write the verdict into its meta.json.

    Args:
        folder: the store's folder.
        real: the real images that it was made from.
        requested: images requested of each class.

    Returns:
        The verdict; None for a store without candidates.

    Raises:
        StoreError: the store is damaged.
        OSError: the disk refuses.
    """
    store = Store.load(folder)
    config = store.meta.training_config
    examples = (
        real
        if isinstance(real, RealExamples)
        else prepare_examples(real, config, store.classes, teach=False)
    )
    labels = np.concatenate([examples.training.labels, examples.held_out.labels])
    each = np.bincount(labels, minlength=len(store.classes))
    minutes, size = store.meta.training.get("minutes"), store.meta.data_size
    situation = Situation(
        config=config,
        length=measure_length(minutes, config.images, size) if minutes else None,
        default=default_minutes(size),
        settings=store.meta.training.get("settings", {}),
        start=store.meta.training.get("start", {}).get("path"),
        given=store.meta.training.get("given", False),
        store=Path(os.path.abspath(folder)),
        origin=read_origin(folder),
        per_class=max(requested, default=int(store.counts.max(initial=1))),
        fewest=int(each[each > 0].min(initial=len(labels))),
        filtered=bool(store.meta.filters),
        drawn_with=list_drawing_options(store.meta, config),
    )
    verdict = judge_store(store, examples, situation)
    write_meta(folder, replace(store.meta, verdict=verdict))
    return verdict


def list_drawing_options(meta: Meta, config: TrainConfig) -> tuple[str, ...]:
    """List the options of the drawing that differ from the defaults."""
    options = ["--labels soft"] if meta.labels == "soft" else []
    if meta.size != meta.grid:
        options.append("--size data")
    if meta.filters and meta.filters != choose_filters(config)[0]:
        options.append(f"--filters {','.join(meta.filters)}")
    return tuple(options)

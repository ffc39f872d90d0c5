"""GanPoolMaker: trains a GAN for a split and draws the split's synthetic images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.flips import with_flips
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.errors import DataError
from ganaug.gain.kept import Arrays
from ganaug.gain.pools import Pool
from ganaug.gan.plan import Plan, make_plan
from ganaug.gan.run_folder import Run, is_run
from ganaug.gan.start.parent import Parent
from ganaug.gan.training import train
from ganaug.synth.filling import Drawer, is_hopeless
from ganaug.synth.filters.candidates import RealExamples, prepare_examples
from ganaug.synth.filters.pipeline import FilterPipeline
from ganaug.synth.real_images import find_real
from ganaug.synth.request import choose_filters
from ganaug.synth.synthesizer import Synthesizer
from ganaug.training.progress import Status

ROUND_SIZE = 64  # candidates of a class that are drawn and judged at a time


class GanPoolMaker:
    """Trains a GAN on part of a split, and draws images that pass all filters.

    Args:
        per_class: images to draw; fewer are drawn where the filters reject nearly all.
        overrides: fields of the configuration to set in place of the plan's choice.
        device: device to train on.
        size: (height, width) of the placebo's images, by default the GAN's.
        progress: function to call with the state of the training.
        parent: networks that the GAN starts from, or None.
    """

    def __init__(
        self,
        *,
        per_class: int,
        overrides: dict[str, Any],
        device: torch.device,
        size: tuple[int, int] | None = None,
        progress: Callable[[Status], None] | None = None,
        parent: Parent | None = None,
    ) -> None:
        self.per_class, self.overrides, self.size = per_class, overrides, size
        self.device, self.progress, self.parent = device, progress, parent

    def __call__(self, fit: LabelledImages, folder: Path, seed: int) -> Arrays:
        run = folder / "run"
        if is_run(run):
            config = Run.load(run).config
        else:
            config = plan_gan(
                fit, self.overrides, self.device, seed=seed, parent=self.parent
            ).config
        trained = train(
            fit, run, config=config, device=str(self.device), progress=self.progress,
            start=None if self.parent is None else self.parent.path,
        )  # fmt: skip
        synthesizer = Synthesizer.load(trained, str(self.device))
        real = find_real(trained, fit)
        examples = prepare_examples(real, config, synthesizer.classes, seed=seed)
        if examples.teacher is None:
            raise DataError("a gain needs two classes with images of two groups each")
        size = self.size or examples.training.images.shape[1:3]
        seen = resize_images(fit.images, size, rows=examples.training_rows)
        pipeline = FilterPipeline(examples, *choose_filters(synthesizer.config))
        made = draw_pool(synthesizer, pipeline, seen, self.per_class, seed)
        return {**made, "flips": np.array([examples.hflip, examples.vflip])}


def draw_pool(
    drawer: Drawer,
    pipeline: FilterPipeline,
    seen: NDArray[np.uint8],
    per_class: int,
    seed: int,
) -> Arrays:
    """Draw images of each class that pass the filters, and make their placebo.

    Args:
        drawer: draws the candidates.
        pipeline: judges them; its real images are those that they come from.
        seen: (n, h, w, c) these real images, at the size that classifiers see.
        per_class: images to draw; fewer where the filters reject nearly all.
        seed: seed of the candidates.

    Returns:
        What a `PoolMaker` returns, without `flips`.
    """
    parts = [
        draw_accepted(drawer, pipeline, label, per_class, seed)
        for label in range(len(pipeline.real.classes))
    ]
    images, soft = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    counts = np.array([len(part[0]) for part in parts])
    placebo = make_placebo(pipeline.real, seen, counts)
    return {
        "images": images,
        "labels": np.repeat(np.arange(len(counts)), counts),
        "soft": soft,
        "placebo_images": placebo.images,
        "placebo_labels": placebo.labels,
        "placebo_soft": placebo.soft,
    }


def make_placebo(
    examples: RealExamples, images: NDArray[np.uint8], counts: NDArray[np.int64]
) -> Pool:
    """Return the GAN's real training images as a pool to use in place of its images.

    A fit augments them like the synthetic ones, so only their origin differs. The soft
    label of each image comes from a classifier that was not trained on that image,
    just as none was trained on a synthetic one. Where this classifier predicts another
    class (the label filter would reject such a synthetic image), the image keeps its
    own hard label: a placebo with wrong labels would be too easy to beat.

    Args:
        examples: real images that the GAN was trained on, with a teacher.
        images: (n, h, w, c) the same images, at the size that classifiers see.
        counts: (k,) synthetic images of each class; a class with 0 is omitted.
    """
    training, teacher = examples.training, examples.teacher
    assert teacher is not None, "two classes with two groups each have a teacher"
    rows = np.flatnonzero(counts[training.labels] > 0)
    labels, soft = training.labels[rows], teacher.probabilities[rows]
    wrong = soft.argmax(axis=1) != labels
    own = np.eye(soft.shape[1], dtype=soft.dtype)[labels]
    return Pool(images[rows], labels, np.where(wrong[:, None], own, soft))


def plan_gan(
    fit: LabelledImages,
    overrides: dict[str, Any],
    device: torch.device,
    *,
    budget: float | None = None,
    seed: int = 0,
    parent: Parent | None = None,
) -> Plan:
    """Plan a GAN for part of a split, from that part's images only; no snapshots.

    Steps are timed only where a budget decides the number of images.
    """
    fingerprint = with_flips(take_fingerprint(fit), fit, seed=seed)
    chosen = {**overrides, "seed": seed, "snapshots": 0}
    return make_plan(
        fit, fingerprint, budget=budget, device=device, overrides=chosen,
        timed=budget is not None, parent=parent,
    )  # fmt: skip


def fix_plan(
    fit: LabelledImages,
    device: torch.device,
    *,
    budget: float,
    seed: int = 0,
    parent: Parent | None = None,
) -> dict[str, Any]:
    """Return the choices that a plan makes by timing, as overrides for all splits."""
    config = plan_gan(fit, {}, device, budget=budget, seed=seed, parent=parent).config
    return {"images": config.images, "ema": config.ema, "precision": config.precision}


def draw_accepted(
    drawer: Drawer, pipeline: FilterPipeline, label: int, n: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Draw images of a class that pass the filters, with the teacher's probabilities.

    Returns:
        Images (m, h, w, c) and probabilities (m, k); m is n, or less where the filters
        reject nearly all candidates.
    """
    height, width = drawer.size
    k = len(pipeline.real.classes)
    images = [np.empty((0, height, width, drawer.channels), np.uint8)]
    soft = [np.empty((0, k), np.float32)]
    kept = drawn = 0
    while kept < n and not is_hopeless(kept, drawn):
        labels = np.full(ROUND_SIZE, label, np.int64)
        indices = np.arange(drawn, drawn + ROUND_SIZE)
        made = drawer.sample_rows(labels, indices, seed=seed)
        verdict = pipeline.judge(made, labels, indices)
        assert verdict.probabilities is not None
        images.append(made[verdict.kept])
        soft.append(verdict.probabilities[verdict.kept])
        kept, drawn = kept + int(verdict.kept.sum()), drawn + ROUND_SIZE
    return np.concatenate(images)[:n], np.concatenate(soft)[:n]

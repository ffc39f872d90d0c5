"""Trainings with and without a planted fault, diagnosed as a run is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.measuring import describe_machine
from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.files import write_text
from ganaug.gan.inputs.training_set import split_images, to_grid
from ganaug.gan.inputs.value_range import measure_span
from ganaug.gan.monitoring.alarms import ring
from ganaug.gan.monitoring.diagnosis import Diagnosis, Diagnostics
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.plan import make_plan
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer

EARLY = 0.2  # share of the run within which a fault should be noticed
STEPS = 3_200  # batches of a planted run, of which it sees the first fifth
HEALTHY_STEPS, WIDTH = 500, 16  # batches; channels of the networks
SEEN = 0.05  # factor of z's weights, in a generator that ignores it
CPU = torch.device("cpu")
NARROW: dict[str, Any] = {
    "network": "dcgan", "base_channels": WIDTH, "latent": 32, "batch": 32,
    "norm": "batch", "images": 32 * STEPS,
}  # fmt: skip
FREE: dict[str, Any] = {"penalties": None, "augment": None}


def narrow_config(images: LabelledImages, settings: dict[str, Any]) -> ResolvedConfig:
    """Make the configuration of a small textbook network, without the plan."""
    height, width = images.size
    own = {"height": height, "width": width, "channels": 1}
    return resolve_config(TrainConfig(**{**own, **NARROW, **settings}))


def plan_config(images: LabelledImages, settings: dict[str, Any]) -> ResolvedConfig:
    """Plan a configuration that is short and narrow."""
    narrow = {"base_channels": WIDTH, "precision": "float32"}
    changes = {**narrow, "images": 64 * HEALTHY_STEPS, **settings}
    plan = make_plan(images, take_fingerprint(images), device=CPU, overrides=changes)
    return plan.config


@dataclass(frozen=True)
class Case:
    """Trainings that differ in their seed only.

    Attributes:
        name: name in the table and of files.
        what: one clause for the table.
        alarm: name of the alarm that should ring, "" for a healthy training.
        settings: fields of the configuration.
        config: function that makes the rest of the configuration.
        per_class: images of each class.
        spoil: function that plants the fault in the trainer, before its first step.
        source: name of the set: `digits`, or that of a .npz file.
    """

    name: str
    what: str
    alarm: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    config: Callable[[LabelledImages, dict[str, Any]], ResolvedConfig] = plan_config
    per_class: int = 10_000
    spoil: Callable[[Trainer], object] = lambda trainer: None
    source: str = "digits"


@dataclass
class Outcome:
    """Diagnoses of one training, and the processor time that it took.

    Attributes:
        history: diagnoses of the training, the first one first.
        training: seconds in steps.
        measuring: seconds in diagnoses.
        machine: commit and hardware.
    """

    history: list[Diagnosis]
    training: float = 0.0
    measuring: float = 0.0
    machine: str = ""

    def find_alarms(self) -> dict[str, float]:
        """Find the share of the run after which each alarm rang first, by its name."""
        fired: dict[str, float] = {}
        for k in range(1, len(self.history) + 1):
            for alarm in ring(self.history[:k]):
                fired.setdefault(alarm.name, self.history[k - 1].share)
        return fired


def ignore_latent(trainer: Trainer) -> None:
    """Make G hardly see z: set its weights there to small values that stay so."""
    weight = trainer.generator.input.grow.weight
    latent = trainer.config.latent

    def keep(gradient: Tensor) -> Tensor:
        return torch.cat([0 * gradient[:, :latent], gradient[:, latent:]], dim=1)

    with torch.no_grad():
        weight[:, :latent] *= SEEN
    weight.register_hook(keep)


FAULTS = (
    Case(
        "collapse", "a generator that hardly sees z", "collapse",
        {"loss": "bce-ns", **FREE}, narrow_config, 100, ignore_latent,
    ),
    Case(
        "vanishing-20", "`loss=bce critic_steps=20`, no penalty, no augmentation",
        "vanishing",
        {"loss": "bce", "critic_steps": 20, "lr": 1e-3, **FREE}, narrow_config, 100,
    ),
    Case(
        "vanishing-8", "the plan's recipe with `loss=bce critic_steps=8`, no penalty, "
        "no augmentation", "vanishing",
        {"loss": "bce", "critic_steps": 8, "images": 64 * STEPS, **FREE},
    ),
    Case(
        "overfitting", "6 images per class, no penalty, no augmentation, 4 × as wide",
        "overfitting",
        {"loss": "bce-ns", "holdout": 0.5, "base_channels": 64, **FREE},
        narrow_config, 12,
    ),
)  # fmt: skip
PLANNED = (
    Case("digits", "all images"),
    Case("digits-40", "40 per class", per_class=40),
    Case("sign-digits-20", "20 per class", per_class=20, source="sign-digits"),
    Case("sign-digits-100", "100 per class", per_class=100, source="sign-digits"),
    Case("fashion-50", "50 per class", per_class=50, source="fashion-mnist"),
)
LOSSES = tuple(
    Case(f"digits-{loss}", f"`loss={loss}`", settings={"loss": loss})
    for loss in ("bce-ns", "lsgan", "hinge", "wgan", "wgan-gp")
)
CASES = {case.name: case for case in (*FAULTS, *PLANNED, *LOSSES)}


def take_outcome(case: Case, seed: int, cells: Path, data: Path) -> Outcome:
    """Read the outcome of a training from its cell on disk, or train and write it."""
    path = find_cell(case, seed, cells)
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        found["history"] = [Diagnosis(**row) for row in found["history"]]
        return Outcome(**found)
    trainer, diagnostics = set_up(case, seed, data)
    outcome = observe(trainer, diagnostics, until=EARLY if case.alarm else 1.0)
    outcome.machine = describe_machine()
    cells.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(asdict(outcome)))
    return outcome


def find_cell(case: Case, seed: int, cells: Path) -> Path:
    """Return the file of that training's outcome, which may not exist yet."""
    return cells / f"{case.name}-{seed}.json"


def set_up(
    case: Case, seed: int, data: Path, **settings: Any
) -> tuple[Trainer, Diagnostics]:
    """Make a fresh trainer with the case's fault, and its diagnostics.

    Args:
        case: training to set up.
        seed: seed of the images taken and of the training.
        data: folder of the sets.
        settings: fields of the configuration that replace the case's own.
    """
    images = _take_some(_load(case.source, data), case.per_class, seed)
    config = case.config(images, {**case.settings, "seed": seed, **settings})
    kept, held = split_images(images, config)
    pixels, classes = to_grid(images.images, config), len(images.classes)
    trainer = Trainer(
        config,
        torch.from_numpy(pixels[kept]),
        torch.from_numpy(images.labels[kept]),
        classes,
        CPU,
        measure_span(pixels[kept], config.stretch),
    )
    case.spoil(trainer)
    judged = held if len(held) >= 2 else kept
    watch = QualityWatch(config, pixels[judged], images.labels[judged], classes)
    return trainer, Diagnostics(trainer, watch, pixels[held], images.labels[held])


def observe(
    trainer: Trainer, diagnostics: Diagnostics, *, until: float = 1.0
) -> Outcome:
    """Train a share of a run, and diagnose as often as a run does."""
    outcome = Outcome([])
    while trainer.seen < until * trainer.config.images:
        start = time.process_time()
        trainer.step()
        between = time.process_time()
        outcome.training += between - start
        if diagnostics.is_due():
            outcome.history.append(diagnostics.measure())
            outcome.measuring += time.process_time() - between
    return outcome


def _take_some(images: LabelledImages, per_class: int, seed: int) -> LabelledImages:
    order = np.random.default_rng(seed).permutation(len(images))
    rank = np.zeros(len(images), np.int64)
    for k in range(len(images.classes)):
        own = order[images.labels[order] == k]
        rank[own] = np.arange(len(own))
    return images.subset(np.flatnonzero(rank < per_class))


def _load(source: str, folder: Path) -> LabelledImages:
    if source == "digits":
        return load_images("digits")
    with np.load(folder / f"{source}.npz") as arrays:
        return load_images((arrays["x_train"], arrays["y_train"]))


def default_data() -> Path:
    return Path(os.environ.get("GANAUG_DATA", "."))

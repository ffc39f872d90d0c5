"""The plan of a translator: its configuration for these images, device and budget."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.data.resize import Size, fit_inside
from ganaug.gan.settings.length import default_minutes
from ganaug.training.loop import Trainable
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import TranslationTrainer

Choices = dict[str, tuple[Any, str]]  # field → value, reason

SMALLEST = 4  # pixels of a grid's side
OWN_STEP, JOINED_STEP = (
    16,
    40,
)  # longest sides up to which one pixel, or 2×2, is a place
KEPT_BACK = 0.05  # share of the time for snapshots and their judges
WARM_UP_STEPS, TIMED_TURNS = 4, 3
AS_ASKED = "as you asked"  # the reason for a setting of the user's
AVERAGED = 1 / 20  # of the run: half-life of the generator's average


@dataclass(frozen=True)
class TranslationPlan:
    """A configuration with the reason for each choice.

    Attributes:
        config: configuration, ready for `train_translator`.
        reasons: field → one clause for the user.
        rate: images per second, timed on this machine.
        minutes: expected time of the training.
    """

    config: TranslateConfig
    reasons: dict[str, str] = field(default_factory=dict)
    rate: float = 0.0
    minutes: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return reasons, rate and minutes; config.json has the rest."""
        return {"reasons": self.reasons, "rate": self.rate, "minutes": self.minutes}


def plan_translator(
    data: LabelledImages,
    domains: int,
    *,
    budget: float | None,
    device: torch.device,
    overrides: dict[str, Any] | None = None,
) -> TranslationPlan:
    """Choose a configuration, each value with its reason.

    Args:
        data: the labelled images.
        domains: number of domains, those of unlabelled images too.
        budget: minutes of training; None chooses by the images' size.
        device: device that the training will run on.
        overrides: fields that replace the plan's choices, before anything is timed.
    """
    if (overrides or {}).get("carrier") is not None:
        return _plan_carrier(data, overrides or {})
    minutes = default_minutes(data.size) if budget is None else budget
    choices = _choose_grid(data, device, minutes)
    choices |= {name: (value, AS_ASKED) for name, value in (overrides or {}).items()}
    values = {name: value for name, (value, _) in choices.items()}
    reasons = {name: reason for name, (_, reason) in choices.items() if reason}
    config = TranslateConfig(**values)
    rate = time_training(config, (len(data.classes), domains), device)
    if "images" not in choices:
        seconds = 60 * minutes * (1 - KEPT_BACK)
        config = config.replace(images=max(config.batch, int(seconds * rate)))
        reasons["images"] = (
            f"{minutes:g} minutes at {rate:.0f} images/s on this machine"
        )
    if "ema" not in choices:
        config = config.replace(ema=float(max(config.batch, config.images * AVERAGED)))
        reasons["ema"] = "a twentieth of the run"
    planned = config.images / rate / 60 / (1 - KEPT_BACK)
    return TranslationPlan(config, reasons, round(rate, 2), round(planned, 3))


def _plan_carrier(data: LabelledImages, overrides: dict[str, Any]) -> TranslationPlan:
    """Plan what needs no training: images of the data's own size are carried."""
    height, width = (max(SMALLEST, side) for side in data.size)
    own = {"height": height, "width": width, "channels": data.channels, "images": 1}
    config = TranslateConfig(**{**own, "snapshots": 0, **overrides})
    return TranslationPlan(config, {"carrier": f"{AS_ASKED}: nothing is trained"})


def choose_step(size: Size) -> tuple[int, str]:
    """Choose how many pixels along a side one place of the features has.

    Example:
        >>> choose_step((8, 8))[0], choose_step((28, 28))[0], choose_step((64, 64))[0]
        (1, 2, 4)
    """
    if max(size) <= OWN_STEP:
        return 1, "small images leave time for features at every pixel"
    if max(size) <= JOINED_STEP:
        return 2, "features at half resolution cost a quarter"
    return 4, "features at a quarter of the resolution cost a sixteenth"


def time_training(
    config: TranslateConfig, counts: tuple[int, int], device: torch.device
) -> float:
    """Measure images per second on random images; the networks are discarded.

    Args:
        config: configuration to time.
        counts: numbers of classes and domains.
        device: device to train on.
    """
    n, every = 2 * max(config.batch, counts[1]), config.penalty_every
    shape = (n, config.height, config.width, config.channels)
    images = torch.randint(0, 256, shape, dtype=torch.uint8)
    rows = np.arange(n, dtype=np.int64)
    trial = TranslationTrainer(
        config, images, rows // 2 % counts[0], rows % counts[1],
        counts=counts, device=device,
    )  # fmt: skip
    return time_steps(trial, every)


def time_steps(trial: Trainable, every: int) -> float:
    """Measure images per second of a trainer, in turns of so many steps; it is used up.

    Args:
        trial: new trainer.
        every: steps from one gradient penalty to the next, which costs more.
    """
    for _ in range(WARM_UP_STEPS):
        trial.step()
    trial.take_means()
    start = time.perf_counter()
    for _ in range(TIMED_TURNS * every):
        trial.step()
    trial.take_means()  # waits for the device
    seconds = (time.perf_counter() - start) / (TIMED_TURNS * every)
    return trial.images_per_step / seconds


def _choose_grid(data: LabelledImages, device: torch.device, minutes: float) -> Choices:
    most = 32 if device.type == "cpu" and minutes < 60 else 64
    height, width = (max(SMALLEST, side) for side in fit_inside(data.size, most))
    why = "the images' own size"
    if (height, width) != data.size:
        why = f"smaller than {data.size[0]}×{data.size[1]}: that would take longer"
    step, reason = choose_step((height, width))
    precision = engine.fast_precision(device)
    return {
        "height": (height, why),
        "width": (width, why),
        "channels": (data.channels, ""),
        "step": (step, reason),
        "precision": (precision, "what this device computes fastest"),
    }

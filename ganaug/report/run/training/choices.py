"""Choices: the configuration of a training, with a reason or meaning for each value."""

from __future__ import annotations

from typing import Any

from ganaug.display.words import say_time
from ganaug.gan.plan import Plan
from ganaug.gan.plan_file import read_plan
from ganaug.report.numbers import write_exactly
from ganaug.report.run.reading.material import RunMaterial

MEANINGS = {
    "network": "the pair of networks: a generator that draws, a critic that judges",
    "height": "rows of pixels that the GAN draws",
    "width": "columns of pixels that the GAN draws",
    "channels": "1 for grey, 3 for colour, 4 with transparency",
    "latent": "random numbers from which each image is drawn",
    "base_channels": "width of the networks at full resolution",
    "max_channels": "largest width, at lower resolutions",
    "depth": "blocks per resolution",
    "stem": "whether the networks work at full resolution throughout",
    "norm": "how the generator's features are scaled",
    "norm_d": "how the critic's features or weights are scaled",
    "slope": "slope of the generator's activation below 0",
    "slope_d": "slope of the critic's activation below 0",
    "stretch": "share of extreme values cut before images fill the networks' range",
    "conditioning": "condition of each image: class, caption, source image or none",
    "class_ramp": "share of the training over which the class term grows",
    "mismatch": "weight of real images with a wrong class or source image",
    "loss": "objective of the two networks",
    "penalties": "terms that keep the critic smooth",
    "gamma": "strength of the penalties",
    "penalty_every": "steps from one penalty to the next",
    "critic_steps": "steps of the critic per step of the generator",
    "clip": "largest magnitude of the critic's weights",
    "diversity": "term that makes images of one class differ",
    "pack": "images that the critic judges together",
    "batch_std": "number of images that the critic compares with each other",
    "augment": "augmentation of real and synthetic images before the critic",
    "augment_p": "probability of each of these changes",
    "lr": "learning rate at the start",
    "lr_final": "learning rate at the end",
    "beta1": "memory of the optimiser, first moment",
    "beta2": "memory of the optimiser, second moment",
    "batch": "images per step",
    "ema": "images after which an old generator counts half in the average",
    "class_sampling": "how often each class is shown",
    "images": "real images shown in the whole training",
    "snapshots": "number of times that samples are kept",
    "checkpoint_minutes": "minutes from one save to the next",
    "holdout": "share of each class that the GAN never sees",
    "precision": "precision of the numbers in the networks",
    "seed": "seed for everything random",
}


def describe_choices(material: RunMaterial) -> dict[str, Any]:
    """Return choices with reasons, and the others with their meanings."""
    plan = _read_plan(material)
    reasons = {} if plan is None else plan.reasons
    rows = [
        {
            "name": name,
            "value": _say(value),
            "reason": reasons.get(name, ""),
            "meaning": MEANINGS.get(name, ""),
        }
        for name, value in material.config.to_dict().items()
    ]
    return {
        "reasoned": [row for row in rows if row["reason"]],
        "others": [row for row in rows if not row["reason"]],
        "known": plan is not None,
        "time": say_time(60 * plan.minutes) if plan and plan.minutes else "",
        "rate": plan.rate if plan else 0.0,
    }


def _read_plan(material: RunMaterial) -> Plan | None:
    run = material.run
    return None if run is None else read_plan(run.path, run.config)


def _say(value: Any) -> str:
    if value is None:
        return "off"
    if isinstance(value, int):
        return f"{value:,}"
    return write_exactly(value) if isinstance(value, float) else str(value)

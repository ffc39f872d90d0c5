"""Choices: the configuration of a training, each value with its reason or meaning."""

from __future__ import annotations

from typing import Any

from ganaug.gan.plan import Plan
from ganaug.gan.plan_file import read_plan
from ganaug.report.numbers import write_exactly
from ganaug.report.run.reading.sources import Sources
from ganaug.report.run.request import say_duration

MEANINGS = {
    "network": "the pair of networks: a generator that draws, a critic that judges",
    "height": "rows of pixels that the GAN draws",
    "width": "columns of pixels that the GAN draws",
    "channels": "1 for grey, 3 for colour, 4 with transparency",
    "latent": "random numbers from which each image is drawn",
    "base_channels": "width of the networks at full resolution",
    "max_channels": "and at most, at lower resolutions",
    "depth": "blocks per resolution",
    "stem": "whether the networks work at full resolution throughout",
    "norm": "how the generator's features are scaled",
    "norm_d": "how the critic's features or weights are scaled",
    "slope": "of the generator's activation below 0",
    "slope_d": "of the critic's activation below 0",
    "stretch": "share of extreme values cut before images fill the networks' range",
    "conditioning": "how the class, caption or source enters, into how many networks",
    "class_ramp": "share of the training over which the class term grows",
    "mismatch": "weight of real images shown under a wrong class or source",
    "loss": "what the two networks play for",
    "penalties": "what keeps the critic smooth",
    "gamma": "how strongly",
    "penalty_every": "steps from one smoothing to the next",
    "critic_steps": "steps of the critic for one of the generator",
    "clip": "largest magnitude of the critic's weights",
    "diversity": "what makes images of one class differ",
    "pack": "images that the critic judges at once",
    "batch_std": "inputs whose differences the critic sees",
    "augment": "changes that both kinds of images go through before the critic",
    "augment_p": "probability of each of these changes",
    "lr": "learning rate at the start",
    "lr_final": "learning rate at the end",
    "beta1": "memory of the optimiser, first moment",
    "beta2": "memory of the optimiser, second moment",
    "batch": "images per step",
    "ema": "images after which half of an old generator is forgotten in the average",
    "class_sampling": "how often each class is shown",
    "images": "real images shown in the whole training",
    "snapshots": "moments at which samples are kept",
    "checkpoint_minutes": "minutes from one save to the next",
    "holdout": "share of each class that the GAN never sees",
    "precision": "of the numbers in the networks",
    "seed": "decides everything random",
}


def describe_choices(sources: Sources) -> dict[str, Any]:
    """List choices with a reason first, then the others with what they mean."""
    plan = _read_plan(sources)
    reasons = {} if plan is None else plan.reasons
    rows = [
        {
            "name": name,
            "value": _say(value),
            "reason": reasons.get(name, ""),
            "meaning": MEANINGS.get(name, ""),
        }
        for name, value in sources.config.to_dict().items()
    ]
    return {
        "reasoned": [row for row in rows if row["reason"]],
        "others": [row for row in rows if not row["reason"]],
        "known": plan is not None,
        "time": say_duration(60 * plan.minutes) if plan and plan.minutes else "",
        "rate": plan.rate if plan else 0.0,
    }


def _read_plan(sources: Sources) -> Plan | None:
    run = sources.run
    return None if run is None else read_plan(run.path, run.config)


def _say(value: Any) -> str:
    if value is None:
        return "off"
    if isinstance(value, int):
        return f"{value:,}"
    return write_exactly(value) if isinstance(value, float) else str(value)

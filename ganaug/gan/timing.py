"""Timing: how many images per second this machine trains, and in which precision."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from ganaug import engine
from ganaug.config import ResolvedConfig
from ganaug.gan.inputs.captions import gather_captions
from ganaug.gan.inputs.conditioners import ConditionSet, count_conditions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.trainer import Trainer

TIMED_STEPS, ENOUGH_SECONDS = 20, 1.5  # most steps that are timed, and when to stop
WARM_UP_STEPS = 2  # one with penalties and one without
EXAMPLE_CAPTION = "as long as the captions of images are"  # to time a step with
TIMED_TURNS, FEWEST_TURNS = 4, 2  # times that each precision is timed
TURN_STEPS = 4  # steps of such a turn, or that are timed, at least
LEAST_SPEEDUP = 1.15  # factor by which bfloat16 must be faster to be chosen


@dataclass(frozen=True)
class Timing:
    """How fast a configuration trains on this machine.

    Attributes:
        config: the configuration, with the precision that was chosen.
        reason: why this precision, "" where none was to be chosen.
        rate: images per second.
        overhead: seconds for all snapshots.
    """

    config: ResolvedConfig
    reason: str
    rate: float
    overhead: float


def time_training(
    config: ResolvedConfig,
    classes: int,
    device: torch.device,
    *,
    choose: bool = False,
) -> Timing:
    """Measure images per second of training, and seconds for all snapshots.

    It trains networks of the config's size on random images and discards them.

    Args:
        config: configuration to time.
        classes: number of classes.
        device: device to train on.
        choose: whether to take bfloat16, where the device has it and steps are clearly
            faster with it.
    """
    if not choose:
        trial, reason = make_trial(config, classes, device), ""
        seconds = _time_steps(trial, TIMED_STEPS, WARM_UP_STEPS)
    elif engine.has_bfloat16(device):
        trial, seconds, reason = _race(config, classes, device)
    else:
        trial = make_trial(config, classes, device)
        seconds = _time_steps(trial, TIMED_STEPS, WARM_UP_STEPS)
        reason = "this device does not compute in bfloat16 itself"
    return Timing(
        trial.config,
        reason,
        rate=trial.images_per_step / seconds,
        overhead=config.snapshots * _snapshot_seconds(trial, classes),
    )


def _race(
    config: ResolvedConfig, classes: int, device: torch.device
) -> tuple[Trainer, float, str]:
    """Time both precisions in turns; return the one to take, and why.

    Returns:
        The trial, its seconds per step, and the reason for the user.
    """
    other = config.replace(precision="bfloat16")
    trials = [make_trial(c, classes, device) for c in (config, other)]
    steps, warm_up = _find_interval(config), WARM_UP_STEPS
    turns: list[list[float]] = []
    start = time.perf_counter()
    while len(turns) < TIMED_TURNS:
        turns.append([_time_steps(trial, steps, warm_up) for trial in trials])
        warm_up = 0
        enough = time.perf_counter() - start > 2 * ENOUGH_SECONDS
        if enough and len(turns) >= FEWEST_TURNS:
            break
    # the fastest turn of each: other programs may have slowed down some of them
    seconds, less = np.min(turns, axis=0)
    faster = bool(seconds > LEAST_SPEEDUP * less)
    found = f"bfloat16 is {seconds / less:.2g} times as fast as float32 on this machine"
    mean = float(np.mean(turns, axis=0)[int(faster)])
    if faster:
        return trials[1], mean, found
    return trials[0], mean, f"{found}, too little to be worth it"


def make_trial(config: ResolvedConfig, classes: int, device: torch.device) -> Trainer:
    """Make a trainer with random images, to time its steps."""
    n = max(config.batch, 2 * classes)  # image conditioning needs two of each class
    shape = (n, config.height, config.width, config.channels)
    images = torch.randint(0, 256, shape, dtype=torch.uint8)
    conditions: ConditionSet = classes
    if find_conditioning(config.conditioning).captions:
        texts = [f"{EXAMPLE_CAPTION} {k}" for k in range(n)]
        conditions = gather_captions(texts, [0] * n)
    return Trainer(
        config,
        images,
        torch.arange(n) % count_conditions(conditions),
        conditions,
        device,
    )


def _time_steps(trainer: Trainer, steps: int, warm_up: int) -> float:
    """Measure seconds per step, after some steps that do not count.

    It takes at most `steps`, and fewer once `ENOUGH_SECONDS` are over.
    """
    for _ in range(warm_up):
        trainer.step()
    trainer.take_means()
    interval = min(steps, _find_interval(trainer.config))
    start, seconds, done = time.perf_counter(), 0.0, 0
    while done + interval <= steps and seconds < ENOUGH_SECONDS:
        for _ in range(interval):
            trainer.step()
        trainer.take_means()  # waits for the device
        done += interval
        seconds = time.perf_counter() - start
    return seconds / done


def _find_interval(config: ResolvedConfig) -> int:
    """Return the steps of a few whole intervals of penalties, which cost time."""
    every = config.penalty_every
    return every * math.ceil(TURN_STEPS / every)


def _snapshot_seconds(trainer: Trainer, classes: int) -> float:
    """Measure how long it takes to draw a snapshot's images and judge them."""
    from ganaug.gan.monitoring.quality import QualityWatch

    images = trainer.images.cpu().numpy()
    labels = trainer.sampler.labels.numpy() % classes
    watch = QualityWatch(
        trainer.config, images, labels, classes, conditioner=trainer.conditioner
    )
    start = time.perf_counter()
    watch.judge(watch.draw(trainer.average, trainer.device, trainer.span))
    return time.perf_counter() - start

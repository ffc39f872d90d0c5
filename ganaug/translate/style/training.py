"""The function `train_generator`: from contents and styles to a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganaug import engine
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.readers.reading import bring_channels
from ganaug.data.resize import fit_inside, resize_images, resize_pixels
from ganaug.errors import RunError
from ganaug.files import hold_lock
from ganaug.training.checkpoint import refuse_huge
from ganaug.training.interrupt import StopRequest, catch_signals
from ganaug.training.loop import Loop
from ganaug.training.pace import Schedule
from ganaug.training.progress import Progress, Ticker
from ganaug.training.weights import fit_network, load_tensors, save_tensors
from ganaug.translate.networks.style_generator import StyleGenerator
from ganaug.translate.plan import AS_ASKED, choose_step, time_steps
from ganaug.translate.style.features import Look
from ganaug.translate.style.run_folder import (
    GENERATOR,
    StyleRun,
    check_same,
    claim_run,
    create_run,
    is_style_run,
)
from ganaug.translate.style.settings import KIND, StyleConfig
from ganaug.translate.style.styles import StyleSet
from ganaug.translate.style.trainer import StyleTrainer, build_generator

LONGEST = 64  # pixels of a side that is trained on
MINUTES = 6.0  # of a training by default
AVERAGED = 1 / 10  # of the run: half-life of the generator's average
SHORTEST = 2  # pixels of a side


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a style generator is trained on.

    Attributes:
        contents: the contents.
        styles: the styles, in 1 or 3 channels.
        look: network whose features the losses see, already levelled.
        device: device to train on.
    """

    contents: LabelledImages
    styles: StyleSet
    look: Look
    device: torch.device

    def build_trainer(self, config: StyleConfig) -> StyleTrainer:
        """Bring all images to the config's grid, and build the trainer."""
        grid = config.height, config.width
        contents = bring_channels(self.contents.images, config.channels)
        styles = [
            resize_pixels(x, grid) for x in self.styles.match(config.channels).images
        ]
        return StyleTrainer(
            config,
            torch.from_numpy(resize_images(contents, grid)),
            torch.from_numpy(np.stack(styles)),
            self.look,
            device=self.device,
        )


def train_generator(
    material: Material,
    out: Path,
    settings: Mapping[str, Any],
    *,
    budget: float | None = None,
    progress: Progress | None = None,
) -> StyleRun:
    """Train a style generator; the same call again resumes or returns the run.

    Args:
        material: what it is trained on.
        out: folder of the run: new, empty, or a run of the same images.
        settings: field of `StyleConfig` → value, in place of the plan's.
        budget: minutes of training; they become a number of images at the start.
        progress: function that is called about twice a second with a `Status`.

    Raises:
        ConfigError: a setting is unknown or not allowed.
        RunError: the folder is in use, contains other files, or is a run of other
            images.
        StoppedError: Ctrl-C or SIGTERM stopped it; the state is saved.
        TrainingError: the loss stopped being finite twice.
    """
    StyleConfig().replace(**settings)  # refuses unknown fields and wrong values
    claim_run(out)
    with hold_lock(out, RunError), catch_signals() as request:
        fingerprint = take_fingerprint(material.contents)
        if is_style_run(out):
            run = StyleRun.load(out)
            check_same(run, fingerprint, material.styles, dict(settings))
            refuse_huge(out, partial(build_generator, run.config))
        else:
            config, plan = plan_generator(material, settings, budget=budget)
            run = StyleRun(out, config, fingerprint, material.styles)
            create_run(run, plan)
        if not run.finished:
            ticker = Ticker(progress, schedule=_schedule(run))
            _finish(run, material, request, ticker)
    return run


def plan_generator(
    material: Material, settings: Mapping[str, Any], *, budget: float | None
) -> tuple[StyleConfig, dict[str, Any]]:
    """Choose a configuration for these images, this device and time.

    Returns:
        The configuration, and reasons, rate and minutes as plan.json has them.
    """
    data = material.contents
    minutes = MINUTES if budget is None else budget
    height, width = (max(SHORTEST, side) for side in fit_inside(data.size, LONGEST))
    step, reason = choose_step((height, width))
    chosen = {
        "height": height,
        "width": width,
        "channels": min(3, data.channels),
        "step": step,
        "precision": engine.fast_precision(material.device),
        **settings,
    }
    config = StyleConfig(**chosen)
    rate = time_steps(material.build_trainer(config), config.penalty_every)
    reasons = {"step": reason, **dict.fromkeys(settings, AS_ASKED)}
    if "images" not in settings:
        config = config.replace(images=max(config.batch, int(60 * minutes * rate)))
        reasons["images"] = f"{minutes:g} minutes at {rate:.0f} images/s"
    if "ema" not in settings:
        config = config.replace(ema=float(max(config.batch, config.images * AVERAGED)))
    planned = config.images / rate / 60
    return config, {
        "reasons": reasons,
        "rate": round(rate, 2),
        "minutes": round(planned, 3),
    }


def load_generator(run: StyleRun) -> StyleGenerator:
    """Read the generator of a finished run.

    Raises:
        CheckpointError: the file is missing, damaged or altered.
    """
    path = run.path / GENERATOR
    return open_generator(run.config, load_tensors(path)[0], path)


def open_generator(
    config: StyleConfig, tensors: Mapping[str, Tensor], path: Path
) -> StyleGenerator:
    """Build the generator of a training, with its weights.

    Args:
        config: configuration of the training.
        tensors: weights by name.
        path: of the weight file, for messages.

    Raises:
        CheckpointError: the weights do not fit.
    """
    network = fit_network(partial(build_generator, config), tensors, path)
    return network.eval().requires_grad_(False)


def _schedule(run: StyleRun) -> Schedule | None:
    seconds, images = 60 * run.minutes, run.config.images
    if not seconds:
        return None
    return Schedule(images, seconds, later=0.0, run_images=images, run_seconds=seconds)


def _finish(
    run: StyleRun, material: Material, request: StopRequest, ticker: Ticker
) -> None:
    trainer = material.build_trainer(run.config)
    Loop(
        trainer,
        run.path,
        request=request,
        ticker=ticker,
        checkpoint_minutes=run.config.checkpoint_minutes,
    ).finish()
    tensors: dict[str, Tensor] = dict(trainer.average.state_dict())
    digest = run.fingerprint.digest
    values = {"kind": KIND, "config": run.config.to_dict(), "data_digest": digest}
    save_tensors(run.path / GENERATOR, tensors, values)

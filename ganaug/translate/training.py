"""The function `train_translator`: from images with domains to a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ganaug import engine
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, describe_origin
from ganaug.display.consoles import Auto, follow
from ganaug.errors import ConfigError, RunError
from ganaug.files import hold_lock
from ganaug.scalars import to_plain
from ganaug.training.bar import show_training
from ganaug.training.checkpoint import refuse_huge
from ganaug.training.interrupt import StopRequest, catch_signals
from ganaug.training.loop import Loop
from ganaug.training.pace import Schedule
from ganaug.training.progress import Progress, Ticker
from ganaug.translate.inputs.translation_set import (
    Pool,
    TranslationSet,
    build_translation_set,
    check_images,
)
from ganaug.translate.monitoring.observer import TranslationObserver
from ganaug.translate.monitoring.watch import TranslationWatch
from ganaug.translate.plan import TranslationPlan, plan_translator
from ganaug.translate.rules import Rule, save_rule
from ganaug.translate.run_folder import (
    TranslatorRun,
    check_same,
    claim_run,
    create_run,
    is_translator_run,
)
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.trainer import (
    TranslationTrainer,
    build_discriminator,
    build_generator,
)
from ganaug.translate.translator import GENERATOR, Translator, save_translator


def train_translator(
    data: Any,
    out: Path | str,
    *,
    budget: float | None = None,
    config: TranslateConfig | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 (as the command has it)
    unlabelled: Sequence[Pool] = (),
    origin: Origin | None = None,
    device: str = "auto",
    progress: Progress | Auto | None = "auto",
) -> TranslatorRun:
    """Train a translator; the same call again resumes or returns the run.

    Args:
        data: anything that `load_images` takes, with domains.
        out: folder of the run: new, empty, or a run of the same data.
        budget: minutes of training; they become a number of images at the start.
        config: complete configuration in place of the plan's.
        set: field of `TranslateConfig` → value, in place of the plan's or the
            configuration's.
        unlabelled: images without classes, of a domain each, which is judged by itself.
        origin: where the data were read from, if `data` is not a path.
        device: `auto`, `cpu`, `cuda` or `mps`.
        progress: function that is called about twice a second with a `Status`; `auto`
            shows a bar in a terminal or notebook, None nothing.

    Returns:
        The finished run; `Translator.load(run.path)` reads its network.

    Raises:
        DataError: the images do not show two domains.
        ConfigError: a setting is unknown or not allowed.
        RunError: the folder is in use, contains other files, or is a run of other data.
        StoppedError: Ctrl-C or SIGTERM stopped it; the state is saved.
        TrainingError: the loss stopped being finite twice.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> data = LabelledImages(
        ...     np.zeros((8, 8, 8, 1), np.uint8), np.arange(8) % 2, ("a", "b"),
        ...     domains=np.arange(8) // 4, domain_names=("day", "night"),
        ... )
        >>> config = TranslateConfig(height=8, width=8, channels=1, images=16, batch=4)
        >>> run = train_translator(data, tempfile.mkdtemp(), config=config)
        >>> Translator.load(run.path).translate(data.images, domain="day").shape
        (8, 8, 8, 1)
    """
    if budget is not None and config is not None:
        raise ConfigError("budget and config exclude each other; give one of them")
    overrides = dict(set or {})
    TranslateConfig().replace(**overrides)  # refuses unknown fields and wrong values
    with follow(progress, show_training) as tell:
        given = _Given(
            images=load_images(data),
            pools=tuple(unlabelled),
            origin=origin or describe_origin(data),
            config=config and config.replace(**overrides),
            overrides=overrides,
            budget=to_plain(budget),
            device=engine.pick_device(device),
        )
        return _train(Path(out), given, tell)


@dataclass(frozen=True, kw_only=True)
class _Given:
    """Arguments of `train_translator`, read; None for those that were omitted."""

    images: LabelledImages
    pools: tuple[Pool, ...]
    origin: Origin
    config: TranslateConfig | None
    overrides: dict[str, Any]
    budget: float | None
    device: torch.device


def _train(path: Path, given: _Given, progress: Progress | None) -> TranslatorRun:
    """Start the run or resume it, and train to its end."""
    claim_run(path)
    with hold_lock(path, RunError), catch_signals() as request:
        begin = _resume if is_translator_run(path) else _start
        run, images = begin(path, given)
        if not run.finished:
            ticker = Ticker(progress, schedule=_schedule(run))
            _finish(run, images, given.device, request, ticker)
        return run


def _start(path: Path, given: _Given) -> tuple[TranslatorRun, TranslationSet]:
    """Plan where no configuration was given, and write the run's first files."""
    config, plan = given.config, None
    check_images(given.images, given.pools, config)
    fingerprint = take_fingerprint(given.images)
    if config is None:
        plan = _plan(given)
        config = plan.config
    images = build_translation_set(given.images, config, given.pools)
    run = create_run(path, images, fingerprint, origin=given.origin, plan=plan)
    return run, images


def _plan(given: _Given) -> TranslationPlan:
    names = {*given.images.domain_names, *(pool.domain for pool in given.pools)}
    return plan_translator(
        given.images,
        len(names),
        budget=given.budget,
        device=given.device,
        overrides=given.overrides,
    )


def _resume(path: Path, given: _Given) -> tuple[TranslatorRun, TranslationSet]:
    """Open the run; refuse data or settings that it did not start with."""
    run = TranslatorRun.load(path)
    config = given.config or run.config.replace(**given.overrides)
    images = build_translation_set(given.images, run.config, given.pools)
    check_same(run, images, take_fingerprint(given.images), config, origin=given.origin)
    counts = len(images.data.classes), len(images.domains)
    refuse_huge(
        path,
        partial(build_generator, run.config, counts[1]),
        partial(build_discriminator, run.config, counts),
    )
    return run, images


def _schedule(run: TranslatorRun) -> Schedule | None:
    seconds, images = 60 * run.minutes, run.config.images
    if not seconds:
        return None
    return Schedule(images, seconds, later=0.0, run_images=images, run_seconds=seconds)


def _finish(
    run: TranslatorRun,
    images: TranslationSet,
    device: torch.device,
    request: StopRequest,
    ticker: Ticker,
) -> None:
    """Train to the end, and write the translator."""
    if run.config.carrier is not None:
        _write_rule(run, images)
        return
    counts = len(images.data.classes), len(images.domains)
    trainer = TranslationTrainer(
        run.config,
        torch.from_numpy(images.images),
        images.labels,
        images.placed,
        counts=counts,
        device=device,
        span=images.span,
    )
    observer = TranslationObserver(trainer, TranslationWatch(trainer, images), run.path)
    Loop(
        trainer,
        run.path,
        observers=[observer],
        request=request,
        ticker=ticker,
        checkpoint_minutes=run.config.checkpoint_minutes,
    ).finish()
    data = images.data
    translator = Translator(
        run.config,
        data.classes,
        images.domains,
        data.size,
        run.fingerprint.digest,
        trainer.average,
        trainer.span,
        device,
    )
    save_translator(run.path / GENERATOR, translator)


def _write_rule(run: TranslatorRun, images: TranslationSet) -> None:
    rule = Rule(
        config=run.config,
        classes=images.data.classes,
        domains=images.domains,
        data_size=images.data.size,
        data_digest=run.fingerprint.digest,
    )
    save_rule(run.path / GENERATOR, rule)

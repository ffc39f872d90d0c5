"""The function `train`: from the user's data to a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ganaug import engine
from ganaug.classify.flips import with_flips
from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.load import load_images
from ganaug.data.origin import Origin, describe_origin
from ganaug.display.consoles import Auto, follow
from ganaug.errors import ConfigError, RunError
from ganaug.files import hold_lock
from ganaug.gan.grids import grid_settings
from ganaug.gan.inputs.captions import Encode
from ganaug.gan.inputs.grouping import group_size
from ganaug.gan.inputs.training_set import TrainingSet, build_training_set
from ganaug.gan.memory import refuse_too_large
from ganaug.gan.parts import refuse_huge_parts, train_networks
from ganaug.gan.plan import AS_ASKED, Plan, inherit, make_plan
from ganaug.gan.run_folder import (
    Run,
    check_encoder,
    check_same,
    check_split,
    claim_run,
    create_run,
    is_run,
)
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.start.parent import Parent, check_start, read_parent
from ganaug.scalars import to_plain
from ganaug.team import ALONE, Team, join_team, pick_own_device
from ganaug.training.bar import show_training
from ganaug.training.interrupt import catch_signals
from ganaug.training.loggers.log import MakeLog, find_log, repeat_journals
from ganaug.training.progress import Progress


def train(
    data: Any,
    out: Path | str,
    *,
    budget: float | None = None,
    config: TrainConfig | Plan | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 (as the command has it)
    seed: int | None = None,
    grid: int | None = None,
    start: Path | str | Run | None = None,
    fingerprint: Fingerprint | None = None,
    origin: Origin | None = None,
    encode: Encode | None = None,
    device: str = "auto",
    progress: Progress | Auto | None = "auto",
    log: str | None = None,
    together: bool = False,
) -> Run:
    """Train a GAN on labelled images; the same call again resumes or returns the run.

    Args:
        data: anything that `load_images` takes.
        out: folder of the run: new, empty, or a run of the same data.
        budget: minutes of training; they become a number of images at the start.
        config: complete configuration in place of the plan's, or a plan, whose reasons
            are saved too.
        set: field of `TrainConfig` → value, in place of the plan's or the
            configuration's.
        seed: seed of all random numbers, 0 or more; 0 unless the configuration has one.
        grid: pixels of the longer side of the images that the GAN draws; by default at
            most 32 on a CPU, and 64 on a GPU or from an hour up.
        start: a finished run, or a store beside its run: the networks begin with its
            weights in place of noise, and have its shape. Classes are matched by name;
            new ones begin as the mean of all.
        fingerprint: fingerprint of the data, where it is known already.
        origin: where the data were read from, if `data` is not a path.
        encode: captions → (n, d) numbers, instead of the encoder that is trained with
            the GAN; it is needed again to load the run's generator.
        device: `auto`, `cpu`, `cuda` or `mps`.
        progress: function that is called about twice a second with a `Status`; `auto`
            shows a bar in a terminal or notebook, None nothing.
        log: `tensorboard` or `csv` writes losses, diagnoses, alarms and sample grids
            for other programs: in the run's folder tensorboard, or metrics.csv.
        together: train with all processes that torchrun started, each of which must
            call this. They share every batch, and process 0 alone writes.

    Returns:
        The finished run.

    Raises:
        DataError: the data cannot be used, or have no captions to train with.
        ConfigError: a setting is unknown or not allowed, or two cannot be combined, or
            the run to start from has other settings or channels.
        MissingExtraError: the log needs tensorboard, which is not installed.
        RunError: the folder is in use, contains other files, or is a run with other
            data, groups or settings.
        StoppedError: Ctrl-C or SIGTERM stopped it; the state is saved.
        TrainingError: the loss stopped being finite twice.

    Example:
        >>> import tempfile
        >>> config = TrainConfig(height=8, width=8, channels=1, images=128, batch=16)
        >>> run = train("digits", tempfile.mkdtemp(), config=config, device="cpu")
        >>> run.finished
        True
    """
    if budget is not None and config is not None:
        raise ConfigError("budget and config exclude each other; give one of them")
    overrides, make_log = _read_overrides(set, seed), find_log(log)
    with follow(progress, show_training) as tell:
        if grid is not None:
            grid_settings((1, 1), grid, overrides)  # refuses before data are read
        images = load_images(data)
        if grid is not None:
            overrides |= grid_settings(images.size, grid)
        requested, plan = _override(config, overrides)
        given = _Given(
            images=images,
            fingerprint=fingerprint,
            origin=origin or describe_origin(data),
            encode=encode,
            config=None if requested is None else resolve_config(requested),
            plan=plan,
            overrides=overrides,
            parent=None if start is None else read_parent(start),
            budget=to_plain(budget),
            device=engine.pick_device(device),
            log=make_log,
        )
        team = ALONE
        if together:
            given = replace(given, device=pick_own_device(given.device))
            team = join_team(given.device)
        return _train(Path(out), given, tell, team)


@dataclass(frozen=True, kw_only=True)
class _Given:
    """Arguments of `train`, read and resolved; None for those that were omitted."""

    images: LabelledImages
    fingerprint: Fingerprint | None
    origin: Origin
    encode: Encode | None
    config: ResolvedConfig | None
    plan: Plan | None
    overrides: dict[str, Any]
    parent: Parent | None
    budget: float | None
    device: torch.device
    log: MakeLog | None


def _train(path: Path, given: _Given, progress: Progress | None, team: Team) -> Run:
    """Start the run or resume it, and train to its end.

    The leader of a team writes the run's first files, and the others then open them.
    """
    claim_run(path)
    lock = hold_lock(path, RunError) if team.leads else nullcontext()
    with lock, catch_signals() as request:
        if not team.leads:
            team.wait()
            # a plan is timed, and the leader's is the one in the folder
            given = given if given.plan is None else replace(given, config=None)
            if not is_run(path):
                raise RunError(
                    f"process {team.rank} does not see {path}; all processes need the "
                    "same disk"
                )
        begin = _resume if is_run(path) else _start
        run, training_set = begin(path, given, team)
        if team.leads:
            team.wait()
        if not team.follow(run.finished):
            train_networks(
                run, training_set, given.device,
                request=request, progress=progress, log=given.log, team=team,
            )  # fmt: skip
        elif not team.leads:
            return run
        elif given.log is not None:
            repeat_journals(given.log, run.folders)
        return run


def _read_overrides(
    settings: Mapping[str, Any] | None, seed: int | None
) -> dict[str, Any]:
    overrides = dict(settings or {})
    if seed is not None and overrides.setdefault("seed", seed) != seed:
        raise ConfigError(
            f"seed={seed} and set={{'seed': {overrides['seed']}}} differ; give one"
        )
    TrainConfig().replace(**overrides)  # refuses unknown fields and wrong values
    return overrides


def _override(
    config: TrainConfig | Plan | None, overrides: dict[str, Any]
) -> tuple[TrainConfig | None, Plan | None]:
    """Return the configuration that was asked for, and the plan that it is from."""
    if not isinstance(config, Plan):
        return config and config.replace(**overrides), None
    changed = config.config.replace(**overrides)
    reasons = config.reasons | dict.fromkeys(overrides, AS_ASKED)
    return changed, replace(config, config=changed, reasons=reasons)


def _resume(path: Path, given: _Given, team: Team) -> tuple[Run, TrainingSet]:
    """Open the run; refuse data, settings or an encoder that it did not start with."""
    run = Run.load(path)
    config = given.config
    if config is None and given.overrides:
        values = run.config.to_dict() | given.overrides
        config = resolve_config(TrainConfig.from_dict(values))
    fingerprint = given.fingerprint or take_fingerprint(given.images)
    check_same(run, fingerprint, config, given.origin)
    check_start(run.path, given.parent)
    team.check_batch(run.config.batch, group_size(run.config), fixed=True)
    training_set = build_training_set(given.images, run.config, encode=given.encode)
    check_split(run, training_set.split)
    check_encoder(run, given.encode)
    # config.json has only the name of the user's own loss
    run = run if config is None else replace(run, config=config)
    refuse_huge_parts(run, training_set)
    return run, training_set


def _start(path: Path, given: _Given, team: Team) -> tuple[Run, TrainingSet]:
    """Plan where no configuration was given, and write the run's first files."""
    images, config, plan = given.images, given.config, given.plan
    fingerprint = given.fingerprint or take_fingerprint(images)
    if config is None:
        if given.fingerprint is None:
            fingerprint = with_flips(fingerprint, images)
        plan = make_plan(
            images,
            fingerprint,
            budget=given.budget,
            device=given.device,
            overrides=given.overrides,
            parent=given.parent,
        )
        config = plan.config
    elif given.parent is not None:
        inherit(given.parent, images, config.to_dict())
    team.check_batch(config.batch, group_size(config))
    if plan is None:
        classes = len(images.classes)
        refuse_too_large(config, classes, given.device, images=len(images))
    training_set = build_training_set(images, config, encode=given.encode)
    run = create_run(
        path, training_set, fingerprint,
        origin=given.origin, plan=plan, parent=given.parent,
    )  # fmt: skip
    return run, training_set

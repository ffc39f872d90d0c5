"""Parts: the pairs of networks of a run, each trained in its folder, saved together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from ganaug.config import ResolvedConfig
from ganaug.gan.generators import (
    Generators,
    Member,
    network_conditions,
    save_generators,
)
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.training_set import Indices, Rows, TrainingSet
from ganaug.gan.monitoring.copy_check import CopyCheck
from ganaug.gan.monitoring.diagnosis import Diagnostics
from ganaug.gan.monitoring.final_generator import take_final
from ganaug.gan.monitoring.observers import DiagnosisObserver, SnapshotObserver
from ganaug.gan.monitoring.quality import QualityWatch
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.plan_file import read_plan
from ganaug.gan.run_folder import GENERATOR, Run
from ganaug.gan.settings.length import RunLength
from ganaug.gan.start.beginning import begin_with
from ganaug.gan.start.parent import read_kept
from ganaug.gan.trainer import Trainer
from ganaug.team import ALONE, Team
from ganaug.training.checkpoint import refuse_huge
from ganaug.training.interrupt import StopRequest
from ganaug.training.loggers.log import MakeLog, open_log
from ganaug.training.loop import Loop
from ganaug.training.pace import Schedule
from ganaug.training.progress import Progress, Ticker
from ganaug.training.weights import save_tensors


@dataclass(frozen=True)
class Part:
    """One pair of networks to train.

    Attributes:
        classes: classes that its generator draws.
        folder: folder of its training.
        config: configuration of its training.
        seen: rows of the training images.
        unseen: rows of the held-out images, without copies of training images.
        title: name shown with its progress, "" where it is the only part.
    """

    classes: tuple[str, ...]
    folder: Path
    config: ResolvedConfig
    seen: Indices
    unseen: Indices
    title: str = ""


def train_networks(
    run: Run,
    training_set: TrainingSet,
    device: torch.device,
    *,
    request: StopRequest,
    progress: Progress | None = None,
    log: MakeLog | None = None,
    team: Team = ALONE,
) -> None:
    """Train all parts of a run, or resume them, and write the run's generator.

    Args:
        run, training_set, device: what is trained, on what, and where.
        request: request to stop, set by a signal.
        progress: function that is called about twice a second.
        log: opens a log in the folder of each training; None for no log.
        team: processes that train together.
    """
    generators = _prepare_generators(run, training_set, device)
    parts = list_parts(run, training_set)
    tickers = [
        Ticker(progress if team.leads else None, part.title, schedule)
        for part, schedule in zip(parts, plan_parts(run, parts), strict=True)
    ]
    members = tuple(
        _train_part(
            part, training_set, generators, request, ticker,
            length=run.length, log=log, team=team,
        )
        for part, ticker in zip(parts, tickers, strict=True)
    )  # fmt: skip
    if team.leads:
        save_generators(run.path / GENERATOR, replace(generators, members=members))
    team.wait()


def refuse_huge_parts(run: Run, training_set: TrainingSet) -> None:
    """Raise CheckpointError where a resumed run asks for networks that it never had."""
    for part in list_parts(run, training_set):
        classes = network_conditions(
            part.config, len(part.classes), training_set.captions
        )
        refuse_huge(
            run.path,
            partial(build_generator, part.config, classes),
            partial(build_discriminator, part.config, classes),
        )


def list_parts(run: Run, training_set: TrainingSet) -> list[Part]:
    """List the networks of a run: one pair, or one for each class."""
    conditioning = find_conditioning(run.config.conditioning)
    classes, rows = run.fingerprint.classes, training_set
    if not conditioning.per_class:
        names = conditioning.name_classes(classes)
        return [Part(names, run.path, run.config, rows.kept, rows.unseen)]
    return [
        Part(
            (name,),
            run.path / f"class-{label:03d}",
            config=_share_images(run.config, training_set, label),
            seen=_choose(training_set, rows.kept, label),
            unseen=_choose(training_set, rows.unseen, label),
            title=name,
        )
        for label, name in enumerate(classes)
    ]


def plan_parts(run: Run, parts: list[Part]) -> list[Schedule | None]:
    """Divide the planned time of a run among its parts; None where none was planned."""
    plan = read_plan(run.path, run.config)
    if plan is None or not plan.minutes:
        return [None] * len(parts)
    images = [part.config.images for part in parts]
    total, seconds = sum(images), 60 * plan.minutes
    return [
        Schedule(
            n,
            seconds * n / total,
            later=seconds * sum(images[k + 1 :]) / total,
            run_images=run.config.images,
            run_seconds=seconds,
        )
        for k, n in enumerate(images)
    ]


def _share_images(
    config: ResolvedConfig, training_set: TrainingSet, label: int
) -> ResolvedConfig:
    """Return the config of one class's GAN, with its share of the run's images."""
    kept = training_set.kept
    share = len(_choose(training_set, kept, label)) / len(kept)
    return config.replace(images=max(config.batch, round(config.images * share)))


def _choose(training_set: TrainingSet, rows: Indices, label: int) -> Indices:
    """Return the rows of one class."""
    own: Indices = rows[training_set.data.labels[rows] == label]
    return own


def _prepare_generators(
    run: Run, training_set: TrainingSet, device: torch.device
) -> Generators:
    """Return what all generator files of a run have in common, without networks."""
    conditioning = find_conditioning(run.config.conditioning)
    return Generators(
        run.config,
        conditioning.name_classes(run.fingerprint.classes),
        members=(),
        data_size=run.fingerprint.data_size,
        data_digest=run.fingerprint.digest,
        device=device,
        span=training_set.span.to(device),
        captions=training_set.captions,
        sources=training_set.sources,
    )


def _train_part(
    part: Part,
    training_set: TrainingSet,
    generators: Generators,
    request: StopRequest,
    ticker: Ticker,
    *,
    length: RunLength | None,
    log: MakeLog | None,
    team: Team,
) -> Member:
    """Train or resume one pair of networks, and choose a snapshot of its generator.

    The leader of a team chooses; the others return the last average.
    """
    part.folder.mkdir(exist_ok=True)
    seen, unseen = training_set.take(part.seen), training_set.take(part.unseen)
    trainer = _make_trainer(part, seen, training_set, generators.device, team)
    parent = read_kept(part.folder)
    if parent is not None:
        begin_with(trainer, part.classes, parent)
    watch = _make_watch(part, seen, unseen, trainer, training_set)
    member = Member(trainer.average, part.classes)
    own = replace(
        generators, config=part.config, classes=part.classes, members=(member,)
    )
    diagnostics = Diagnostics(
        trainer, watch, unseen.images, unseen.numbers, part.classes
    )
    snapshots = SnapshotObserver(
        trainer, watch, part.folder, lambda path: save_generators(path, own)
    )
    with open_log(log if team.leads else None, part.folder) as opened:
        Loop(
            trainer,
            part.folder,
            observers=(DiagnosisObserver(diagnostics, length), snapshots),
            request=request,
            ticker=ticker,
            checkpoint_minutes=part.config.checkpoint_minutes,
            log=opened,
            team=team,
        ).finish()
    if not team.leads:
        return member
    save_tensors(
        part.folder / "discriminator.safetensors",
        trainer.discriminator.state_dict(),
        {"kind": "discriminator", "config": part.config.to_dict()},
    )
    captions = training_set.captions
    network = take_final(
        part.folder,
        trainer,
        watch,
        _make_check(part, seen, unseen),
        held=len(part.unseen),
        encode=None if captions is None else captions.encode,
    )
    return Member(network, part.classes)


def _make_trainer(
    part: Part, seen: Rows, training_set: TrainingSet, device: torch.device, team: Team
) -> Trainer:
    captions = training_set.captions
    return Trainer(
        part.config,
        torch.from_numpy(seen.images),
        torch.from_numpy(seen.numbers),
        classes=network_conditions(part.config, len(part.classes), captions),
        device=device,
        span=training_set.span,
        team=team,
    )


def _make_watch(
    part: Part, seen: Rows, unseen: Rows, trainer: Trainer, training_set: TrainingSet
) -> QualityWatch:
    """Make a watch with held-out images, or training images if those are too few."""
    judge = unseen if len(part.unseen) >= 2 else seen
    captions = training_set.captions
    return QualityWatch(
        part.config,
        judge.images,
        judge.labels,
        classes=len(part.classes),
        numbers=None if captions is None else captions.by_class,
        conditioner=trainer.conditioner,
        known=None if judge is seen else (seen.images, seen.labels),
    )


def _make_check(part: Part, seen: Rows, unseen: Rows) -> CopyCheck | None:
    """Make the check for copies; return None where images are made from real ones."""
    if "copy" in dict(find_conditioning(part.config.conditioning).unfit):
        return None
    shown = parse_operations(part.config.augment)
    return CopyCheck(
        seen.images,
        seen.labels,
        unseen.images,
        held_labels=unseen.labels,
        hflip="hflip" in shown,
        vflip="vflip" in shown,
    )

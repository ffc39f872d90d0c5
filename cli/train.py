"""`ganaug train DATA`: train a GAN on labelled images, or resume its training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .shared.completion import LOGS, complete_from
from .shared.options import (
    Budget,
    Config,
    Data,
    Device,
    DomainFrom,
    DomainRegex,
    DomainsInside,
    DomainsOutside,
    Fast,
    Grid,
    GroupRegex,
    Pages,
    Scale,
    Settings,
    Start,
    Strict,
)

if TYPE_CHECKING:
    from ganaug.config import TrainConfig
    from ganaug.data.fingerprint import Fingerprint
    from ganaug.data.images import LabelledImages
    from ganaug.data.origin import Origin
    from ganaug.gan.plan import Plan
    from ganaug.gan.run_folder import Run

    from .shared.planning import TrainOptions


def train(
    data: Data,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; default <data>-run.")
    ] = None,
    budget: Budget = None,
    grid: Grid = None,
    parent: Start = None,
    config: Config = None,
    settings: Settings = None,
    holdout: Annotated[
        float | None,
        typer.Option(help="Share of held-out images; default 0.15."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of all random numbers; default 0.")
    ] = None,
    device: Device = "auto",
    group_regex: GroupRegex = None,
    domain_regex: DomainRegex = None,
    domains_outside: DomainsOutside = False,
    domains_inside: DomainsInside = False,
    domain_from: DomainFrom = None,
    pages: Pages = "first",
    scale: Scale = None,
    strict: Strict = False,
    fast: Fast = False,
    log: Annotated[
        str | None,
        typer.Option(
            help="tensorboard or csv: losses, alarms and sample grids, in the run's "
            "folder, for other programs.",
            autocompletion=complete_from(LOGS),
        ),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(
            help="Processes of this machine that train together and share each batch; "
            "for several machines start torchrun -m ganaug train …",
            min=1,
        ),
    ] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Train a GAN on labelled images; the same command resumes."""
    from ganaug.team import count_processes, find_rank

    if processes > 1 and count_processes() == 1:
        import sys

        from .shared.processes import run_processes

        run_processes(processes, sys.argv[1:])
        return
    from ganaug.data.origin import describe_origin

    from .shared.planning import TrainOptions, follow_config, read_data, read_rules
    from .shared.waiting import start

    start("ganaug.gan.training")
    from ganaug.training.loggers.log import find_log

    find_log(log)  # before any work is done
    words = list(settings or [])
    own = {"holdout": holdout, "seed": seed}
    words += [f"{name}={value}" for name, value in own.items() if value is not None]
    options = TrainOptions(
        budget=budget, config=config, settings=words, device=device, fast=fast,
        start=parent, grid=grid,
    )  # fmt: skip
    rules = read_rules(
        group_regex=group_regex,
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
        pages=pages,
        scale=scale,
    )
    folder = out or default_place(data, "-run")
    options = options.settle(folder)
    refuse_early(folder, options)
    rules = follow_config(rules, config)
    images = read_data(data, rules, strict=strict)
    origin = describe_origin(data, rules)
    run = train_planned(images, folder, options, origin=origin, log=log, together=True)
    if find_rank():
        return  # another process says it
    _print_result(run, as_json)
    if log == "tensorboard":
        from .shared.console import progress

        progress.print(f"see the log: tensorboard --logdir {run.path}", soft_wrap=True)


def refuse_early(out: Path, options: TrainOptions) -> None:
    """Refuse an unsuitable folder or wrong options before any work is done."""
    from ganaug.gan.run_folder import claim_run

    claim_run(out)
    options.check()


def train_planned(
    images: LabelledImages,
    out: Path,
    options: TrainOptions,
    *,
    origin: Origin,
    log: str | None = None,
    together: bool = False,
) -> Run:
    """Show notes and the plan, then train or resume a run with a progress bar.

    Args:
        images, out, options, origin, log: as they are for the library's `train`.
        together: whether all processes that torchrun started train together.
    """
    from ganaug.gan.monitoring.snapshot_selection import describe_choices
    from ganaug.gan.run_folder import is_run
    from ganaug.gan.training import train as run_training
    from ganaug.team import find_rank
    from ganaug.training.bar import show_training

    from .shared.console import printable, progress

    if together and find_rank():  # another process plans and tells
        return run_training(
            images, out, device=options.device, origin=origin, progress=None,
            start=options.start, together=True,
        )  # fmt: skip
    for note in images.notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    chosen: dict[str, Any] = {"start": options.start}
    if is_run(out):
        progress.print(f"resuming {out}")
        chosen["config"] = _keep_settings(out, options)
    else:
        fingerprint, plan = _plan(images, options)
        chosen |= {"config": plan, "fingerprint": fingerprint}
    with show_training(progress) as update:
        run = run_training(
            images, out, device=options.device, origin=origin, progress=update,
            log=log, together=together, **chosen,
        )  # fmt: skip
    choice = describe_choices(run.folders)
    if choice is not None:
        progress.print(choice, soft_wrap=True)
    return run


def default_place(data: str, ending: str) -> Path:
    """Return where a run or store goes unless the user names a folder.

    It is a name in the working directory; where that is the data's folder or lies in
    it, the place is beside the data, so that no image gets among them.
    """
    name, source = f"{default_stem(data)}{ending}", Path(data)
    if source.is_dir() and Path.cwd().is_relative_to(source.resolve()):
        return source.resolve().with_name(name)
    return Path(name)


def default_stem(data: str) -> str:
    """Return the data's name, to name a run or store after where --out is omitted."""
    path = Path(data)
    return path.resolve().name if path.is_dir() else path.stem


def _keep_settings(out: Path, options: TrainOptions) -> TrainConfig:
    """Return a resumed run's settings with requested ones, which `train` compares."""
    from ganaug.config import TrainConfig
    from ganaug.gan.run_folder import Run

    from .shared.planning import parse_minutes, read_config

    run = Run.load(out)
    kept, requested = run.config, options.read_settings(run.fingerprint.size)
    if options.config is not None:
        requested = read_config(options.config).to_dict() | requested
    if parse_minutes(options.budget) is not None:
        requested["images"] = kept.images  # the budget decided them at the start
    return TrainConfig.from_dict(kept.to_dict() | requested)


def _plan(images: LabelledImages, options: TrainOptions) -> tuple[Fingerprint, Plan]:
    from .shared.console import make_grid, progress
    from .shared.plan_words import describe_plan
    from .shared.planning import measure_and_plan

    fingerprint, plan = measure_and_plan(images, options)
    rows = describe_plan(plan, images)
    parent = options.read_start()
    if parent is not None:
        rows.append(("start", parent.say_known(images.classes)))
    progress.print(make_grid("the plan", rows))
    return fingerprint, plan


def _print_result(run: Run, as_json: bool) -> None:
    from dataclasses import asdict

    from ganaug.gan.monitoring.snapshot_selection import read_choice

    from .shared.console import results

    if as_json:
        import json

        choice = read_choice(run.path)  # one GAN per class has one each
        chosen = None if choice is None else asdict(choice)
        found = {
            "run": str(run.path), "config": run.config.to_dict(), "choice": chosen
        }  # fmt: skip
        typer.echo(json.dumps(found))
        return
    results.print(f"{run.path} is trained; look at {run.path}/samples", soft_wrap=True)

"""`ganaug train DATA`: train a GAN on labelled images, or go on with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Budget, Config, Data, Device, Fast, GroupRegex, Settings, Strict

if TYPE_CHECKING:
    from ganaug.gan.run_folder import Run
    from ganaug.training.journal import Fired
    from ganaug.training.progress import Status


def train(
    data: Data,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; default <data>-run.")
    ] = None,
    budget: Budget = None,
    config: Config = None,
    settings: Settings = None,
    holdout: Annotated[
        float | None,
        typer.Option(help="Share of images kept from the GAN; default 0.15."),
    ] = None,
    device: Device = "auto",
    group_regex: GroupRegex = None,
    strict: Strict = False,
    fast: Fast = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Train a GAN on labelled images; run it again to go on."""
    words = list(settings or [])
    if holdout is not None:
        words.append(f"holdout={holdout}")
    run = train_planned(
        data,
        out or Path(f"{default_stem(data)}-run"),
        budget=budget,
        config=config,
        settings=words,
        device=device,
        group_regex=group_regex,
        strict=strict,
        fast=fast,
    )
    _print_result(run, as_json)


def train_planned(
    data: str,
    out: Path,
    *,
    budget: str | None = None,
    config: Path | None = None,
    settings: list[str] | None = None,
    device: str = "auto",
    group_regex: str | None = None,
    strict: bool = False,
    fast: bool = False,
) -> Run:
    """Read the data, show the plan, train with a progress bar; or go on with a run."""
    from ganaug.data.load import load_images
    from ganaug.data.origin import describe_origin
    from ganaug.gan.monitoring.snapshot_selection import describe_choices
    from ganaug.gan.run_folder import claim_run, is_run
    from ganaug.gan.training import train as run_training

    from .console import printable, progress

    claim_run(out)
    check_options(budget, config, settings, device)
    with progress.status("reading the images"):
        images = load_images(data, group_regex=group_regex, strict=strict)
    for note in images.notes:
        progress.print(f"note: {printable(note)}", soft_wrap=True)
    chosen: dict[str, Any] = {}
    if is_run(out):
        progress.print(f"going on with {out}")
        chosen = _keep_settings(out, budget, config, settings)
    else:
        chosen = _plan(images, budget, config, settings, device, fast)
    chosen["origin"] = describe_origin(data, group_regex)
    with show_progress() as update:
        run = run_training(images, out, device=device, progress=update, **chosen)
    choice = describe_choices(run.folders)
    if choice is not None:
        progress.print(choice, soft_wrap=True)
    return run


def check_options(
    budget: str | None, config: Path | None, settings: list[str] | None, device: str
) -> None:
    """Refuse what can be refused before minutes of work."""
    from ganaug.config import parse_settings
    from ganaug.engine import pick_device

    from .planning import parse_minutes, read_config

    parse_minutes(budget)
    parse_settings(settings or [])
    pick_device(device)
    if config is not None:
        read_config(config)


def default_stem(data: str) -> str:
    """Name for run and store when none is given: the data's own, in this folder."""
    path = Path(data)
    return path.resolve().name if path.is_dir() else path.stem


@contextmanager
def show_progress() -> Iterator[Callable[[Status], None]]:
    """A bar with images seen, images/s, time left and figures; alarms above it."""
    from rich.progress import BarColumn, Progress, TextColumn

    from .console import progress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} images"),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    with Progress(*columns, console=progress) as bar:
        # hidden until training begins, so that a refusal is one line
        task = bar.add_task("training", total=1, detail="", visible=False)
        shown: set[str] = set()

        def update(status: Status) -> None:
            for alarm in status.alarms:
                line = describe_alarm(status.part, alarm)
                if line not in shown:
                    shown.add(line)
                    bar.console.print(line, soft_wrap=True)
            bar.update(
                task,
                completed=status.seen,
                total=status.images,
                visible=True,
                description=status.part or "training",
                detail=describe_status(status, room=progress.width - BESIDE),
            )

        yield update


BESIDE = 45  # columns that description, bar and images take
# the most telling first: a narrow terminal has no room for the others
SHORT = {
    "diversity": ("diversity", ".2f"), "d_loss": ("D", ".2f"), "g_loss": ("G", ".2f"),
    "gradient": ("∇G", ".2g"), "margin": ("margin", ".2g"), "gap": ("gap", ".2g"),
}  # fmt: skip


def describe_status(status: Status, *, room: int) -> str:
    """Rate, time left, losses and the last diagnosis, as far as there is room."""
    left = round(status.seconds_left)
    found = f"{status.rate:.0f}/s · {left // 60}:{left % 60:02d} left"
    for name, (short, form) in SHORT.items():
        if name not in status.figures:
            continue
        longer = f"{found} · {short} {status.figures[name]:{form}}"
        if len(longer) > room:
            break
        found = longer
    return found


def describe_alarm(part: str, alarm: Fired) -> str:
    """One line: where it rang, when, what was seen and what helps."""
    from .console import printable

    where = f"{printable(part)}: " if part else ""
    return f"alarm after {alarm.images:,} images: {where}{alarm.sentence}"


def _keep_settings(
    out: Path, budget: str | None, config: Path | None, settings: list[str] | None
) -> dict[str, Any]:
    """A run that goes on keeps its settings; `train` refuses other ones."""
    from ganaug.config import TrainConfig, parse_settings
    from ganaug.gan.run_folder import Run

    from .planning import parse_minutes, read_config

    kept, asked = Run.open(out).config, parse_settings(settings or [])
    if config is not None:
        asked = read_config(config).to_dict() | asked
    if parse_minutes(budget) is not None:
        asked["images"] = kept.images  # a budget became images once, at the start
    return {"config": TrainConfig.from_dict(kept.to_dict() | asked)}


def _plan(
    images: Any,
    budget: str | None,
    config: Path | None,
    settings: list[str] | None,
    device: str,
    fast: bool,
) -> dict[str, Any]:
    from ganaug.classify.flips import with_flips
    from ganaug.data.fingerprint import take_fingerprint

    from .console import make_table, progress
    from .planning import choose_plan, plan_rows

    fingerprint = take_fingerprint(images)
    if not fast:
        with progress.status("trying whether flips keep labels (--fast skips this)"):
            fingerprint = with_flips(fingerprint, images)
    with progress.status("timing some training steps"):
        plan = choose_plan(
            images,
            fingerprint,
            budget=budget,
            device=device,
            config=config,
            settings=settings or [],
        )
    rows = [(r["choice"], r["value"], r["reason"]) for r in plan_rows(plan)]
    progress.print(make_table("the plan", ("choice", "value", "reason"), rows))
    return {"config": plan, "fingerprint": fingerprint}


def _print_result(run: Run, as_json: bool) -> None:
    from dataclasses import asdict

    from ganaug.gan.monitoring.snapshot_selection import read_choice

    from .console import results

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

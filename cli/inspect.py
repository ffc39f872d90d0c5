"""`ganaug inspect DATA`: what is in the data, and how it would be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Budget, Config, Data, Device, Fast, GroupRegex, Settings, Strict

if TYPE_CHECKING:
    from ganaug.data.fingerprint import Fingerprint, FlipCheck

ROWS_SHOWN = 50  # in a table; --json has all
CHANNEL_NAMES = {1: "grey", 3: "RGB", 4: "RGBA"}


def inspect_data(
    data: Data,
    group_regex: GroupRegex = None,
    strict: Strict = False,
    fast: Fast = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead.")
    ] = False,
    budget: Budget = None,
    device: Device = "auto",
    config: Config = None,
    overrides: Settings = None,
) -> None:
    """Show what is in the data, how it would be trained, and how long that takes."""
    from ganaug.classify.flips import with_flips
    from ganaug.data.fingerprint import take_fingerprint
    from ganaug.engine import pick_device

    from .console import progress
    from .planning import TrainOptions, choose_plan, plan_rows, read_data

    images = read_data(data, group_regex=group_regex, strict=strict)
    with progress.status("looking for duplicates"):
        fingerprint = take_fingerprint(images)
    if not fast:
        with progress.status("testing whether flips keep labels (--fast skips this)"):
            fingerprint = with_flips(fingerprint, images, device=pick_device(device))
    options = TrainOptions(
        budget=budget, config=config, settings=overrides or [], device=device
    )
    plan = plan_rows(choose_plan(images, fingerprint, options))
    if as_json:
        _print_json(fingerprint, plan)
    else:
        _print_tables(fingerprint, plan)


def _print_json(fingerprint: Fingerprint, plan: list[dict[str, Any]]) -> None:
    import json

    typer.echo(json.dumps({**fingerprint.to_dict(), "plan": plan}))


def _print_tables(fingerprint: Fingerprint, plan: list[dict[str, Any]]) -> None:
    from .console import make_table, printable, results

    total = sum(fingerprint.counts)
    classes = [
        (name, n, f"{n / total:.1%}")
        for name, n in zip(fingerprint.classes, fingerprint.counts, strict=True)
    ]
    results.print(f"{printable(fingerprint.source)}: {total:,} images", soft_wrap=True)
    _print_long(f"{len(classes)} classes", ("class", "images #", "share #"), classes)
    rows = describe_checks(fingerprint)
    results.print(make_table("what was found", ("check", "result"), rows))
    if fingerprint.skipped:
        _print_long("skipped files", ("file", "reason"), fingerprint.skipped)
    for note in fingerprint.notes:
        results.print(f"note: {printable(note)}", soft_wrap=True)
    if plan:
        steps = [(step["choice"], step["value"], step["reason"]) for step in plan]
        results.print(make_table("the plan", ("choice", "value", "reason"), steps))


def _print_long(title: str, columns: tuple[str, ...], rows: Any) -> None:
    from .console import make_table, results

    results.print(make_table(title, columns, rows[:ROWS_SHOWN]))
    if len(rows) > ROWS_SHOWN:
        results.print(f"… and {len(rows) - ROWS_SHOWN:,} more (--json lists all)")


def describe_checks(fingerprint: Fingerprint) -> list[tuple[str, str]]:
    """List each check and its result; classes, skipped files and notes are separate."""
    exact = fingerprint.exact
    groups = "none given" if fingerprint.groups is None else f"{fingerprint.groups:,}"
    rows = [
        ("size (h × w)", _describe_size(fingerprint)),
        ("channels", CHANNEL_NAMES[fingerprint.channels]),
        ("groups", groups),
        ("imbalance", f"{fingerprint.imbalance:.1f} : 1"),
        ("skipped files", f"{len(fingerprint.skipped):,}"),
        ("images drawn by ganaug", f"{len(fingerprint.synthetic):,}"),
        ("exact duplicates in a class", f"{exact.within:,}"),
        ("equal images with different labels", f"{exact.across:,}"),
        ("near duplicates", _describe_near(fingerprint)),
        ("left-right flips", _describe_flip(fingerprint.hflip)),
        ("up-down flips", _describe_flip(fingerprint.vflip)),
    ]
    if exact.examples:
        pairs = ", ".join(f"{a} = {b}" for a, b in exact.examples)
        rows.insert(8, ("such as", pairs))
    return rows


def _describe_size(fingerprint: Fingerprint) -> str:
    height, width = fingerprint.data_size
    text = f"{height} × {width}"
    if fingerprint.size_range:
        (h0, w0), (h1, w1) = fingerprint.size_range
        text += f", uneven: {h0} × {w0} to {h1} × {w1}"
    if fingerprint.size != fingerprint.data_size:
        text += f", read at {fingerprint.size[0]} × {fingerprint.size[1]}"
    return text


def _describe_near(fingerprint: Fingerprint) -> str:
    near = fingerprint.near
    if not near.images:
        return f"0 of {near.sampled:,}"
    text = f"{near.images:,} of {near.sampled:,}, in {near.clusters:,} sets"
    text += f", such as {near.examples[0][0]} ≈ {near.examples[0][1]}"
    if near.many:
        text += "; give groups if they show the same subject (--group-regex)"
    return text


def _describe_flip(check: FlipCheck | None) -> str:
    return "not measured" if check is None else check.reason

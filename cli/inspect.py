"""`ganaug inspect DATA`: what is in the data, and how it would be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ganaug.display.words import CHANNEL_NAMES

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
    Strict,
    Unlabelled,
)

if TYPE_CHECKING:
    from ganaug.data.confounding.inspection import DomainInspection
    from ganaug.data.fingerprint import Fingerprint, FlipCheck
    from ganaug.data.images import LabelledImages
    from ganaug.data.recorded.rules import Rules
    from ganaug.gan.plan import Plan

    from .shared.planning import TrainOptions

ROWS_SHOWN = 50  # in a table; --json has all


def inspect_data(
    data: Data,
    group_regex: GroupRegex = None,
    domain_regex: DomainRegex = None,
    domains_outside: DomainsOutside = False,
    domains_inside: DomainsInside = False,
    domain_from: DomainFrom = None,
    pages: Pages = "first",
    scale: Scale = None,
    unlabelled: Unlabelled = None,
    strict: Strict = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Also say how large and how long a GAN would be trained; this times "
            "some steps. So do the options below.",
        ),
    ] = False,
    settings: Annotated[
        bool,
        typer.Option("--all", help="Also list every setting of the plan, and why."),
    ] = False,
    fast: Fast = False,
    budget: Budget = None,
    device: Device = "auto",
    config: Config = None,
    overrides: Settings = None,
    grid: Grid = None,
) -> None:
    """Show what is in the data; with --plan, how it would be trained."""
    from .shared.planning import (
        TrainOptions,
        follow_config,
        parse_unlabelled,
        read_rules,
    )

    pools = parse_unlabelled(unlabelled)
    rules = read_rules(
        group_regex=group_regex,
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
        pages=pages,
        scale=scale,
    )
    asked = (
        plan, settings, fast, budget, device != "auto", config, overrides, grid
    )  # fmt: skip
    if not any(asked) and not pools:
        found, domains = _glance(data, rules, strict=strict)
        _print(found, domains, as_json)
        return
    if not any(asked):
        images, found = _measure(data, rules, strict=strict)
        _print(found, _inspect_all(images, pools, strict=strict), as_json)
        return
    options = TrainOptions(
        budget=budget,
        config=config,
        settings=overrides or [],
        device=device,
        fast=fast,
        grid=grid,
    )
    options.check()
    rules = follow_config(rules, config)
    images, found, made = _plan(data, rules, options, strict=strict)
    domains = _inspect_all(images, pools, strict=strict)
    _print(found, domains, as_json, plan=made, images=images, settings=settings)


def _glance(
    data: str, rules: Rules, *, strict: bool
) -> tuple[Fingerprint, DomainInspection]:
    """Measure the data, without reading them into memory and without a GAN."""
    from ganaug.data.confounding.inspection import inspect_domains
    from ganaug.data.fingerprint import describe_glance, take_fingerprint
    from ganaug.data.images import LabelledImages
    from ganaug.data.load import glance_at_data
    from ganaug.data.thumbnails import start_workers

    from .shared.waiting import reading

    with start_workers() as workers, reading() as tell:
        seen = glance_at_data(data, workers, rules=rules, strict=strict, tell=tell)
        if isinstance(seen, LabelledImages):
            return take_fingerprint(seen), inspect_domains(seen)
        return describe_glance(seen), inspect_domains(seen)


def _measure(
    data: str, rules: Rules, *, strict: bool
) -> tuple[LabelledImages, Fingerprint]:
    """Read the data whole, and measure them."""
    from ganaug.data.fingerprint import take_fingerprint

    from .shared.planning import read_data

    images = read_data(data, rules, strict=strict)
    return images, take_fingerprint(images)


def _inspect_all(
    images: LabelledImages, pools: list[tuple[str, str]], *, strict: bool
) -> DomainInspection:
    """Look at the domains, and at the unlabelled images of further ones."""
    from dataclasses import replace

    from ganaug.data.confounding.inspection import inspect_domains
    from ganaug.data.confounding.pools import inspect_pool

    from .shared.planning import read_unlabelled

    found = inspect_domains(images)
    if not pools:
        return found
    read = read_unlabelled(pools, images, strict=strict)
    return replace(found, pools=tuple(inspect_pool(pool, images) for pool in read))


def _plan(
    data: str, rules: Rules, options: TrainOptions, *, strict: bool
) -> tuple[LabelledImages, Fingerprint, Plan]:
    """Read the data, and plan a training of them."""
    from .shared.planning import measure_and_plan, read_data
    from .shared.waiting import start

    start("ganaug.gan.plan")
    options.check()
    images = read_data(data, rules, strict=strict)
    return images, *measure_and_plan(images, options)


def _print(
    found: Fingerprint,
    domains: DomainInspection,
    as_json: bool,
    *,
    plan: Plan | None = None,
    images: LabelledImages | None = None,
    settings: bool = False,
) -> None:
    from .shared.planning import plan_rows

    if as_json:
        import json

        rows = {} if plan is None else {"plan": plan_rows(plan)}
        said = {"domains": domains.to_dict()}
        typer.echo(json.dumps({**found.to_dict(), **said, **rows}))
        return
    _print_tables(found, domains)
    if plan is not None and images is not None:
        _print_plan(plan, images, every=settings)


def _print_plan(plan: Plan, images: LabelledImages, *, every: bool) -> None:
    from .shared.console import make_grid, make_table, results
    from .shared.plan_words import describe_plan
    from .shared.planning import plan_rows

    results.print(make_grid("the plan", describe_plan(plan, images)))
    if every:
        steps = [(r["choice"], r["value"], r["reason"]) for r in plan_rows(plan)]
        columns = ("choice", "value", "reason")
        results.print(make_table("every setting", columns, steps))
    else:
        results.print("every setting, and why: --all", soft_wrap=True)


def _print_tables(fingerprint: Fingerprint, domains: DomainInspection) -> None:
    from .shared.cells import describe_look, print_domains
    from .shared.console import make_table, printable, results

    total = sum(fingerprint.counts)
    classes = [
        (name, n, f"{n / total:.1%}")
        for name, n in zip(fingerprint.classes, fingerprint.counts, strict=True)
    ]
    results.print(f"{printable(fingerprint.source)}: {total:,} images", soft_wrap=True)
    _print_long(f"{len(classes)} classes", ("class", "images #", "share #"), classes)
    rows = describe_checks(fingerprint) + describe_look(domains)
    results.print(make_table("what was found", ("check", "result"), rows))
    if fingerprint.skipped:
        _print_long("skipped files", ("file", "reason"), fingerprint.skipped)
    print_domains(domains)
    for note in fingerprint.notes:
        if note == domains.wrong:
            continue  # said above
        results.print(f"note: {printable(note)}", soft_wrap=True)


def _print_long(title: str, columns: tuple[str, ...], rows: Any) -> None:
    from .shared.console import make_table, results

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
    return "not tested (--plan does, without --fast)" if check is None else check.reason

"""`ganaug gain DATA`: whether GAN images help a classifier on these data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .gain_result import print_result
from .shared.completion import CLASSIFIERS, complete_from
from .shared.options import (
    Address,
    Backend,
    Data,
    Device,
    DomainFrom,
    DomainRegex,
    DomainsInside,
    DomainsOutside,
    GainStart,
    GroupRegex,
    Pages,
    Processes,
    Scale,
    StartData,
    Strict,
    Unlabelled,
)
from .tables.gain_table import measure_table

if TYPE_CHECKING:
    from ganaug.data.images import LabelledImages


def gain(
    data: Data,
    test: Annotated[
        str | None,
        typer.Option(help="Real images to test on; default: parts of DATA in turn."),
    ] = None,
    unlabelled: Unlabelled = None,
    parent: GainStart = None,
    start_data: StartData = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for results; default <data>-gain.")
    ] = None,
    budget: Annotated[
        str, typer.Option(help="Time for everything, such as 30m or 2h.")
    ] = "30m",
    splits: Annotated[
        int, typer.Option(help="How often all is repeated on another split.")
    ] = 5,
    label_column: Annotated[
        str | None,
        typer.Option(help="The data are a table: its CSV's column of classes."),
    ] = None,
    categories: Annotated[
        list[str] | None,
        typer.Option("--category", help="A table's column of codes; can be repeated."),
    ] = None,
    initialisations: Annotated[
        int, typer.Option(help="Classifiers trained per arm and split.")
    ] = 2,
    size: Annotated[
        int | None,
        typer.Option(
            help="Pixels of the longest side at which your classifier trains; default: "
            "your images', up to 64 on a CPU and as the budget allows."
        ),
    ] = None,
    margin: Annotated[
        float, typer.Option(help="Gains up to this many points count as none.")
    ] = 1.0,
    classifier: Annotated[
        str,
        typer.Option(
            help="small, or a torchvision network such as resnet18.",
            autocompletion=complete_from(CLASSIFIERS),
        ),
    ] = "small",
    weights: Annotated[
        Path | None,
        typer.Option(
            help="A file with its weights; default: those that torchvision has "
            "downloaded already, if any. none: train from scratch."
        ),
    ] = None,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Train only its last layer.")
    ] = False,
    require: Annotated[
        str | None,
        typer.Option(
            help="helps: exit with 1 for any other verdict.",
            autocompletion=complete_from(["helps"]),
        ),
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Only say what would be done, and how long."),
    ] = False,
    allow_leak: Annotated[
        bool,
        typer.Option(
            "--allow-leak",
            help="Accept a test set with training images in it, and unlabelled images "
            "that are copies of either.",
        ),
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Accept a budget for one or two splits, which say little."
        ),
    ] = False,
    hide_cells: Annotated[
        bool,
        typer.Option(
            "--hide-cells",
            help="Hide cells that are there and test on them, also with --test.",
        ),
    ] = False,
    style: Annotated[
        str | None,
        typer.Option(
            help="Measure styled images in place of a GAN's: within-class, any, or a "
            "folder of images or one image whose look others take on."
        ),
    ] = None,
    shifts: Annotated[
        bool,
        typer.Option(
            "--shifts",
            help="Test also on corrupted test images: noise, blur, contrast, "
            "brightness, JPEG and hue, at five severities.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    device: Device = "auto",
    processes: Processes = None,
    backend: Backend = "loky",
    address: Address = None,
    group_regex: GroupRegex = None,
    domain_regex: DomainRegex = None,
    domains_outside: DomainsOutside = False,
    domains_inside: DomainsInside = False,
    domain_from: DomainFrom = None,
    pages: Pages = "first",
    scale: Scale = None,
    strict: Strict = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Measure whether GAN images help a classifier; the same command resumes."""
    from .shared.waiting import start

    if label_column is not None:
        start("ganaug.gain.tables.measuring")
        gains = measure_table(
            data, label_column,
            out=out, categories=categories or [], splits=splits, margin=margin / 100,
            seed=seed, as_json=as_json,
            others={
                "--test": test, "--unlabelled": unlabelled, "--size": size,
                "--classifier": classifier != "small", "--weights": weights,
                "--frozen": frozen, "--estimate": estimate, "--hide-cells": hide_cells,
                "--shifts": shifts, "--start": parent, "--start-data": start_data,
                "--processes": processes, "--address": address,
                "--group-regex": group_regex,
                "--domain-regex": domain_regex, "--domains-outside": domains_outside,
                "--domains-inside": domains_inside, "--domain-from": domain_from,
                "--pages all": pages != "first", "--scale": scale, "--strict": strict,
            },
        )  # fmt: skip
        if require is not None and gains[0].word != require:
            raise typer.Exit(1)
        return
    start("ganaug.gain.measuring")
    from ganaug.engine import pick_device
    from ganaug.errors import ConfigError
    from ganaug.gain.bar import show_gain
    from ganaug.gain.kept import claim_gain
    from ganaug.gain.measuring import default_out, measure_gain
    from ganaug.gain.request import GainOptions
    from ganaug.workers import Workers

    from .shared.console import progress
    from .shared.planning import (
        parse_minutes,
        parse_unlabelled,
        read_data,
        read_rules,
        read_test,
        read_unlabelled,
    )

    rules = read_rules(
        group_regex=group_regex,
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
        pages=pages,
        scale=scale,
    )
    GainOptions(
        splits=splits,
        initialisations=initialisations,
        size=size,
        seed=seed,
        margin=margin / 100,
    ).check()
    Workers(processes, backend, address)
    if require not in (None, "helps"):
        raise ConfigError(f"--require {require} is not allowed; give helps")
    pick_device(device)
    pools = parse_unlabelled(unlabelled)
    minutes = parse_minutes(budget)
    assert minutes is not None, "the option has a default"
    common: dict[str, Any] = {
        "budget": minutes,
        "classifier": classifier,
        "weights": weights,
        "frozen": frozen,
        "allow_leak": allow_leak,
        "device": device,
        "processes": processes,
        "backend": backend,
        "address": address,
        "splits": splits,
        "initialisations": initialisations,
        "size": size,
        "hide_cells": hide_cells,
        "shifts": shifts,
        "style": style,
        "start": parent,
        "start_data": start_data,
        "seed": seed,
    }
    out = default_out(data, out)
    if not estimate:
        claim_gain(out)
    images = read_data(data, rules, strict=strict)
    tests = None
    if test is not None:
        tests = read_test(test, images, rules, strict=strict)
    if strict:
        read_unlabelled(pools, images, strict=True)
    common["unlabelled"] = dict(pools)
    if estimate:
        _print_estimate(images, tests, common, as_json)
        return
    with show_gain(progress) as update:
        result = measure_gain(
            images,
            tests,
            out,
            margin=margin / 100,
            anyway=anyway,
            progress=update,
            **common,
        )
    print_result(result, data, as_json, rules)
    if require is not None and result.verdict.word != require:
        raise typer.Exit(1)


def _print_estimate(
    images: LabelledImages,
    tests: LabelledImages | None,
    common: dict[str, Any],
    as_json: bool,
) -> None:
    import json

    from ganaug.gain.bar import list_plan
    from ganaug.gain.measuring import estimate_gain

    from .shared.console import results
    from .shared.waiting import working

    with working("timing a few steps"):
        found = estimate_gain(images, tests, **common)
    if as_json:
        typer.echo(json.dumps(found.to_dict()))
        return
    for line in list_plan(found):
        results.print(line, soft_wrap=True)

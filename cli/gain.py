"""`ganaug gain DATA`: whether GAN images help a classifier on these data."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    from ganaug.data.recorded.rules import Rules
    from ganaug.gain.judgement.result import GainResult
    from ganaug.gain.shifts.scores import ShiftedScores

SCORES = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log-loss",
    "calibration_error": "calibration error",
}


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
    _print_result(result, data, as_json, rules)
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


def _print_result(result: GainResult, data: str, as_json: bool, rules: Rules) -> None:
    import json

    from ganaug.gain.protocol.arms import OPPONENT, title_arm

    from .shared.console import make_table, printable, results

    if as_json:
        found = {
            "gain": str(result.path),
            "verdict": result.verdict.to_dict(),
            "gains": {name: gain.to_dict() for name, gain in result.gains.items()},
            "details": result.details.to_dict(),
        }
        typer.echo(json.dumps(found))
        return
    results.print(make_table("arms, means over splits", *_tabulate_arms(result)))
    title = f"gain with {result.verdict.images} over"
    results.print(make_table(title, *_tabulate_gains(result)))
    if result.details.cells:
        results.print(
            make_table("recognised without → with GAN, %", *_tabulate_cells(result))
        )
    shifted = result.details.shifted
    if shifted is not None:
        title = f"{shifted.say_tested()}, balanced accuracy %"
        results.print(
            make_table(title, *_tabulate_shifted(shifted, result.verdict.kind))
        )
    for note in result.details.notes:
        results.print(f"note: {printable(note)}", soft_wrap=True)
    failed = result.details.failed_fits
    if failed:
        results.print(f"note: failed fits, each omitted with its pair: {failed}")
    least = result.details.minimum_detectable_gain
    if least is not None:
        results.print(
            f"a true gain of {100 * least:.1f} points over the "
            f"{title_arm(OPPONENT, result.verdict.kind)} would be found in 8 of 10 "
            "such measurements",
            soft_wrap=True,
        )
    results.print(f"{result.verdict.word}: {result.verdict.sentence}", soft_wrap=True)
    if shifted is not None:
        results.print(shifted.say(), soft_wrap=True)
    _print_next(result, data, rules)


def _print_next(result: GainResult, data: str, rules: Rules) -> None:
    """Print what else was found, and which commands use it and show more."""
    from ganaug.gain.judgement.verdict import say_carried

    from .shared.console import printable, results

    carried = result.details.carried
    if carried is not None:
        results.print(say_carried(carried), soft_wrap=True)
    if result.verdict.word == "helps" or result.carrier:
        command = _write_next(result, data, rules)
        results.print(f"next: {printable(command)}", soft_wrap=True)
    page = shlex.join(["ganaug", "report", str(result.path)])
    results.print(f"more: {printable(page)}", soft_wrap=True)
    results.print("what was found best, for your own training loop:")
    for line in _list_lines(result, data):
        results.print(printable(line), soft_wrap=True)


def _list_lines(result: GainResult, data: str) -> list[str]:
    """List the lines that bring the best training into a loop of the user's own."""
    from ganaug.report.gain.advice import name_store
    from ganaug.report.gain.material import open_gain
    from ganaug.report.gain.snippets import write_lines

    material = open_gain(result.path, data)
    helps = result.verdict.word == "helps" or result.carrier
    code = write_lines(material, name_store(material) if helps else None)
    return code.splitlines()


def _write_next(result: GainResult, data: str, rules: Rules) -> str:
    """Return the command that makes a store of what helped."""
    from ganaug.report.gain.advice import list_style_words

    options = result.details.options
    if "style" in options:
        words = list_style_words(result, data)
        return shlex.join([*words, *rules.list_options()])
    words = ["ganaug", "synth", data]
    pool = options.get("unlabelled")
    if pool:
        words += ["--unlabelled", pool]
    if "start" in options:
        words += ["--start", options["start"]]
    if result.details.cells:
        words.append("--fill")
    else:
        rules = replace(rules, domain_from=None)
    words += rules.list_options()
    return shlex.join([*words, "--recipe", str(result.path)])


Lines = tuple[tuple[str, ...], list[tuple[str, ...]]]  # columns, rows


def _tabulate_arms(result: GainResult) -> Lines:
    from ganaug.gain.protocol.arms import title_arm

    titles, kind = SCORES, result.verdict.kind
    if result.details.cells:
        from ganaug.gain.domains.scoring import TITLES

        titles = {**TITLES, **SCORES}
    columns = ("arm", *(f"{title} #" for title in titles.values()))
    rows = [
        (
            title_arm(name, kind),
            *(_say_score(score, scores.get(score)) for score in titles),
        )
        for name, scores in result.details.arms.items()
    ]
    return columns, rows


def _say_score(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if name == "log_loss" else f"{100 * value:.1f} %"


def _tabulate_cells(result: GainResult) -> Lines:
    """Return a row per class: its images in each domain, and how many are recognised.

    Cells that the verdict is about have a star.
    """
    rows: dict[str, list[str]] = {}
    for cell in result.details.cells:
        shares = [
            "–" if share is None else f"{100 * share:.0f}"
            for share in (cell.opponent, cell.synthetic)
        ]
        star = "*" if cell.tested else ""
        said = f"{cell.images}{star}: {shares[0]} → {shares[1]}"
        rows.setdefault(cell.label, []).append(said)
    domains = dict.fromkeys(cell.domain for cell in result.details.cells)
    return ("class", *domains), [(name, *own) for name, own in rows.items()]


def _tabulate_shifted(shifted: ShiftedScores, kind: str) -> Lines:
    """Return a row per arm: its mean over all versions, and over each corruption's."""
    from ganaug.gain.protocol.arms import title_arm

    rows = []
    for arm, scores in shifted.arms.items():
        means = [shifted.average(arm), *(sum(s) / len(s) for s in scores.values())]
        title = title_arm(arm, kind)
        rows.append((title, *(f"{100 * mean:.1f}" for mean in means)))
    names = next(iter(shifted.arms.values()), {})
    return ("arm", "mean #", *(f"{name} #" for name in names)), rows


def _tabulate_gains(result: GainResult) -> Lines:
    from ganaug.gain.protocol.arms import title_arm

    columns = ("against", "points #", "95 % interval", "p #")
    rows: list[tuple[str, ...]] = []
    for name, gain in result.gains.items():
        interval = f"{100 * gain.low:+.1f} … {100 * gain.high:+.1f}"
        p = f"{gain.p:.3f}"
        if gain.n == 1:
            interval = p = "–"
        title = title_arm(name, result.verdict.kind)
        rows.append((title, f"{100 * gain.mean:+.1f}", interval, p))
    return columns, rows

"""`ganaug synth RUN_OR_DATA`: labelled synthetic images, after training if needed."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .shared.appending import AppendTo, append, find_table
from .shared.completion import LABELS, complete_class, complete_filters, complete_from
from .shared.options import (
    Address,
    Backend,
    Budget,
    Config,
    Device,
    DomainFrom,
    DomainRegex,
    DomainsInside,
    DomainsOutside,
    Fast,
    Grid,
    GroupRegex,
    Pages,
    Processes,
    Scale,
    Settings,
    Start,
    Strict,
    Unlabelled,
)
from .shared.planning import (
    TrainOptions,
    follow_config,
    parse_unlabelled,
    read_data,
    read_rules,
)
from .shared.results import count_images, print_result
from .shared.verdict import Require, check_require, enforce
from .shared.waiting import start
from .synth_fill import FillCommand, fill_cells, name_store
from .synth_request import (
    check_size,
    holds_filler,
    holds_generator,
    list_filters,
    read_captions,
    read_filters,
    read_request,
    refuse_beside_fill,
    refuse_beside_pools,
    refuse_training_options,
)
from .tables.synth_table import TableCommand, make_table_rows
from .train import default_place, refuse_early, train_planned

if TYPE_CHECKING:
    from ganaug.data.images import LabelledImages


def synth(
    source: Annotated[
        str,
        typer.Argument(
            metavar="RUN_OR_DATA",
            help="A folder that train or synth wrote; or data to train on first, as "
            "for train.",
        ),
    ],
    per_class: Annotated[int | None, typer.Option(help="Images of each class.")] = None,
    balance: Annotated[
        bool,
        typer.Option("--balance", help="Fill every class up to the largest real one."),
    ] = False,
    fill: Annotated[
        bool,
        typer.Option(
            "--fill",
            help="Give every class images of every domain, carried over from others.",
        ),
    ] = False,
    per_cell: Annotated[
        int | None,
        typer.Option(help="With --fill: images of each class in each domain."),
    ] = None,
    unlabelled: Unlabelled = None,
    allow_leak: Annotated[
        bool,
        typer.Option(
            "--allow-leak", help="Accept unlabelled images that are labelled ones too."
        ),
    ] = False,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="name=number: images of one class; can be repeated.",
            autocompletion=complete_class,
        ),
    ] = None,
    captions: Annotated[
        list[str] | None,
        typer.Option(
            "--caption", help="What the images show, in words; can be repeated."
        ),
    ] = None,
    number: Annotated[
        int | None, typer.Option("-n", help="Images for each --caption.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for images; default <data>-synthetic.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other images.")] = 0,
    size: Annotated[
        str | None,
        typer.Option(
            help="data: enlarge images to the size of the real ones.",
            autocompletion=complete_from(["data"]),
        ),
    ] = None,
    filters: Annotated[
        str | None,
        typer.Option(
            help="Some of label,realism,copy,duplicate (with --fill also domain), or "
            "none; by default all that suit.",
            autocompletion=complete_filters,
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option(
            help="hard, or soft: add the probability of each class.",
            autocompletion=complete_from(LABELS),
        ),
    ] = "hard",
    recipe: Annotated[
        Path | None,
        typer.Option(help="A folder that gain wrote: draw what its recipe needs."),
    ] = None,
    real: Annotated[
        str | None,
        typer.Option("--data", help="The real images, where they have moved."),
    ] = None,
    label_column: Annotated[
        str | None,
        typer.Option(
            help="The data are a table: the column of its CSV that has the classes. "
            "Writes a CSV of further rows."
        ),
    ] = None,
    categories: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            help="A table's column of codes: categories that are written as numbers; "
            "can be repeated.",
        ),
    ] = None,
    device: Device = "auto",
    processes: Processes = None,
    backend: Backend = "loky",
    address: Address = None,
    budget: Budget = None,
    grid: Grid = None,
    parent: Start = None,
    config: Config = None,
    settings: Settings = None,
    group_regex: GroupRegex = None,
    domain_regex: DomainRegex = None,
    domains_outside: DomainsOutside = False,
    domains_inside: DomainsInside = False,
    domain_from: DomainFrom = None,
    pages: Pages = "first",
    scale: Scale = None,
    strict: Strict = False,
    fast: Fast = False,
    require: Require = None,
    append_to: AppendTo = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end.")
    ] = False,
) -> None:
    """Write labelled synthetic images; the same command resumes."""
    if label_column is not None:
        start("ganaug.tables.synthesis")
        command = TableCommand(
            source=source, label_column=label_column,
            numbers=read_request(per_class, balance, classes or []), balance=balance,
            out=out, seed=seed, filters=filters, budget=budget,
            settings=settings or [], device=device, categories=categories or [],
            others={
                "--fill": fill, "--per-cell": per_cell, "--unlabelled": unlabelled,
                "--allow-leak": allow_leak, "--caption": captions, "-n": number,
                "--size": size, "--labels soft": labels != "hard", "--recipe": recipe,
                "--data": real, "--config": config, "--start": parent, "--grid": grid,
                "--group-regex": group_regex,
                "--domain-regex": domain_regex, "--domains-outside": domains_outside,
                "--domains-inside": domains_inside, "--domain-from": domain_from,
                "--pages all": pages != "first", "--scale": scale, "--strict": strict,
                "--fast": fast, "--require": require, "--append-to": append_to,
                "--processes": processes, "--address": address,
            },
        )  # fmt: skip
        make_table_rows(command, as_json)
        return
    if categories:
        raise typer.BadParameter("it is for tables; give --label-column too")
    start("ganaug.synth.synthesis")
    from ganaug.data.origin import describe_origin
    from ganaug.files import beside
    from ganaug.synth.bar import show_synthesis
    from ganaug.synth.store.resumption import refuse_foreign
    from ganaug.synth.synthesis import default_out, synthesize
    from ganaug.synth.synthesizer import find_generator
    from ganaug.workers import Workers

    from .shared.console import progress

    check_require(require)
    Workers(processes, backend, address)
    table = find_table(append_to, source)
    pools = parse_unlabelled(unlabelled)
    filled = fill or per_cell is not None or bool(pools) or holds_filler(source)
    if filled:
        refuse_beside_fill(
            per_class=None if pools else per_class, balance=balance, classes=classes,
            caption=captions, n=number, size=size, config=config, fast=fast,
            start=parent, grid=grid, processes=processes, address=address,
        )  # fmt: skip
        refuse_beside_pools(pools, source, fill=fill, per_cell=per_cell)
    texts = read_captions(captions or [], number, source)
    may_be_empty = filled or recipe is not None or texts is not None
    numbers = read_request(per_class, balance, classes or [], default=may_be_empty)
    names, kind = read_filters(filters, labels, list_filters(filled))
    rules = read_rules(
        group_regex=group_regex,
        domain_regex=domain_regex,
        domains_outside=domains_outside,
        domains_inside=domains_inside,
        domain_from=domain_from,
        pages=pages,
        scale=scale,
    )
    if filled:
        filling = FillCommand(
            source=source, out=out, per_cell=per_class if pools else per_cell,
            seed=seed, filters=names, labels=kind, recipe=recipe, real=real,
            rules=rules, strict=strict,
            unlabelled=tuple(pools), allow_leak=allow_leak,
            options=TrainOptions(
                budget=budget, config=config, settings=settings or [], device=device,
            ),
        )  # fmt: skip
        before = count_images(name_store(filling))
        store = fill_cells(filling)
        append(store, table, append_to)
        print_result(store, before, as_json)
        enforce(store, require)
        return
    known: Any = real
    if holds_generator(source):
        refuse_training_options(
            source, rules, budget=budget, config=config, set=settings, fast=fast,
            strict=strict, start=parent, grid=grid,
        )  # fmt: skip
    else:
        out = out or default_place(source, "-synthetic")
        run_folder = beside(out, ".run")
        options = TrainOptions(
            budget=budget, config=config, settings=settings or [], device=device,
            fast=fast, start=parent, grid=grid,
        )  # fmt: skip
        check_size(size)
        refuse_foreign(out)
        options = options.settle(run_folder)
        refuse_early(run_folder, options)
        rules = follow_config(rules, config)
        images = read_data(source, rules, strict=strict)
        _check_request(images, numbers, recipe, names, source)
        origin = describe_origin(source, rules)
        source = str(train_planned(images, run_folder, options, origin=origin).path)
        known = images if real is None else real
    out = out or default_out(find_generator(source).parent)
    before = count_images(out)
    with show_synthesis(progress) as update:
        store = synthesize(
            source,
            out,
            per_class=numbers,
            balance=balance,
            captions=texts,
            seed=seed,
            size=check_size(size),
            filters=names,
            labels=kind,
            recipe=recipe,
            data=known,
            device=device,
            command=shlex.join(["ganaug", *sys.argv[1:]]),
            processes=processes,
            backend=backend,
            address=address,
            progress=update,
        )
    append(store, table, append_to)
    print_result(store, before, as_json)
    enforce(store, require)


def _check_request(
    images: LabelledImages,
    numbers: int | dict[str, int] | None,
    recipe: Path | None,
    names: tuple[str, ...] | Literal["auto"],
    data: str,
) -> None:
    """Refuse a request that does not suit the images, before any training."""
    from ganaug.data.fingerprint import digest_set
    from ganaug.recipe import read_recipe, refuse_other_data
    from ganaug.synth.counts import plan_counts
    from ganaug.synth.request import check_filters
    from ganaug.synth.synthesis import say_verdict

    if isinstance(numbers, dict):
        plan_counts(images.classes, numbers)
    if recipe is not None:
        measured = read_recipe(recipe)
        check_filters(names, "soft" if measured.soft else "hard")
        refuse_other_data(measured, digest_set(images), data)
        say_verdict(measured)

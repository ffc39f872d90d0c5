"""The gain protocol where cells are thin or empty: can a translator fill them?"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from benchmarks.gain.domain_problems import (
    HELD_BACK,
    SHARED,
    THIN,
    DomainProblem,
    Row,
    make_domain_problem,
)
from benchmarks.gain.records import (
    find_machines,
    keep_split,
    merge_table,
    read_split,
    restore_split,
)
from benchmarks.gain.suite import INTRODUCTION, list_rows, say_points, say_range
from benchmarks.gain.unlabelled_problems import PoolRow
from benchmarks.gain.unlabelled_suite import POOL_ROWS, run_pool_row, summarise_pools
from benchmarks.measuring import HERE, Section, positive, update_page
from ganaug import engine
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.domains.filling import fill_by_carrier
from ganaug.gain.domains.judging import summarise_domains
from ganaug.gain.domains.scoring import LACKING, LOWEST, MEAN
from ganaug.gain.domains.split_data import DomainExperiment
from ganaug.gain.domains.split_run import (
    find_units,
    read_choices,
    run_domain_split,
)
from ganaug.gain.domains.translated import fill_by_translator, plan_fill
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    ORACLE,
    PLACEBO,
    SHUFFLED,
    STANDARD,
    SYNTHETIC,
)
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.settings import Settings
from ganaug.translate.settings import TranslateConfig

AnyRow = TypeVar("AnyRow", Row, PoolRow)
KINDS = ("empty", "thin")
ROWS = tuple(
    replace(row, kind=kind)
    for row in (
        Row("digits-4", ""),
        Row("fsdd-speaker", "", per_cell=35),
        Row("mt-exposure-2", "", per_cell=30, side=64),
        Row("rsscn7-scale-32", ""),
        Row("sign-digits", "", light="border"),
        Row("neu-det", "", light="border"),
        Row("fashion-mnist", "", light="object"),
        Row("fashion-mnist", "", planted=True),
    )
    for kind in KINDS
)
SHOWN = (STANDARD, EVEN, OPPONENT, SYNTHETIC, PLACEBO, SHUFFLED, ORACLE)
COLUMNS = (
    "cell", "splits", *SHOWN, "of the possible gain", "gain, points", "95 % interval",
    "p", "p, Holm", "over placebo", "over shuffled", "all cells", "worst cells",
    "balanced accuracy", "verdict", "best opponent",
)  # fmt: skip
MINUTES = 10.0  # for which a translator's size is planned
LEAST = 0.01  # gain of the oracle below which no share of it is given
TITLE = "Domains"


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    every = [
        summarise_rows(collect(ROWS, run_row, options), options),
        summarise_pools(collect(POOL_ROWS, run_pool_row, options), options),
    ]
    sections = [section for section in every if section.rows]
    for section in sections:
        print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Gain", sections, introduction=INTRODUCTION)


def collect(
    rows: Sequence[AnyRow],
    run: Callable[[AnyRow, argparse.Namespace], list[str] | None],
    options: argparse.Namespace,
) -> list[list[str]]:
    """Make the rows that are asked for."""
    asked = [r for r in rows if not options.cells or r.name in options.cells]
    made = [run(row, options) for row in asked]
    return [row for row in made if row is not None]


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gain --suite domains",
        description=__doc__.splitlines()[0],
    )
    add = parser.add_argument
    names = [row.name for row in (*ROWS, *POOL_ROWS)]
    add("--cell", nargs="+", choices=names, default=[], dest="cells", metavar="NAME")
    add("--splits", type=positive, default=5, help="splits of a row")
    add("--only", nargs="+", type=int, metavar="K", help="the splits to run now")
    add("--images", type=positive, default=80_000, help="images a translator sees")
    add("--steps", type=positive, default=200, help="steps of each final fit")
    add("--networks", type=positive, default=2, help="networks of each judged arm")
    add("--carrier", default="", help="fill by a carrier in place of the translator")
    add("--work", type=Path, default=HERE / "results" / "cells", help="finished work")
    add("--results", type=Path, default=HERE / "results", help="finished splits")
    add("--no-shuffled", action="store_true", help="omit the second placebo")
    add("--table-only", action="store_true", help="make the table of what is finished")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--device", default="auto")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def run_row(row: Row, options: argparse.Namespace) -> list[str] | None:
    """Make a row of the splits that are kept and of those run now."""
    problem = make_domain_problem(row, options)
    if problem is None:
        print(f"{row.name} is omitted: there is no {row.data}.npz", file=sys.stderr)
        return None
    numbers = range(options.splits)
    found = [run_one(row, problem, number, options) for number in numbers]
    results = [result for result in found if result is not None]
    if not results:
        return None
    design = Design(
        overlap=problem.splits.overlap, shared_test=True, margin=0.01,
        pretrained_run=False, classifier="a small network trained from scratch",
        classes=problem.data.classes, test_groups=problem.test.groups,
    )  # fmt: skip
    result = summarise_domains(
        results, design, problem.data, path=options.work / row.name
    )
    return make_row(row, result, results)


def run_one(
    row: Row, problem: DomainProblem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    """Read a split that is kept, or run it; None if --only omits it."""
    asked = list_asked(options)
    known = read_one(row, problem, number, options)
    if known is not None:
        restore_split(row, known, options.results)
    omitted = options.only is not None and number not in options.only
    if known is not None or options.table_only or omitted:
        return known
    start, device = time.perf_counter(), engine.pick_device(options.device)
    experiment = make_experiment(row, problem, options)
    split = problem.splits.splits[number]
    first = read_one(row, problem, 0, options) if number else None
    if number and first is None:
        sys.exit(f"split 0 of {row.name} chooses for all: run it first (--only 0)")
    result = run_domain_split(
        experiment, split, number, oracle=problem.spare[number],
        chosen=None if first is None else read_choices(first),
    )  # fmt: skip
    seconds = time.perf_counter() - start
    keep_split(row, result, asked, seconds, options.results, device)
    return read_one(row, problem, number, options)


def read_one(
    row: Row, problem: DomainProblem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    test, train = problem.test, problem.data.subset(problem.splits.splits[number].train)
    found = read_split(
        row, number, test.labels, len(test.classes), list_asked(options),
        options.results,
    )  # fmt: skip
    if found is None:
        return None
    units = find_units(test, train, hidden=False)
    return replace(found, units=units, domains=test.domains)


def list_asked(options: argparse.Namespace) -> dict[str, float | str]:
    """List the options that the result of a split depends on."""
    names = ("steps", "images", "networks")
    asked = {name: getattr(options, name) for name in names}
    return {**asked, "carrier": options.carrier} if options.carrier else asked


def make_experiment(
    row: Row, problem: DomainProblem, options: argparse.Namespace
) -> DomainExperiment:
    device = engine.pick_device(options.device)
    settings = Settings(
        steps=options.steps, initialisations=options.networks,
        grid=problem.data.size, ensemble=False, tune=False,
    )  # fmt: skip
    fill, shuffled = fill_by_carrier(options.carrier, row.per_cell), None
    if not options.carrier:
        config = TranslateConfig.from_dict(plan_row(problem, options))
        fill = fill_by_translator(config, row.per_cell, device=device)
        if not options.no_shuffled:
            shuffled = fill_by_translator(
                config, row.per_cell, device=device, shuffled=True, filters=()
            )
    return DomainExperiment(
        data=problem.data,
        test=problem.test,
        settings=settings,
        kept=Kept(options.work / row.name, list_asked(options)),
        make_fill=fill,
        make_shuffled=shuffled,
        build=find_classifier().build,
        device=device,
        per_cell=row.per_cell,
    )


def plan_row(problem: DomainProblem, options: argparse.Namespace) -> dict[str, object]:
    """Plan the row's translators, alike on every machine."""
    part = problem.data.subset(problem.splits.splits[0].train)
    device = engine.pick_device(options.device)
    return plan_fill(part, device, budget=MINUTES, images=options.images)


def make_row(row: Row, result: GainResult, results: list[SplitResult]) -> list[str]:
    arms, gain = result.details.arms, result.gains[OPPONENT]
    means = [f"{100 * arms[n][LACKING]:.1f}" if n in arms else "–" for n in SHOWN]
    part = "–"
    if ORACLE in arms:
        possible = arms[ORACLE][LACKING] - arms[OPPONENT][LACKING]
        part = f"{gain.mean / possible:+.0%}" if possible >= LEAST else "–"
    changes = [
        say_points(arms[SYNTHETIC][score] - arms[OPPONENT][score])
        for score in (MEAN, LOWEST, "balanced_accuracy")
    ]
    shuffled = result.gains.get(SHUFFLED)
    said = [found.say_recipe(OPPONENT) for found in results]
    return [
        row.name, str(gain.n), *means, part, say_points(gain.mean), say_range(gain),
        f"{gain.p:.6f}", "", say_points(result.gains[PLACEBO].mean),
        "–" if shuffled is None else say_points(shuffled.mean),
        *changes, result.verdict.word, max(said, key=said.count),
    ]  # fmt: skip


def summarise_rows(found: list[list[str]], options: argparse.Namespace) -> Section:
    kept = merge_table("domains", COLUMNS, found, options.results)
    rows = [row for row in ROWS if row.name in kept]
    cells = list_rows(kept, [row.name for row in rows])
    protocol = (
        f"{find_machines(rows, options.results)} Accuracy in per cent over the cells "
        "(a class in a domain) that are empty or thin in the training part, mean over "
        f"splits, tested on all test images of these cells. {SHARED} classes are seen "
        "in all domains, every other one in one domain, which go round with the "
        f"splits; elsewhere it has no image (`empty`) or {THIN} (`thin`). A translator "
        f"that sees {options.images:,} images per split, one of half as many for the "
        f"choices; {options.steps} steps per fit, {options.networks} networks in each "
        "arm that a gain is the difference from, one in the others. Opponent "
        "and recipe are chosen once for a row, by hidden cells of its first split: "
        "cells of a class that all domains show, left out. What chance did to that "
        "choice is the same in all splits, so the intervals don't show it. "
        "*even*: the best augmentation with cells drawn evenly; *shuffled*: the "
        f"translator with shuffled domains; oracle: up to {HELD_BACK} further real "
        "images of every cell. The changes in all cells, worst cells and balanced "
        "accuracy are against the opponent. `light`: domains are the darkest and the "
        "brightest two fifths of the images, unedited; `planted`: conditions are "
        "painted. All other settings are the defaults."
    )
    return Section(TITLE, protocol, COLUMNS, cells)

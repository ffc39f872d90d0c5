"""The gain protocol on many sets; each split runs once and is kept (`records`)."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.gain.problems import HELD_BACK, SIDE, Cell, Problem, make_problem
from benchmarks.gain.records import (
    Labels,
    find_machines,
    find_optimisation,
    find_plan,
    keep_split,
    merge_table,
    read_split,
    restore_split,
)
from benchmarks.measuring import HERE, Section, positive, update_page
from ganaug import engine
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.gan_pools import GanPoolMaker, fix_plan
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.judgement.scores import measure_interval
from ganaug.gain.judgement.statistics import Interval
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import OPPONENT, ORACLE, SYNTHETIC
from ganaug.gain.protocol.jobs import OPTIMISATION
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import SplitResult, run_split  # fmt: skip
from ganaug.gain.settings import Settings

COLUMNS = (
    "cell", "splits", "plain", "standard", "opponent", "+ synthetic", "placebo",
    "oracle", "of the possible gain", "opponent ×4",
    "+ synthetic ×4", "gain, points", "95 % interval", "p",
    "p, Holm", "over placebo", "detectable", "verdict", "on the given test part",
)  # fmt: skip

LEAST = 0.01  # gain of the oracle below which no share of it is given

CORE = (
    Cell("digits", 5), Cell("fashion-mnist", 20), Cell("fashion-mnist", tail=100),
    Cell("mnist", 10), Cell("sign-digits", 10), Cell("bccd-cells"), Cell("neu-det", 20),
    Cell("sign-digits", 10, side=64), Cell("bccd-cells", side=64),
    Cell("neu-det", 20, side=64),
)  # fmt: skip
FULL = (
    *CORE, Cell("fashion-mnist", 50), Cell("fashion-mnist", 100),
    Cell("mnist", tail=100), Cell("sign-digits", 30), Cell("sign-digits"),
    Cell("neu-det", 50),
    Cell("cifar10-5k", 50), Cell("cifar10-5k", 100), Cell("cifar10-5k", tail=100),
    Cell("magnetic-tile", grouped=True),
    Cell("magnetic-tile"),  # tiles were photographed six times: such folds leak
)  # fmt: skip
SUITES = {"core": CORE, "full": FULL}
TITLES = {"core": "The core suite", "full": "The full suite"}
ORDER = tuple(TITLES.values())
INTRODUCTION = """\
Does a classifier get better with GAN images? Each row is one small set of images,
judged as `ganaug gain` judges a user's own ([how](../README.md#does-it-help)).

- *helps*: the arm with synthetic images beats the **opponent**, the best training that
  was found without them, and the **placebo**, the same recipe with the real images that
  the GAN saw in their place, augmented once more unless that is worse, both with 95 %
  confidence;
- *hurts*: the whole interval of the gain over the opponent lies below 0;
- *no difference*: it lies within ±1 point, or above 0 while the placebo does as well;
- *cannot tell*: anything else; more splits, or more test images, may decide;
- **oracle**: further real images in place of the synthetic ones, as an upper bound.

*plain* has no augmentation, *standard* the best of nine kinds; *×4* averages the
predictions of four networks. The numbers in the names are images per class; *tail-100*
has 200 of the largest and 2 of the smallest class. In rows with *64px*, classifiers see
real images of 64 pixels as they are and those of a 32-pixel GAN enlarged, mixed as
`SyntheticDataset` mixes them; the other rows of 64-pixel sets are from before, with all
images reduced to 32. Rows of fewer than ten splits are unfinished.

`OMP_NUM_THREADS=1 python -m benchmarks.gain --suite core --cell NAME --out
benchmarks/gain.md` runs the splits that `benchmarks/results/gain/` does not have yet.
Whether such verdicts are right where the answer is known:
[gain-proof.md](gain-proof.md)."""


def main(suite: str, words: list[str] | None = None) -> None:
    options = read_options(suite, words)
    found = []
    for cell in SUITES[suite]:
        if options.cells and cell.name not in options.cells:
            continue
        row = run_cell(cell, options)
        if row is not None:
            found.append(row)
    section = summarise_cells(suite, found, options)
    print(section.to_markdown())
    if options.out is not None:
        update_page(
            options.out, "Gain", [section], introduction=INTRODUCTION, order=ORDER
        )


def read_options(suite: str, words: list[str] | None) -> argparse.Namespace:
    names = [cell.name for cell in SUITES[suite]]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gain", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--cell", nargs="+", choices=names, default=[], dest="cells", metavar="NAME")
    add(
        "--splits", type=positive, default=10,
        help="splits of a cell; with more, the earlier ones are kept",
    )  # fmt: skip
    add(
        "--only", nargs="+", type=int, metavar="K",
        help="the splits to run now, from 0; so several machines can share a row",
    )  # fmt: skip
    add("--minutes", type=float, default=4.0, help="minutes of training per GAN")
    add("--steps", type=positive, default=300, help="steps of each final fit")
    add("--work", type=Path, default=HERE / "results" / "cells", help="finished cells")
    add("--plan-only", action="store_true", help="time the GANs, on an idle machine")
    add("--table-only", action="store_true", help="make the table of what is finished")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--device", default="auto")
    add("--out", type=Path, help="page to write the table to")
    options = parser.parse_args(words)
    beyond = [k for k in options.only or () if not 0 <= k < options.splits]
    if beyond:
        last = options.splits - 1
        parser.error(f"--only {beyond[0]}: the splits are numbered from 0 to {last}")
    return options


def run_cell(cell: Cell, options: argparse.Namespace) -> list[str] | None:
    """Make the cell's row of the splits that are kept and of those run now."""
    problem = make_problem(cell, options)
    if problem is None:
        print(f"{cell.name} is omitted: there is no {cell.data}.npz", file=sys.stderr)
        return None
    if options.plan_only:
        plan = plan_split(cell, problem, options)
        print(f"{cell.name}: {plan}", file=sys.stderr)
        return None
    results = [
        result
        for number in range(len(problem.splits.splits))
        if (result := run_one(cell, problem, number, options)) is not None
    ]
    if not results:
        return None
    own, given = part_results(results, problem.given)
    said = ""
    if given:
        gain = measure_interval(
            given, SYNTHETIC, OPPONENT, problem.splits.overlap, shared=True
        )
        said = f"{say_points(gain.mean)} ({say_range(gain)})"
    design = Design(
        overlap=problem.splits.overlap, shared_test=problem.test is not None,
        margin=0.01, pretrained_run=False,
        classifier="a small network trained from scratch",
        classes=problem.data.classes,
    )  # fmt: skip
    result = summarise(own, design, path=options.work / cell.name)
    return make_row(cell, result, said)


def part_results(
    results: list[SplitResult], given: int
) -> tuple[list[SplitResult], list[SplitResult]]:
    """Part the results: on the splits' own test images, and on the given ones."""
    if not given:
        return results, []

    def cut(result: SplitResult, part: slice) -> SplitResult:
        predictions = {k: p[:, part] for k, p in result.predictions.items()}
        return replace(result, labels=result.labels[part], predictions=predictions)

    parts = (slice(None, -given), slice(-given, None))
    own, rest = ([cut(result, part) for result in results] for part in parts)
    return own, rest


def open_kept(cell: Cell, options: argparse.Namespace) -> Kept:
    return Kept(options.work / cell.name, list_asked(options))


def list_asked(options: argparse.Namespace) -> dict[str, float]:
    """List the options that the result of a split depends on."""
    return {"steps": options.steps, "minutes": options.minutes}


def plan_split(
    cell: Cell, problem: Problem, options: argparse.Namespace
) -> dict[str, Any]:
    """Read the plan of all the cell's GANs; time it once, for every machine."""
    path = find_plan(cell)
    if not path.is_file():
        part = problem.data.subset(problem.splits.splits[0].fit)
        device = engine.pick_device(options.device)
        plan = fix_plan(part, device, budget=options.minutes)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plan) + "\n", encoding="utf-8")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def run_one(
    cell: Cell,
    problem: Problem,
    number: int,
    options: argparse.Namespace,
) -> SplitResult | None:
    """Read a split that the repository keeps, or run it; None if --only omits it."""
    labels, classes = find_labels(problem, number), len(problem.data.classes)
    asked = list_asked(options)
    known = read_split(cell, number, labels, classes, asked)
    if known is not None:
        restore_split(cell, known)
    asked_for = options.only is None or number in options.only
    if known is not None or options.table_only or not asked_for:
        return known
    kept = open_kept(cell, options)
    share_optimisation(cell, number, kept)
    settings = Settings(
        steps=options.steps, gan_minutes=options.minutes, grid=problem.data.size
    )
    start = time.perf_counter()
    device = engine.pick_device(options.device)
    experiment = Experiment(
        data=problem.data,
        test=problem.test,
        settings=settings,
        kept=kept,
        make_pool=GanPoolMaker(
            per_class=settings.per_class,
            overrides=plan_split(cell, problem, options),
            device=device,
            size=settings.grid,
        ),
        build=find_classifier().build,
        device=device,
    )
    split = problem.splits.splits[number]
    result = run_split(experiment, split, number, oracle=problem.spare[number])
    share_optimisation(cell, number, kept)
    keep_split(cell, result, asked, time.perf_counter() - start, device=device)
    return read_split(cell, number, labels, classes)


def share_optimisation(cell: Cell, number: int, kept: Kept) -> None:
    """Share learning rate and weight decay, tuned at split 0, with every machine.

    Raises:
        SystemExit: they are not tuned yet, or the folder has other ones.
    """
    path = find_optimisation(cell)
    if path.is_file():
        shared = json.loads(path.read_text(encoding="utf-8"))
        found = kept.once(OPTIMISATION, lambda: shared)
        if found != shared:
            sys.exit(
                f"{kept.path} was begun with {found}, not {shared}; delete it first"
            )
    elif number:
        sys.exit(
            f"split 0 of {cell.name} tunes what all share: run it first (--only 0)"
        )
    elif kept.holds(OPTIMISATION):
        found = kept.once(OPTIMISATION, dict)
        path.write_text(json.dumps(found) + "\n", encoding="utf-8")


def find_labels(problem: Problem, number: int) -> Labels:
    """Find the labels (n,) of the images that a split is tested on."""
    rows = problem.splits.splits[number].test
    if rows is not None:
        return problem.data.labels[rows]
    assert problem.test is not None, "a split has its own test images or a set is given"
    return problem.test.labels


def list_rows(kept: dict[str, dict[str, str]], names: list[str]) -> list[list[str]]:
    """List the rows of a table of gains by name, with p values for people."""
    return [
        [say_p(v) if k in ("p", "p, Holm") else v for k, v in kept[name].items()]
        for name in names
    ]


def summarise_cells(
    suite: str, found: list[list[str]], options: argparse.Namespace
) -> Section:
    kept = merge_table(suite, COLUMNS, found)
    cells = [cell for cell in SUITES[suite] if cell.name in kept]
    rows = list_rows(kept, [cell.name for cell in cells])
    protocol = (
        f"{find_machines(cells)} Balanced accuracy in per cent, mean "
        f"over splits; at most {SIDE} pixels a side, or as the name says; a GAN of "
        f"{options.minutes:g} minutes per split, {options.steps} steps per fit, two "
        "initialisations (four in the opponent and the arm with synthetic images). "
        "Subsets: "
        "disjoint training parts, the whole test part; `all`: five folds of the "
        "training part, twice, with the variance of Nadeau and Bengio, and the "
        "given test part in the last column; `grouped`: the same with whole groups of "
        "images that seem to show one thing. Gain: over the opponent. Gains pair "
        "networks of one seed, of which the placebo has two, so a gain need not equal "
        "the difference of two columns. Oracle: up to"
        f" {HELD_BACK} held-back real images of a class in place of the synthetic "
        "ones, at full weight; of the possible gain: the gain as a part of the "
        f"oracle's, where that is {LEAST:.0%} or more. Detectable: the true gain "
        "over the opponent seen 8 times in 10. All other settings are the defaults."
        f"{say_plans(cells)}"
    )
    return Section(TITLES[suite], protocol, COLUMNS, rows)


def say_plans(cells: list[Cell]) -> str:
    """Say how the planned trainings of a table's GANs differ, as on other machines."""
    plans = {
        cell.name: json.loads(path.read_text(encoding="utf-8"))
        for cell in cells
        if (path := find_plan(cell)).is_file()
    }
    if not plans:
        return ""
    images = sorted((plan["images"], name) for name, plan in plans.items())
    (least, fewest), (most, largest) = images[0], images[-1]
    said = (
        f" In its minutes a GAN saw from {least:,} images ({fewest}) to {most:,} "
        f"({largest})."
    )
    # plans had no half-life of the average at first
    older = [name for name, plan in plans.items() if "ema" not in plan]
    if older:
        every = "all cells" if len(older) == len(plans) else ", ".join(older)
        said += (
            f" The GANs of {every} average their weights with the default half-life of "
            "5,000 images, not a twenty-fifth of the run."
        )
    return said


def make_row(cell: Cell, result: GainResult, given: str = "") -> list[str]:
    """Make the row of a cell; `given` is the gain on the given test part, in words."""
    arms, gain = result.details.arms, result.gains["opponent"]
    names = (
        "plain", "standard", "opponent", "synthetic", "placebo", ORACLE,
        "opponent ×4", "synthetic ×4",
    )  # fmt: skip
    means = [
        f"{100 * arms[n]['balanced_accuracy']:.1f}" if n in arms else "–" for n in names
    ]
    means.insert(6, say_part(arms, gain.mean))
    least = result.details.minimum_detectable_gain
    return [
        cell.name, str(gain.n), *means, say_points(gain.mean),
        say_range(gain), f"{gain.p:.6f}",
        "", say_points(result.gains["placebo"].mean),
        "–" if least is None else f"{100 * least:.1f}", result.verdict.word,
        given,
    ]  # fmt: skip


def say_part(arms: Mapping[str, Mapping[str, float]], gain: float) -> str:
    """Say which part the gain is of the oracle's, where the oracle has one."""
    if ORACLE not in arms:
        return "–"
    possible = arms[ORACLE]["balanced_accuracy"] - arms[OPPONENT]["balanced_accuracy"]
    return f"{gain / possible:+.0%}" if possible >= LEAST else "–"


def say_points(value: float) -> str:
    return f"{100 * value:+.2f}"


def say_p(kept: str) -> str:
    """Say three digits of a p-value.

    Example:
        >>> say_p("0.004513"), say_p("0.000021")
        ('0.005', '<0.001')
    """
    p = float(kept)
    return "<0.001" if p < 0.0005 else f"{p:.3f}"


def say_range(gain: Interval) -> str:
    if gain.n < 2:
        return "–"
    return f"{say_points(gain.low)} … {say_points(gain.high)}"

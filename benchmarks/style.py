"""Do styled images help, on test images as they are and on corrupted ones?

`OMP_NUM_THREADS=1 python -m benchmarks.style --data-dir DIR --out benchmarks/style.md`
runs the splits that `benchmarks/results/` does not have yet, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.gain.problems import Cell, draw_parts, read_set
from benchmarks.gain.records import (
    find_machines,
    find_split,
    keep_split,
    merge_table,
    read_split,
    restore_split,
)
from benchmarks.gain.suite import list_rows, say_points, say_range
from benchmarks.measuring import HERE, Section, positive, update_page
from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside
from ganaug.gain.classifiers.lookup import find_classifier
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.scores import describe_arms, measure_interval
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, STYLE, SYNTHETIC
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import SplitResult, run_split
from ganaug.gain.settings import Settings
from ganaug.gain.shifts.judging import measure_shifted, summarise_shifted
from ganaug.gain.shifts.versions import ShiftedAnswers, choose_tested, list_versions
from ganaug.gain.splitting.inputs import split_set, to_grid
from ganaug.gain.splitting.splits import Splits
from ganaug.gain.styled.inputs import Styles
from ganaug.gain.styled.pools import StyleMaker, pool_by_style
from ganaug.translate.style.styles import ANY, WITHIN

SIDE = 32  # pixels of the longest side
TESTED = 400  # test images, in the classes' own shares
SHOWN = (OPPONENT, STYLE, SYNTHETIC, PLACEBO)
POLICIES, MIXES = ("shapes", "light"), ("none", "mixup")  # of which one is chosen
TITLES = {SYNTHETIC: "style + opponent"}
COLUMNS = (
    "cell", "splits", *(TITLES.get(arm, arm) for arm in SHOWN),
    "gain, points", "95 % interval", "p unshifted",
    *(f"{TITLES.get(arm, arm)}, shifted" for arm in SHOWN),
    "gain shifted", "95 % interval shifted", "p", "p, Holm", "style alone shifted",
    "over placebo shifted", "shifted by corruption: opponent → style + opponent",
    "images that passed", "recipe",
)  # fmt: skip
INTRODUCTION = """\
Does a classifier get better with images in the style of others, on test images as they
are and on corrupted ones? See [the guide](../docs/guide.md). `OMP_NUM_THREADS=1 python
-m benchmarks.style --data-dir DIR --out benchmarks/style.md` runs the splits that
`benchmarks/results/` does not have yet."""


@dataclass(frozen=True)
class Row:
    """A set, and how much of it is taken.

    Attributes:
        data: name of the set.
        per_class: images of each class in a training part; None draws four fifths of
            the set's training part each time.
    """

    data: str
    per_class: int | None = None

    @property
    def name(self) -> str:
        return f"style-{self.data}-{self.per_class or 'all'}"


ROWS = (
    Row("fashion-mnist", 50), Row("cifar10-5k", 50), Row("sign-digits"),
    Row("neu-det", 50), Row("bccd-cells"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Problem:
    """Training images, test images, and the splits of the former."""

    data: LabelledImages
    test: LabelledImages
    splits: Splits


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    asked = [row for row in ROWS if not options.cells or row.name in options.cells]
    made = [cells for row in asked if (cells := run_row(row, options)) is not None]
    section = summarise_rows(made, options)
    print(section.to_markdown())
    if options.out is not None and section.rows:
        update_page(options.out, "Style", [section], introduction=INTRODUCTION)


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.style", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    names = [row.name for row in ROWS]
    add("--cell", nargs="+", choices=names, default=[], dest="cells", metavar="NAME")
    add("--splits", type=positive, default=5, help="splits of a row")
    add("--only", nargs="+", type=int, metavar="K", help="the splits to run now")
    add("--styles", choices=(WITHIN, ANY), default=ANY, help="whose look others take")
    add("--engine", choices=("generate", "optimise"), default="generate")
    add("--images", type=positive, default=6_000, help="that a generator learns from")
    add("--steps", type=positive, default=200, help="steps of each final fit")
    add("--networks", type=positive, default=1, help="networks per arm and split")
    add("--work", type=Path, default=HERE / "results" / "cells", help="finished work")
    add("--results", type=Path, default=HERE / "results", help="finished splits")
    add("--table-only", action="store_true", help="make the table of what is finished")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--device", default="cpu")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def run_row(row: Row, options: argparse.Namespace) -> list[str] | None:
    """Make a row of the splits that are kept and of those run now."""
    problem = make_problem(row, options)
    if problem is None:
        print(f"{row.name} is omitted: there is no {row.data}.npz", file=sys.stderr)
        return None
    numbers = range(min(options.splits, len(problem.splits.splits)))
    found = [run_one(row, problem, number, options) for number in numbers]
    results = [result for result in found if result is not None]
    design = Design(
        overlap=problem.splits.overlap, shared_test=True, margin=0.01,
        pretrained_run=False, classifier="a small network trained from scratch",
        classes=problem.data.classes, kind=STYLE,
    )  # fmt: skip
    return make_row(row, results, design) if results else None


def make_problem(row: Row, options: argparse.Namespace) -> Problem | None:
    """Read a set, draw its training parts, and take some of its test images."""
    found = read_set(row.data, options.data_dir)
    if found is None:
        return None
    train, test = (to_grid(part, fit_inside(part.size, SIDE)) for part in found)
    test = test.subset(choose_tested(test.labels, TESTED, seed=0))
    if row.per_class is None:
        return Problem(
            train, test, split_set(train, options.splits, given=True, seed=0)
        )
    drawn = draw_parts(Cell(row.data, row.per_class), train, test, options.splits)
    return Problem(drawn.data, test, drawn.splits)


def run_one(
    row: Row, problem: Problem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    """Read a split that is kept, or run it; None if --only omits it."""
    known = read_one(row, problem, number, options)
    if known is not None:
        restore_split(row, known, options.results)
    omitted = options.only is not None and number not in options.only
    if known is not None or options.table_only or omitted:
        return known
    start, device = time.perf_counter(), engine.pick_device(options.device)
    experiment = make_experiment(row, problem, options)
    result = run_split(experiment, problem.splits.splits[number], number)
    keep_shifted(row, result, options.results)
    seconds = time.perf_counter() - start
    asked = list_asked(options)
    keep_split(row, result, asked, seconds, options.results, device)
    return read_one(row, problem, number, options)


def make_experiment(
    row: Row, problem: Problem, options: argparse.Namespace
) -> Experiment:
    device = engine.pick_device(options.device)
    maker = StyleMaker(
        styles=Styles(options.styles), device=device, engine=options.engine,
        training={"images": options.images},
    )  # fmt: skip
    settings = Settings(
        steps=options.steps, initialisations=options.networks, ensemble=False,
        tune=False, policies=POLICIES, mixes=MIXES,
        mixtures=((0.5, 1.0, "hard", 0.0),),
        grid=problem.data.size, per_class=50,
    )  # fmt: skip
    return Experiment(
        data=problem.data,
        test=problem.test,
        settings=settings,
        kept=Kept(options.work / row.name, list_asked(options)),
        make_pool=pool_by_style(
            maker, per_class=settings.per_class, size=settings.grid
        ),
        build=find_classifier().build,
        device=device,
        shifts=True,
        styled=True,
    )  # fmt: skip


def list_asked(options: argparse.Namespace) -> dict[str, float | str]:
    """List the options that the result of a split depends on."""
    names = ("styles", "engine", "images", "steps", "networks")
    return {name: getattr(options, name) for name in names}


def keep_shifted(row: Row, result: SplitResult, results: Path) -> None:
    """Write a bit per network, version and corrupted image: whether it was right."""
    assert result.shifted is not None, "test images are corrupted"
    rows, labels = result.shifted.rows, result.labels
    hits = {
        arm: np.packbits(answers == labels[rows], axis=2)
        for arm, answers in result.shifted.answers.items()
    }
    failed = {
        arm: np.flatnonzero((answers < 0).all(axis=(1, 2))).tolist()
        for arm, answers in result.shifted.answers.items()
    }
    path = find_shifted(row, result.number, results)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        np.savez_compressed(
            file, rows=rows, failed=np.array(json.dumps(failed)),
            **{f"hits_{arm}": bits for arm, bits in hits.items()},
        )  # fmt: skip


def find_shifted(row: Row, number: int, results: Path) -> Path:
    return find_split(row, number, results).with_name(f"shifted-{number:02d}.npz")


def read_one(
    row: Row, problem: Problem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    """Restore a split; a network that was wrong said the next class."""
    labels, k = problem.test.labels, len(problem.test.classes)
    known = read_split(row, number, labels, k, list_asked(options), options.results)
    if known is None:
        return None
    with np.load(find_shifted(row, number, options.results)) as file:
        rows, failed = file["rows"], json.loads(str(file["failed"]))
        hits = {
            name.removeprefix("hits_"): np.unpackbits(
                file[name], axis=2, count=len(rows)
            ).astype(bool)
            for name in file.files
            if name.startswith("hits_")
        }
    own = labels[rows]
    answers = {}
    for arm, right in hits.items():
        answers[arm] = np.where(right, own, (own + 1) % k).astype(np.int16)
        answers[arm][failed[arm]] = -1
    versions = list_versions(problem.test.channels)
    return replace(known, shifted=ShiftedAnswers(versions, rows, answers))


def make_row(row: Row, results: Sequence[SplitResult], design: Design) -> list[str]:
    shifted, arms = summarise_shifted(results, design), describe_arms(results)
    assert shifted is not None, "test images are corrupted"
    gain = measure_interval(results, SYNTHETIC, OPPONENT, design.overlap, shared=True)
    moved = shifted.gains[OPPONENT]
    alone = measure_shifted(results, STYLE, OPPONENT, design)
    said = [result.say_recipe(SYNTHETIC) for result in results]
    return [
        row.name, str(gain.n),
        *(f"{100 * arms[arm]['balanced_accuracy']:.1f}" for arm in SHOWN),
        say_points(gain.mean), say_range(gain), f"{gain.p:.6f}",
        *(f"{100 * shifted.average(arm):.1f}" for arm in SHOWN),
        say_points(moved.mean), say_range(moved), f"{moved.p:.6f}", "",
        f"{say_points(alone.mean)} ({say_range(alone)})",
        say_points(shifted.gains[PLACEBO].mean),
        "; ".join(
            f"{name} {_average(own)} → {_average(shifted.arms[SYNTHETIC][name])}"
            for name, own in shifted.arms[OPPONENT].items()
        ),
        f"{np.mean([result.kept.sum() for result in results]):.0f}",
        max(said, key=said.count),
    ]  # fmt: skip


def _average(scores: Sequence[float]) -> str:
    return f"{100 * float(np.mean(scores)):.1f}"


def summarise_rows(found: list[list[str]], options: argparse.Namespace) -> Section:
    kept = merge_table("style", COLUMNS, found, options.results)
    rows = [row for row in ROWS if row.name in kept]
    cells = list_rows(kept, [row.name for row in rows])
    protocol = (
        f"{find_machines(rows, options.results)} Balanced accuracy in per cent at up "
        f"to {SIDE} pixels, mean over splits, on up to {TESTED} test images as they "
        "are, and *shifted*: the mean over 25 (grey) or 30 corrupted versions of each: "
        "noise, blur, contrast, brightness, JPEG and hue at five severities. "
        "No arm's classical augmentation changes light, contrast, sharpness, noise or "
        "colour; styles do change light, contrast and colour. "
        f"The opponent is the best of {len(POLICIES) * len(MIXES) + 1} trainings "
        "without synthetic images, chosen on unshifted parts of the training part "
        "alone, as everything is; *style*: images in the style of others, drawn by "
        f"`{options.engine}` (a generator that saw {options.images:,} images) from the "
        f"training part (`{options.styles}`) and filtered, "
        "mixed in as the only augmentation; *style + opponent*: mixed into the "
        "opponent; *placebo*: real images in their place. Gains are those of style + "
        f"opponent over the opponent, p is of the shifted one. {options.steps} steps "
        f"per fit, networks per arm: {options.networks}. Rows of fewer than five "
        "splits are unfinished."
    )
    return Section("Style", protocol, COLUMNS, cells)


if __name__ == "__main__":
    main()

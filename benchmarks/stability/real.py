"""Small sets of images: equal minutes for every recipe, and four conditionings.

A run's images are planned once for each set, by timing on an idle machine
(`--plan-only`), and kept on disk; so rows may be made on a busy one. Each recipe of the
first table is timed itself; conditionings see as many images as the default does.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.gain.problems import read_set
from benchmarks.measuring import Section
from benchmarks.stability.cells import Figures, keep, make_slug, write_rows
from benchmarks.stability.pictures import keep_strip, show_pictures
from benchmarks.stability.tables import (
    COLUMNS,
    DRAWN,
    FIGURES,
    GRID,
    MOST_JUDGE,
    REAL,
    describe,
    make_rows,
)
from ganaug import LabelledImages, Synthesizer, engine, train
from ganaug.classify.fit import Classifier, fit_classifier
from ganaug.classify.flips import with_flips
from ganaug.config import TrainConfig
from ganaug.data.fingerprint import Fingerprint, take_fingerprint
from ganaug.data.resize import fit_inside
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gan.plan import make_plan
from ganaug.metrics.copies import CopySearch
from ganaug.metrics.copy_share import compare_copies
from ganaug.metrics.diversity import within_class_diversity
from ganaug.metrics.kernel import kernel_distance

JUDGE_STEPS = 1_500
TIMINGS = 3
DEFAULT = "default"
SEEDS = range(3)
CPU = torch.device("cpu")
CSV_COLUMNS = ("set", "per_class", "row", "seed", *FIGURES, "images", "machine")

RECIPES: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "bce-ns": {"loss": "bce-ns", "penalties": None},
    "bce-ns + R1": {"loss": "bce-ns"},
    "hinge": {"loss": "hinge", "penalties": None, "norm_d": "spectral"},
    "wgan-gp": {"loss": "wgan-gp"},
    "default + mode-seeking": {"diversity": "mode-seeking"},
    "default + entropy": {"diversity": "entropy"},
    "default + batch_std=4": {"batch_std": 4},
    "default + pack=2": {"pack": 2},
}
CONDITIONS: dict[str, dict[str, Any]] = {
    name: {"conditioning": name}
    for name in ("class", "separate", "image", "image-warp")
}


@dataclass(frozen=True)
class Part:
    """Rows of one table: each recipe on each set and number of images per class."""

    title: str
    sets: tuple[tuple[str, int], ...]
    recipes: dict[str, dict[str, Any]]
    timed: bool = False  # each recipe, not the default alone


EQUAL = Part(
    "Recipes in equal time",
    (("fashion-mnist", 50), ("sign-digits", 20)),
    RECIPES,
    timed=True,
)
CONDITIONINGS = Part(
    "Conditionings",
    (("fashion-mnist", 5), ("fashion-mnist", 20), ("fashion-mnist", 100)),
    CONDITIONS,
)


class Problem(NamedTuple):
    """Training images of a seed, held-out ones, and a classifier as the judge."""

    train: LabelledImages
    fingerprint: Fingerprint
    held: LabelledImages
    judge: Classifier


def run_equal(options: argparse.Namespace) -> Section | None:
    return run_part("equal", EQUAL, options)


def run_conditions(options: argparse.Namespace) -> Section | None:
    return run_part("conditions", CONDITIONINGS, options)


def run_part(name: str, part: Part, options: argparse.Namespace) -> Section | None:
    """Make the table of all finished runs, and a CSV file beside the page."""
    found = [
        figures
        for figures in iterate_runs(name, part, options)
        if figures is not None
    ]  # fmt: skip
    if not found:
        return None
    if options.out is not None:
        path = options.out.parent / "results" / f"stability_{name}.csv"
        lines = [[figures[column] for column in CSV_COLUMNS] for figures in found]
        write_rows(path, CSV_COLUMNS, lines)
    plans = [options.work / name / label_of(*of) / "gan.json" for of in part.sets]
    prose = describe(found, plans, options.minutes, each=part.timed)
    if options.out is not None and part.timed:
        prose += show_pictures(options.work / name, part.recipes, options.out.parent)
    return Section(part.title, prose, COLUMNS, make_rows(found))


def label_of(data: str, per_class: int) -> str:
    return f"{data}-{per_class}"


def iterate_runs(
    name: str, part: Part, options: argparse.Namespace
) -> Iterator[Figures | None]:
    """Yield the part's runs on every set that is there; None for an unfinished one."""
    device = engine.pick_device(options.device)
    for data, per_class in part.sets:
        sets = read_set(data, options.data_dir)
        label = label_of(data, per_class)
        if sets is not None and (not options.sets or label in options.sets):
            folder = options.work / name / label
            small = SmallSet(data, per_class, *sets)
            yield from iterate_set(part, small, folder, device, options)


class SmallSet(NamedTuple):
    """A set and how many images of each class a run trains on."""

    name: str
    per_class: int
    train: LabelledImages
    test: LabelledImages


def iterate_set(
    part: Part,
    small: SmallSet,
    folder: Path,
    device: torch.device,
    options: argparse.Namespace,
) -> Iterator[Figures | None]:
    """Yield every seed and row of one set, once its runs are planned."""
    plan = plan_runs(
        folder / "gan.json", part.recipes if part.timed else {DEFAULT: {}},
        lambda: draw_images(small.train, small.per_class, 0), options,
    )  # fmt: skip
    if options.plan_only or plan is None:
        return
    for seed in choose_seeds(SEEDS, options):
        problem = cache(
            lambda k=seed: make_problem(
                small.train, small.test, small.per_class, k, device
            )
        )
        for row in choose_rows(part, plan, options):
            request = describe_run(row, part, plan, small, seed)
            path = folder / f"{make_slug(row)}-{seed}.json"
            yield keep_run(path, request, measure, problem, device, options)


def choose_seeds(known: Iterable[int], options: argparse.Namespace) -> list[int]:
    """Choose a row's first seeds, as many as the options say, or those they name."""
    chosen = list(known)[: options.seeds]
    return [k for k in chosen if options.only is None or k in options.only]


def choose_rows(part: Part, plan: Figures, options: argparse.Namespace) -> list[str]:
    """Choose the rows that have a number of images, or those of them that are named."""
    rows = [*([REAL] if part.timed else []), *part.recipes]
    if part.timed and options.images is None:
        rows = [row for row in rows if row in plan["images"] or row == REAL]
    return [row for row in rows if not options.rows or row in options.rows]


def describe_run(
    row: str, part: Part, plan: Figures, small: SmallSet, seed: int
) -> Figures:
    """Describe a run by the values that a finished one must agree with."""
    request = {
        "set": small.name, "per_class": small.per_class, "row": row, "seed": seed,
        "images": plan["images"].get(row, plan["images"][DEFAULT]),
        "precision": plan["precision"], "settings": part.recipes.get(row),
    }  # fmt: skip
    return request | ({"images": 0, "precision": None} if row == REAL else {})


def keep_run(
    path: Path,
    request: Figures,
    measure: Callable[[Any, Figures, Path], Figures],
    problem: Callable[[], Any],
    device: torch.device,
    options: argparse.Namespace,
) -> Figures | None:
    """Read a finished run, or make it now; `problem` is made before its time counts."""
    if not path.is_file() and not options.table_only:
        problem()
    return keep(
        path, lambda: measure(problem(), request, path),
        request=request, table_only=options.table_only, device=device,
    )  # fmt: skip


def plan_runs(
    path: Path,
    recipes: dict[str, dict[str, Any]],
    draw: Callable[[], LabelledImages],
    options: argparse.Namespace,
) -> Figures | None:
    """Return `images` of each recipe and `precision` of all, timed once and then read.

    A recipe that is new since then is timed beside the default: it gets the default's
    images times the ratio of their speeds. --images takes the place of a plan, and
    leaves no file.
    """
    if options.images is not None:
        return {"images": {DEFAULT: options.images}, "precision": "float32"}
    plan = time_once(path, recipes, draw, options)
    if plan is None:
        return None
    wanted = [name for name in recipes if not options.rows or name in options.rows]
    for name in [name for name in wanted if name not in plan["images"]]:
        pair = {DEFAULT: recipes[DEFAULT], name: recipes[name]}
        file = path.with_stem(f"{path.stem}-{make_slug(name)}")
        later = time_once(file, pair, draw, options)
        if later is not None:
            plan["images"][name] = scale_images(name, later, plan)
    return plan


def time_once(
    path: Path,
    recipes: dict[str, dict[str, Any]],
    draw: Callable[[], LabelledImages],
    options: argparse.Namespace,
) -> Figures | None:
    """Read the timings of the file, or time the recipes now."""
    return keep(
        path, lambda: time_recipes(draw(), recipes, options.minutes),
        request={"minutes": options.minutes}, table_only=options.table_only,
    )  # fmt: skip


def scale_images(name: str, later: Figures, plan: Figures) -> int:
    """Return the images of a recipe that was timed later, at the plan's own speed.

    Raises:
        SystemExit: it was timed in another precision than the plan.
    """
    if later["precision"] != plan["precision"]:
        raise SystemExit(
            f"{name} was timed in {later['precision']}, the others in "
            f"{plan['precision']}; delete its plan and time it again"
        )
    ratio = plan["images"][DEFAULT] / later["images"][DEFAULT]
    return int(later["images"][name] * ratio)


def time_recipes(
    images: LabelledImages, recipes: dict[str, dict[str, Any]], minutes: float
) -> Figures:
    """Measure how many images each recipe trains on in these minutes.

    Recipes are timed in turns, and medians taken: a machine has good and bad moments.
    """
    fingerprint = with_flips(take_fingerprint(images), images)
    plans: dict[str, list[TrainConfig]] = {name: [] for name in recipes}
    for _ in range(TIMINGS):
        for name, changes in recipes.items():
            made = make_plan(
                images, fingerprint, budget=minutes, device=CPU,
                overrides={**changes, "snapshots": 0},
            )  # fmt: skip
            plans[name].append(made.config)
    precisions = [config.precision for config in plans[DEFAULT]]
    return {
        "images": {
            name: int(np.median([config.images for config in own]))
            for name, own in plans.items()
        },
        "precision": max(set(precisions), key=precisions.count),
    }


def make_problem(
    train_part: LabelledImages,
    test: LabelledImages,
    per_class: int,
    seed: int,
    device: torch.device = CPU,
) -> Problem:
    """Draw a seed's images; the judge learns from the rest of the training part."""
    grid = fit_inside(train_part.size, GRID)
    mine, others = split_rows(train_part, per_class, seed)
    taught = to_grid(train_part.subset(others[:MOST_JUDGE]), grid)
    judge = fit_classifier(
        taught.images, taught.labels, len(taught.classes), steps=JUDGE_STEPS,
        device=device,
    )  # fmt: skip
    rng = np.random.default_rng([seed, per_class, 1])
    held = test.subset(rng.permutation(len(test))[: DRAWN * len(test.classes)])
    train = to_grid(train_part.subset(mine), grid)
    known = with_flips(take_fingerprint(train), train, seed=seed)
    return Problem(train, known, to_grid(held, grid), judge)


def draw_images(
    train_part: LabelledImages, per_class: int, seed: int
) -> LabelledImages:
    """Draw the training images of a seed."""
    mine, _ = split_rows(train_part, per_class, seed)
    return to_grid(train_part.subset(mine), fit_inside(train_part.size, GRID))


def split_rows(
    train_part: LabelledImages, per_class: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the rows: n images of each class, and all others, in random order."""
    order = np.random.default_rng([seed, per_class]).permutation(len(train_part))
    labels = train_part.labels[order]
    first = [np.flatnonzero(labels == k)[:per_class] for k in np.unique(labels)]
    mine = np.concatenate(first)
    return order[mine], order[np.setdiff1d(np.arange(len(order)), mine)]


def measure(problem: Problem, request: Figures, path: Path) -> Figures:
    """Train a run as planned for a CPU, judge what it draws, keep the figures only."""
    if request["row"] == REAL:
        return measure_real(problem, path)
    seed, folder = request["seed"], path.with_suffix("")
    device = str(problem.judge.device)
    config = plan_run(problem.train, problem.fingerprint, request)
    run = train(problem.train, folder, config=config, device=device)
    synthesizer = Synthesizer.load(run, device)
    classes = len(problem.train.classes)
    labels = np.repeat(np.arange(classes), DRAWN)
    images = synthesizer.sample(labels, seed=seed)
    figures = judge_images(problem, images, labels)
    figures["alarms"] = read_alarms(folder)
    shutil.rmtree(folder)
    keep_strip(path.with_suffix(".png"), images, labels)
    return figures


def measure_real(problem: Problem, path: Path) -> Figures:
    """Measure the judge's agreement on held-out images, the ceiling of every row."""
    held = problem.held
    keep_strip(path.with_suffix(".png"), held.images, held.labels)
    agreed = problem.judge.predict_proba(held.images).argmax(axis=1) == held.labels
    return dict.fromkeys(FIGURES) | {"agreement": float(agreed.mean())}


def plan_run(
    images: LabelledImages, fingerprint: Fingerprint, request: Figures
) -> TrainConfig:
    """Plan a run for a CPU, with the changes that are requested."""
    fields = {name: request[name] for name in ("images", "precision", "seed")}
    changes = request["settings"] | fields | {"snapshots": 0}
    return make_plan(images, fingerprint, device=CPU, overrides=changes).config


def read_alarms(folder: Path) -> dict[str, float]:
    """Read each alarm of a run and its classes' runs: the share after which it rang."""
    found: dict[str, float] = {}
    for log in folder.rglob("metrics.jsonl"):
        rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        end = max(row["images"] for row in rows)
        for row in rows:
            if "alarm" in row:
                share = round(row["images"] / end, 3)
                found[row["alarm"]] = min(share, found.get(row["alarm"], 1.0))
    return found


def judge_images(
    problem: Problem, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> Figures:
    """Measure agreement, diversity over the real one, kernel distance and copies."""
    real, judge = problem.held, problem.judge
    agreed = judge.predict_proba(images).argmax(axis=1) == labels
    of_real, of_fake = judge.features(real.images), judge.features(images)
    far = within_class_diversity(of_real, real.labels)
    near = within_class_diversity(of_fake, labels)
    kernels = [
        kernel_distance(of_fake[labels == k], of_real[real.labels == k]) for k in near
    ]
    search = CopySearch(problem.train.images, problem.train.labels)
    share = compare_copies(
        search.score(images, labels).ratio, search.score(real.images, real.labels).ratio
    )
    values = (
        agreed.mean(), np.mean([near[k] / far[k] for k in near]), np.mean(kernels),
        share.share, share.held,
    )  # fmt: skip
    return dict(zip(FIGURES, map(float, values), strict=True))

"""The gain protocol on many sets: a row per split, kept in results/gain_CELL.csv."""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from measuring import (
    HERE,
    Section,
    describe_machine,
    positive,
    update_page,
)
from numpy.typing import NDArray

import ganaug
from ganaug import engine
from ganaug.data.images import LabelledImages
from ganaug.data.resize import fit_inside, resize_pixels
from ganaug.gain.cells import Cells
from ganaug.gain.classifiers import find_classifier
from ganaug.gain.protocol import (
    OPPONENT,
    ORACLE,
    SYNTHETIC,
    SplitResult,
    run_split,
)  # fmt: skip
from ganaug.gain.result import GainResult, measure_interval, summarise
from ganaug.gain.settings import Settings
from ganaug.gain.sources import GanSource, plan_gan
from ganaug.gain.splits import Splits, make_folds_splits, make_split
from ganaug.gain.statistics import Interval, holm

GRID = 32  # pixels of the longest side
FOLDS = 5  # of a set as it is
HELD_BACK = 2  # further real images per training image, for the oracle, where there are
FIELDS = (
    "split", "arm", "balanced_accuracy", "recipe", "kept", "seconds", "machine",
)  # fmt: skip
COLUMNS = (
    "cell", "splits", "plain", "standard", "opponent", "+ synthetic", "placebo",
    "oracle", "opponent ×4", "+ synthetic ×4", "gain, points", "95 % interval", "p",
    "p, Holm", "over placebo", "detectable", "verdict", "on the given test part",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A set and how much of it is taken.

    Attributes:
        data: name of the set.
        per_class: images of each class in a training part; None takes the set as it is
            and draws four fifths of its training part each time.
        tail: imbalance factor of a long tail from 200 images down, or 0.
    """

    data: str
    per_class: int | None = None
    tail: int = 0

    @property
    def name(self) -> str:
        if self.tail:
            return f"{self.data}-tail-{self.tail}"
        return f"{self.data}-{self.per_class or 'all'}"


CORE = (
    Cell("digits", 5), Cell("fashion-mnist", 20), Cell("fashion-mnist", tail=100),
    Cell("mnist", 10), Cell("sign-digits", 10), Cell("bccd-cells"), Cell("neu-det", 20),
)  # fmt: skip
FULL = (
    *CORE, Cell("fashion-mnist", 50), Cell("fashion-mnist", 100),
    Cell("mnist", tail=100), Cell("sign-digits", 30), Cell("sign-digits"),
    Cell("neu-det", 50),
    Cell("cifar10-5k", 50), Cell("cifar10-5k", 100), Cell("cifar10-5k", tail=100),
    Cell("magnetic-tile"),
)  # fmt: skip
SUITES = {"core": CORE, "full": FULL}
HEAD = 200  # images of the largest class of a long tail


@dataclass(frozen=True, eq=False)
class Problem:
    """Images, the splits of them, and what they are tested on.

    Attributes:
        data: real images; those of the given test part come last where each split has
            test images of its own.
        test: the given test part, where all splits are tested on that alone.
        splits: of `data`.
        spare: real images held back for the oracle, for each split.
        given: how many of each split's test images are the given test part.
    """

    data: LabelledImages
    test: LabelledImages | None
    splits: Splits
    spare: tuple[LabelledImages | None, ...]
    given: int = 0


def main(suite: str, words: list[str] | None = None) -> None:
    options = read_options(suite, words)
    found = []
    for cell in SUITES[suite]:
        if options.cells and cell.name not in options.cells:
            continue
        result = run_cell(cell, options)
        if result is not None:
            found.append((cell, result))
    section = summarise_cells(suite, found, options)
    print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Gain", [section])


def read_options(suite: str, words: list[str] | None) -> argparse.Namespace:
    names = [cell.name for cell in SUITES[suite]]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--cell", nargs="+", choices=names, default=[], dest="cells", metavar="NAME")
    add("--splits", type=positive, default=10, help="more keep the earlier ones")
    add("--minutes", type=float, default=3.0, help="of training per GAN")
    add("--steps", type=positive, default=400, help="of each final fit")
    add("--work", type=Path, default=HERE / "results" / "cells", help="finished cells")
    add("--table-only", action="store_true", help="of what is finished")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--device", default="auto")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def run_cell(cell: Cell, options: argparse.Namespace) -> GainResult | None:
    """The cell's splits, those that are finished read from disk."""
    problem = make_problem(cell, options)
    if problem is None:
        print(f"{cell.name} is left out: no {cell.data}.npz", file=sys.stderr)
        return None
    results = [
        result
        for number in range(len(problem.splits.splits))
        if (result := run_one(cell, problem, number, options)) is not None
    ]
    if not results:
        return None
    own, given = part_results(results, problem.given)
    extra = {}
    if given:
        gain = measure_interval(
            given, SYNTHETIC, OPPONENT, problem.splits.overlap, shared=True
        )
        extra["given"] = f"{say_points(gain.mean)} ({say_range(gain)})"
    return summarise(
        own, path=options.work / cell.name, overlap=problem.splits.overlap,
        shared_test=problem.test is not None, margin=0.01, pretrained_run=False,
        classifier="a small network trained from scratch",
        classes=problem.data.classes, details=extra,
    )  # fmt: skip


def part_results(
    results: list[SplitResult], given: int
) -> tuple[list[SplitResult], list[SplitResult]]:
    """The results on the splits' own test images, and on the given ones after them."""
    if not given:
        return results, []

    def cut(result: SplitResult, part: slice) -> SplitResult:
        predictions = {k: p[:, part] for k, p in result.predictions.items()}
        return replace(result, labels=result.labels[part], predictions=predictions)

    parts = (slice(None, -given), slice(-given, None))
    own, rest = ([cut(result, part) for result in results] for part in parts)
    return own, rest


def run_one(
    cell: Cell, problem: Problem, number: int, options: argparse.Namespace
) -> SplitResult | None:
    folder = options.work / cell.name
    finished = folder / f"split-{number:02d}.done"
    if options.table_only and not finished.is_file():
        return None
    device = engine.pick_device(options.device)
    settings = Settings(
        steps=options.steps, gan_minutes=options.minutes, grid=problem.data.size
    )
    cells = Cells(folder, {"steps": options.steps, "minutes": options.minutes})
    split = problem.splits.splits[number]

    def count_images() -> dict[str, int]:
        part = problem.data.subset(problem.splits.splits[0].fit)
        return {
            "images": plan_gan(part, {}, device, budget=options.minutes).config.images
        }

    start = time.perf_counter()
    source = GanSource(
        per_class=settings.per_class,
        overrides=cells.values("gan", count_images),
        device=device,
    )
    result = run_split(
        problem.data, problem.test, split, number, source=source, settings=settings,
        cells=cells, build=find_classifier().build, oracle=problem.spare[number],
    )  # fmt: skip
    if not finished.is_file():
        keep_rows(cell, result, time.perf_counter() - start)
        finished.touch()
    return result


def keep_rows(cell: Cell, result: SplitResult, seconds: float) -> None:
    """A row per arm of a finished split, for the repository."""
    path = HERE / "results" / f"gain_{cell.name}.csv"
    path.parent.mkdir(exist_ok=True)
    fresh = not path.is_file()
    recipes = {name: recipe.say() for name, recipe in result.recipes.items()}
    with open(path, "a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        if fresh:
            writer.writerow(FIELDS)
        for name, networks in result.predictions.items():
            hits = networks.argmax(axis=2) == result.labels
            recalls = [
                hits[:, result.labels == k].mean() for k in np.unique(result.labels)
            ]
            writer.writerow(
                [
                    result.number, name, f"{np.mean(recalls):.5f}", recipes[name],
                    json.dumps(result.kept.tolist()), f"{seconds:.0f}",
                    describe_machine(),
                ]
            )  # fmt: skip


def make_problem(cell: Cell, options: argparse.Namespace) -> Problem | None:
    found = read_set(cell.data, options.data_dir)
    if found is None:
        return None
    train, test = found
    grid = fit_inside(train.size, GRID)
    if cell.per_class is None and not cell.tail:
        problem = draw_folds(train, test, options.splits)
    else:
        problem = draw_parts(cell, train, test, options.splits)
    return replace(
        problem, data=to_size(problem.data, grid),
        test=problem.test and to_size(problem.test, grid),
        spare=tuple(s and to_size(s, grid) for s in problem.spare),
    )  # fmt: skip


def draw_folds(train: LabelledImages, test: LabelledImages, n: int) -> Problem:
    """Five folds of the training part, again and again; the given part tests too."""
    made = make_folds_splits(
        train.labels, train.groups, folds=FOLDS, repeats=-(-n // FOLDS),
        classes=train.classes,
    )  # fmt: skip
    given = np.arange(len(train), len(train) + len(test))
    splits = [
        replace(split, test=np.concatenate([split.test, given]))
        for split in made.splits[:n]
        if split.test is not None
    ]
    both = replace(
        train, images=np.concatenate([train.images, test.images]),
        labels=np.concatenate([train.labels, test.labels]), groups=None, names=(),
    )  # fmt: skip
    made = replace(made, splits=tuple(splits))
    return Problem(both, None, made, (None,) * len(splits), len(test))


def draw_parts(
    cell: Cell, train: LabelledImages, test: LabelledImages, n: int
) -> Problem:
    """Disjoint training parts, and others held back for the oracle while they last."""
    rng = np.random.default_rng(0)
    k = len(train.classes)
    wanted = np.full(k, cell.per_class or 0)
    if cell.tail:
        wanted = np.rint(HEAD * cell.tail ** (-np.arange(k) / (k - 1))).astype(int)
    order = [rng.permutation(np.flatnonzero(train.labels == c)) for c in range(k)]
    most = min(len(o) // int(w) for o, w in zip(order, wanted, strict=True))
    if most < n:
        print(
            f"{cell.name}: {most} disjoint training parts instead of {n}",
            file=sys.stderr,
        )
    n = min(n, most)
    pairs = list(zip(order, wanted, strict=True))
    parts = [
        np.concatenate([o[i * w : (i + 1) * w] for o, w in pairs]) for i in range(n)
    ]
    spare = [draw_spare(order, wanted, i, n, train) for i in range(n)]
    data = train.subset(np.concatenate(parts))
    size = len(parts[0])
    splits = [
        make_split(data.labels, None, np.arange(i * size, (i + 1) * size), seed=i)
        for i in range(n)
    ]
    return Problem(data, test, Splits(tuple(splits), 0.0), tuple(spare))


def draw_spare(
    order: list[NDArray[np.int64]],
    wanted: NDArray[np.int64],
    i: int,
    n: int,
    train: LabelledImages,
) -> LabelledImages | None:
    """Real images of no training part of this split: the next ones, going round."""
    rows = []
    for own, w in zip(order, wanted, strict=True):
        rest = np.concatenate([own[(i + 1) * w :], own[: i * w]])
        rows.append(rest[: max(1, HELD_BACK * int(w))])
    chosen = np.concatenate(rows)
    return train.subset(chosen) if n > 1 else None


def read_set(name: str, folder: str) -> tuple[LabelledImages, LabelledImages] | None:
    if name == "digits":  # a third of them tests
        digits = ganaug.load_images("digits")
        rng = np.random.default_rng(0)
        rows = rng.permutation(len(digits))
        return digits.subset(np.sort(rows[600:])), digits.subset(np.sort(rows[:600]))
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        return None
    with np.load(path) as found:
        names = found.get("class_names")
        arrays = {key: found[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    k = int(arrays["y_train"].max()) + 1
    classes = tuple(map(str, names if names is not None else range(k)))

    def make(part: str) -> LabelledImages:
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"].astype(np.int64)
        images = images[..., None] if images.ndim == 3 else images
        return LabelledImages(images, labels, classes)

    return make("train"), make("test")


def to_size(images: LabelledImages, size: tuple[int, int]) -> LabelledImages:
    if images.size == size:
        return images
    pixels = np.stack([resize_pixels(x, size) for x in images.images])
    return replace(images, images=pixels)


def summarise_cells(
    suite: str, found: list[tuple[Cell, GainResult]], options: argparse.Namespace
) -> Section:
    corrected = holm([result.gains["opponent"].p for _, result in found])
    rows = [
        make_row(cell, result, float(p))
        for (cell, result), p in zip(found, corrected, strict=True)
    ]
    protocol = (
        f"{describe_machine()} Balanced accuracy in per cent, mean over splits; at "
        f"most {GRID} pixels a side; a GAN of {options.minutes:g} minutes per split, "
        f"{options.steps} steps per fit, two initialisations (four in the opponent and "
        "the arm with synthetic images). Subsets: disjoint training parts, the whole "
        "test part; `all`: five folds of the training part, twice, with the variance "
        "of Nadeau and Bengio, and the given test part in the last column. Gain: over "
        "the opponent. Oracle: twice as many held-back real images, half a batch at "
        "full weight. Detectable: the true gain seen 8 times in 10. Defaults as they "
        "are."
    )
    return Section(f"The {suite} suite", protocol, COLUMNS, rows)


def make_row(cell: Cell, result: GainResult, corrected: float) -> list[str]:
    arms, gain = result.details["arms"], result.gains["opponent"]
    names = (
        "plain", "standard", "opponent", "synthetic", "placebo", ORACLE,
        "opponent ×4", "synthetic ×4",
    )  # fmt: skip
    means = [
        f"{100 * arms[n]['balanced_accuracy']:.1f}" if n in arms else "–" for n in names
    ]
    least = result.details["minimum_detectable_gain"]
    return [
        cell.name, str(gain.n), *means, say_points(gain.mean),
        say_range(gain), f"{gain.p:.3f}",
        f"{corrected:.3f}", say_points(result.gains["placebo"].mean),
        "–" if least is None else f"{100 * least:.1f}", result.verdict.word,
        result.details.get("given", ""),
    ]  # fmt: skip


def say_points(value: float) -> str:
    return f"{100 * value:+.2f}"


def say_range(gain: Interval) -> str:
    return f"{say_points(gain.low)} … {say_points(gain.high)}"

"""Do GAN images help where both sides may start from an earlier run's images?

`OMP_NUM_THREADS=1 python -m benchmarks.head_start_gain --data-dir DIR` runs the rows
and seeds that `benchmarks/results/head_start_gain.csv` does not have yet, and writes
their section of `benchmarks/head_start.md`.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.head_start import INTRODUCTION, PAGE, draw, learn
from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from ganaug.gain.classifiers.specs import OnFeatures
from ganaug.gain.gan_pools import GanPoolMaker
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.kept import Kept
from ganaug.gain.protocol.arms import OPPONENT, PLACEBO, STANDARD, SYNTHETIC
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.request import (
    GainOptions,
    GainRequest,
    identify_request,
    make_request,
)
from ganaug.gain.settings import MIXTURES, Settings
from ganaug.gain.started.pretraining import pretrain_once
from ganaug.recipe import PARENT, STARTS

RESULTS = HERE / "results" / "head_start_gain.csv"
ARMS = (STANDARD, OPPONENT, PLACEBO, SYNTHETIC)
FIELDS = (
    "row", "seed", "splits", *ARMS, "opponent started", "synthetic started", "mean",
    "low", "high", "verdict", "machine",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A parent's images and a child's.

    Attributes:
        parent, child: names of the sets.
        known, new: classes of either.
        per_class: images of each class that they learn from, of either.
        side: pixels of a side.
        images: real images that the parent's GAN sees, and each split's.
    """

    parent: str
    child: str
    known: range
    new: range
    per_class: tuple[int, int]
    side: int
    images: tuple[int, int]


SETTINGS = Settings(
    steps=100, tune=False, ensemble=False, initialisations=1, policies=("light",),
    mixes=("none",), mixtures=MIXTURES[4:6], per_class=50,
)  # fmt: skip
ROWS = {
    "mnist → digits, 5 per class": Row(
        "mnist", "digits", range(10), range(10), (200, 5), 8, (6_000, 3_000)
    ),
    "sign-digits 0–4 → 5–9, 10 per class": Row(
        "sign-digits", "sign-digits", range(5), range(5, 10), (140, 10), 32,
        (10_000, 5_000),
    ),
}  # fmt: skip


def main() -> None:
    options = read_options()
    done = {(line["row"], line["seed"]) for line in read_results()}
    for seed in range(options.seeds):
        for name in options.rows or ROWS:
            if (name, str(seed)) not in done and not options.page_only:
                run_row(name, seed, options.splits, options.data_dir)
    write_page(read_results())


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.head_start_gain", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", default=os.environ.get("GANAUG_DATA", "data"))
    parser.add_argument("--seeds", type=positive, default=1)
    parser.add_argument("--splits", type=positive, default=5)
    parser.add_argument("--rows", nargs="+", choices=ROWS, metavar="ROW")
    parser.add_argument("--page-only", action="store_true")
    return parser.parse_args()


def run_row(name: str, seed: int, splits: int, folder: str) -> None:
    """Train a parent, and measure the gain of GANs that start from it."""
    row = ROWS[name]
    parent, _ = draw(row.parent, folder, row.known, row.per_class[0], row.side, seed)
    child, tests = draw(row.child, folder, row.new, row.per_class[1], row.side, seed)
    settings = replace(SETTINGS, grid=(row.side, row.side), seed=seed)
    with tempfile.TemporaryDirectory() as root:
        first = learn(parent, Path(root) / "first", row.images[0], row.side, seed)
        options = GainOptions(
            start=first, start_data=parent, splits=max(2, splits), seed=seed,
            settings=settings, device="cpu",
        )  # fmt: skip
        request = make_request(child, tests, options).cut(splits)
        kept = Kept(Path(root) / "gain", identify_request(request))
        result = measure(request, kept, row.images[1])
        append({"row": name, "seed": seed, **describe(result)})


def measure(request: GainRequest, kept: Kept, images: int) -> GainResult:
    """Measure as `measure_gain` does, with GANs that see so many images."""
    start, settings = request.start, request.settings
    assert start is not None
    build = request.classifier.build
    assert not isinstance(build, OnFeatures)
    experiment = Experiment(
        data=request.data, test=request.test, settings=settings, kept=kept, build=build,
        make_pool=GanPoolMaker(
            per_class=settings.per_class, size=settings.grid, device=request.device,
            overrides={"images": images, "precision": "float32"}, parent=start.parent,
        ),
        parent=pretrain_once(start, settings, build, kept),
    )  # fmt: skip
    results = []
    for number, split in enumerate(request.splits.splits):
        results.append(run_split(experiment, split, number))
        print(number, results[-1].recipes[OPPONENT].say(), flush=True)
    design = Design(
        classes=request.data.classes, classifier="a small network", start=start.name,
        pretrained_run=False, margin=0.01, overlap=request.splits.overlap,
        shared_test=True,
    )  # fmt: skip
    return summarise(results, design, path=kept.path)


def describe(result: GainResult) -> dict[str, object]:
    """Return the fields of a result."""
    gain, details = result.verdict.against_opponent, result.details
    means = {arm: details.arms[arm]["balanced_accuracy"] for arm in ARMS}
    return {
        "splits": gain.n,
        **{arm: f"{mean:.5f}" for arm, mean in means.items()},
        "opponent started": count_started(details.recipes[OPPONENT]),
        "synthetic started": count_started(details.recipes[SYNTHETIC]),
        "mean": f"{gain.mean:.5f}", "low": f"{gain.low:.5f}",
        "high": f"{gain.high:.5f}", "verdict": result.verdict.word,
        "machine": describe_machine(),
    }  # fmt: skip


def count_started(recipes: Sequence[str]) -> int:
    """Count the splits that chose the classifier of the parent's images."""
    return Counter(said.startswith(STARTS[PARENT]) for said in recipes)[True]


def append(line: dict[str, object]) -> None:
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        writer.writerow(line)


def read_results() -> list[dict[str, str]]:
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_page(lines: Sequence[dict[str, str]]) -> None:
    machine = join_machines(line["machine"] for line in lines)
    section = Section(
        "Gain from a head start",
        "`ganaug gain --start`: the parent's networks start each split's GAN, and "
        "classifiers without and with its images may start from one that was trained "
        "on the parent's images (*started*: splits that chose so). Balanced accuracy "
        "in %, means over splits, on all images that nobody learned from; fits of "
        f"{SETTINGS.steps} steps, one network an arm; one or two splits say nothing "
        f"about chance. `python -m benchmarks.head_start_gain` runs it. {machine}",
        (
            "parent → child", "seed", "splits", "from scratch", "best without GAN",
            "started", "placebo", "with GAN", "started", "gain, points", "verdict",
        ),
        [list_cells(line) for line in lines],
    )  # fmt: skip
    update_page(PAGE, "A head start", [section], introduction=INTRODUCTION)


def list_cells(line: dict[str, str]) -> list[str]:
    mean, low, high = (100 * float(line[name]) for name in ("mean", "low", "high"))
    reach = "no interval" if line["splits"] == "1" else f"{low:+.1f} to {high:+.1f}"
    percent = {arm: f"{100 * float(line[arm]):.1f}" for arm in ARMS}
    return [
        line["row"], line["seed"], line["splits"], percent[STANDARD],
        percent[OPPONENT], line["opponent started"], percent[PLACEBO],
        percent[SYNTHETIC], line["synthetic started"], f"{mean:+.1f} ({reach})",
        line["verdict"],
    ]  # fmt: skip


if __name__ == "__main__":
    main()

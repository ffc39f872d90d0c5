"""Is the gain protocol right? Verdicts on cases whose answer is known.

    python -m benchmarks.gain.proof [CASE …] [--data-dir FOLDER]

nothing: the synthetic images are the batch's own real images once more (A/A).
another: they are real images augmented again, as the placebo is, drawn anew.
help:    they are real images held back; harm: these with wrong labels (A/B).
Every verdict is a row of results/gain_proof.csv; the same command resumes.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from torch import nn

import ganaug
from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from ganaug.data.images import LabelledImages
from ganaug.gain.judgement.design import Design
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.judgement.statistics import paired_interval
from ganaug.gain.kept import Arrays, Kept
from ganaug.gain.pools import Pool, PoolMaker, augment_again
from ganaug.gain.protocol.split_data import Experiment
from ganaug.gain.protocol.split_run import run_split
from ganaug.gain.settings import Settings
from ganaug.gain.splitting.folds import make_folds_splits
from ganaug.gain.splitting.splits import Split, Splits
from ganaug.gain.splitting.training_parts import make_split

CSV = HERE / "results" / "gain_proof.csv"
FIELDS = (
    "case", "number", "word", "opponent", "opponent_low", "opponent_high",
    "placebo", "placebo_low", "placebo_high", "recipes", "seconds", "machine",
)  # fmt: skip
PER_CLASS, HELD_BACK, SPLITS = 20, 100, 5
EVEN = np.full(10, PER_CLASS)
ELSEWHERE = 500  # distance of a split's seed to that of its other pool
VERDICTS, MOST_FALSE = 300, 21  # the 95 % limit of a true share of .05
CHEAP = Settings(
    steps=40, initialisations=2, ensemble=False, tune=False, policies=("none",),
    mixes=("none", "mixup", "cutmix"), grid=(8, 8),
)  # fmt: skip
KNOWN = Settings(
    steps=300, initialisations=2, ensemble=False, tune=False, policies=("none",),
    mixes=("none", "mixup", "cutmix"), grid=(28, 28),
    mixtures=((0.5, 1.0, "hard", 0.0),),
)  # fmt: skip


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    for case in options.cases:
        done = {int(row["number"]) for row in read_rows() if row["case"] == case}
        for number in range(options.verdicts[case]):
            if number not in done:
                append_row(run_case(case, number, options))
    sections = [summarise_rows()]
    print(sections[0].to_markdown())
    if options.out is not None:
        update_page(options.out, "Is the verdict right?", sections)


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("cases", nargs="*", default=list(CASES), help=", ".join(CASES))
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--nothing", type=positive, default=300, help="verdicts of it and `another`")
    add("--known", type=positive, default=10, help="verdicts of each other case")
    add("--out", type=Path, help="page to write the table to")
    options = parser.parse_args(words)
    known = dict.fromkeys(("help", "harm"), options.known)
    none = dict.fromkeys(("nothing", "another"), options.nothing)
    options.verdicts = {**none, **known}
    return options


def run_case(case: str, number: int, options: argparse.Namespace) -> dict[str, str]:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = CASES[case](number, Path(folder), options)
    rival, placebo = result.gains["opponent"], result.gains["placebo"]
    figures = (
        rival.mean,
        rival.low,
        rival.high,
        placebo.mean,
        placebo.low,
        placebo.high,
    )
    recipes = " | ".join(sorted(set(result.details.recipes["synthetic"])))
    seconds = f"{time.perf_counter() - start:.1f}"
    values = (
        case, number, result.verdict.word, *(f"{f:.5f}" for f in figures), recipes,
        seconds, describe_machine(),
    )  # fmt: skip
    return dict(zip(FIELDS, map(str, values), strict=True))


def judge_nothing(number: int, folder: Path, options: argparse.Namespace) -> GainResult:
    """Judge repeated batches: 200 digits in five folds, softmax regression."""

    def make_pool(fit: LabelledImages, _: Path, seed: int) -> Arrays:
        pool = Pool(fit.images, fit.labels, one_hot(fit.labels), echo=True)
        return to_arrays(pool, make_placebo(fit), echo=True)

    return judge_digits(number, folder, make_pool)


def judge_another(number: int, folder: Path, options: argparse.Namespace) -> GainResult:
    """Judge a pool that differs from the placebo's by chance alone."""

    def make_pool(fit: LabelledImages, _: Path, seed: int) -> Arrays:
        placebo = make_placebo(fit)
        pool = augment_again(placebo, "rand", EVEN, seed=seed + ELSEWHERE)
        return to_arrays(pool, placebo)

    return judge_digits(number, folder, make_pool)


def judge_digits(number: int, folder: Path, make_pool: PoolMaker) -> GainResult:
    digits = ganaug.load_images("digits")
    data = digits.subset(draw_rows(digits.labels, PER_CLASS, number))
    made = make_folds_splits(data.labels, folds=SPLITS, seed=number)
    experiment = set_up(data, None, CHEAP, make_pool, folder=folder, seed=number)
    return run(experiment, made)


def judge_help(number: int, folder: Path, options: argparse.Namespace) -> GainResult:
    """Judge five disjoint parts of fashion-mnist; the pool has other real images."""
    return judge_fashion(number, folder, options, spoil=False)


def judge_harm(number: int, folder: Path, options: argparse.Namespace) -> GainResult:
    """Judge the same images with wrong labels, half a batch at full weight."""
    return judge_fashion(number, folder, options, spoil=True)


def judge_fashion(
    number: int, folder: Path, options: argparse.Namespace, *, spoil: bool
) -> GainResult:
    train, test = read_fashion(options.data_dir)
    rows = draw_rows(train.labels, SPLITS * (PER_CLASS + HELD_BACK), 1_000 + number)
    rows = rows.reshape(10, SPLITS, -1)
    parts = [rows[:, k, :PER_CLASS].ravel() for k in range(SPLITS)]
    spare = [train.subset(rows[:, k, PER_CLASS:].ravel()) for k in range(SPLITS)]
    data = train.subset(np.concatenate(parts))
    size = 10 * PER_CLASS
    splits: list[Split] = [
        make_split(
            data.labels, None, np.arange(k * size, (k + 1) * size), seed=number + k
        )
        for k in range(SPLITS)
    ]

    def make_pool(fit: LabelledImages, _: Path, seed: int) -> Arrays:
        further = spare[(seed - number) // 1000]
        pool = Pool(further.images, further.labels, one_hot(further.labels))
        pool = spoil_labels(pool, 10, seed=seed) if spoil else pool
        return to_arrays(pool, make_placebo(fit))

    made = Splits(tuple(splits), 0.0)
    experiment = set_up(data, test, KNOWN, make_pool, folder=folder, seed=number)
    return run(experiment, made)


CASES: dict[str, Callable[[int, Path, argparse.Namespace], GainResult]] = {
    "nothing": judge_nothing, "another": judge_another, "help": judge_help,
    "harm": judge_harm,
}  # fmt: skip


def set_up(
    data: LabelledImages,
    test: LabelledImages | None,
    settings: Settings,
    make_pool: PoolMaker,
    *,
    folder: Path,
    seed: int,
) -> Experiment:
    return Experiment(
        data=data,
        test=test,
        settings=replace(settings, seed=seed),
        kept=Kept(folder, {}),
        make_pool=make_pool,
        build=build_linear,
    )


def run(experiment: Experiment, made: Splits) -> GainResult:
    """Run all splits and reach a verdict, choices included."""
    results = [
        run_split(experiment, split, number) for number, split in enumerate(made.splits)
    ]
    design = Design(
        overlap=made.overlap,
        shared_test=experiment.test is not None,
        margin=0.01,
        classifier="a cheap classifier",
        pretrained_run=True,
        classes=experiment.data.classes,
    )
    return summarise(results, design, path=experiment.kept.path)


def draw_rows(labels: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """Draw n rows of each class, class by class."""
    rng = np.random.default_rng(seed)
    picks = [
        rng.choice(np.flatnonzero(labels == k), n, replace=False) for k in range(10)
    ]
    return np.concatenate(picks)


def make_placebo(fit: LabelledImages) -> Pool:
    """Make the protocol's placebo; its soft labels are the true ones."""
    return Pool(fit.images, fit.labels, one_hot(fit.labels))


def to_arrays(pool: Pool, placebo: Pool, *, echo: bool = False) -> Arrays:
    return {
        "images": pool.images, "labels": pool.labels, "soft": pool.soft,
        "placebo_images": placebo.images, "placebo_labels": placebo.labels,
        "placebo_soft": placebo.soft,
        "flips": np.zeros(2, bool), "echo": np.array(echo),
    }  # fmt: skip


def one_hot(labels: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.eye(10, dtype=np.float32)[labels]


def spoil_labels(pool: Pool, n_classes: int, *, seed: int = 0) -> Pool:
    """Give each image a wrong label; the images stay the same.

    Example:
        >>> x, y = np.zeros((3, 8, 8, 1), np.uint8), np.array([0, 1, 1])
        >>> pool = Pool(x, y, np.eye(2, dtype=np.float32)[y])
        >>> spoil_labels(pool, 2).labels
        array([1, 0, 0])
    """
    moved = np.random.default_rng(seed).integers(1, n_classes, len(pool))
    labels = (pool.labels + moved) % n_classes
    return replace(
        pool, labels=labels, soft=np.eye(n_classes, dtype=np.float32)[labels]
    )


def build_linear(
    size: tuple[int, int], channels: int, n_classes: int, seed: int
) -> nn.Module:
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(size[0] * size[1] * channels, n_classes)
    )
    rng = np.random.default_rng(seed)
    weight = network[1].weight
    weight.data.copy_(weight.new_tensor(rng.normal(0, 0.05, weight.shape)))
    nn.init.zeros_(network[1].bias)
    return network


def read_fashion(folder: str) -> tuple[LabelledImages, LabelledImages]:
    path = Path(folder) / "fashion-mnist.npz"
    if not path.is_file():
        raise SystemExit(
            f"{path} is missing: Fashion-MNIST comes from Zalando Research's repository"
        )
    classes = tuple(map(str, range(10)))
    with np.load(path) as found:
        parts = [
            (found[f"x_{p}"][..., None], found[f"y_{p}"].astype(np.int64))
            for p in ("train", "test")
        ]
    train, test = (LabelledImages(x, y, classes) for x, y in parts)
    return train, test.subset(np.arange(3_000))


def read_rows() -> list[dict[str, str]]:
    if not CSV.is_file():
        return []
    with open(CSV, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def append_row(row: dict[str, str]) -> None:
    CSV.parent.mkdir(exist_ok=True)
    fresh = not CSV.is_file()
    with open(CSV, "a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)


def summarise_rows() -> Section:
    columns = (
        "case", "verdicts", "helps", "no difference", "hurts", "cannot tell",
        "beats the opponent", "beats the placebo", "mean gain, points", "target",
        "result",
    )  # fmt: skip
    rows = read_rows()
    table = [
        describe_case(case, own)
        for case in CASES
        if (own := [row for row in rows if row["case"] == case])
    ]
    return Section("Verdicts on known cases", describe_protocol(), columns, table)


def describe_case(case: str, rows: list[dict[str, str]]) -> list[str]:
    words = [row["word"] for row in rows]
    counts = [
        str(words.count(w)) for w in ("helps", "no difference", "hurts", "cannot tell")
    ]
    rivals = [
        str(sum(float(row[f"{rival}_low"]) > 0 for row in rows))
        for rival in ("opponent", "placebo")
    ]
    gain = 100 * np.mean([float(row["opponent"]) for row in rows])
    return [
        case, str(len(rows)), *counts, *rivals, f"{gain:+.2f}",
        *TARGETS[case](words),
    ]  # fmt: skip


def judge_false_opens(words: list[str]) -> list[str]:
    opens, n = words.count("helps"), len(words)
    interval = stats.binomtest(opens, n).proportion_ci()
    said = f"{opens / n:.1%} ({interval.low:.1%} to {interval.high:.1%})"
    met = opens <= MOST_FALSE * n / VERDICTS
    so_far = "" if n >= VERDICTS else f"so far, {n} of {VERDICTS} run, "
    said = f"{so_far}{'met' if met else 'missed'}: {said}"
    return [f"≤{MOST_FALSE} of {VERDICTS} help", said]


def judge_known(word: str) -> Callable[[list[str]], list[str]]:
    def judge(words: list[str]) -> list[str]:
        right = words.count(word)
        met = "met" if right == len(words) else "missed"
        return [f"all {word}", f"{met}: {right} of {len(words)}"]

    return judge


TARGETS: dict[str, Callable[[list[str]], list[str]]] = {
    "nothing": judge_false_opens,
    "another": judge_false_opens,
    "help": judge_known("helps"),
    "harm": judge_known("hurts"),
}


def describe_protocol() -> str:
    machines = join_machines(row["machine"] for row in read_rows())
    return (
        f"{machines} nothing: 20 digits per class, five folds, softmax regression of "
        "40 steps, two initialisations, each batch's own images once more as the "
        "synthetic ones, opponent and mixture chosen among 3 and 12. another: the "
        "same, but the synthetic images are real ones augmented again, as the "
        "placebo's are unless that is worse; then only chance tells the two apart. "
        "help and harm: fashion-mnist at 20 per class, five disjoint training "
        "parts, 3,000 test images, softmax regression of 300 steps; the pool has "
        "100 further real images per class, half of each batch at full weight, with "
        "right or wrong labels. The placebo has the training part's images. To help "
        f"is to beat both. {say_equal()}"
    )


def say_equal() -> str:
    """Say how many verdicts of the null case compare equal accuracies."""
    rows = [row for row in read_rows() if row["case"] == "nothing"]
    image = SPLITS / (PER_CLASS * 10)
    of_image = paired_interval(
        np.zeros(SPLITS), overlap=1 / (SPLITS - 1), resolution=image
    )
    none = f"{0:.5f}", f"{of_image.high:.5f}"
    equal = sum((row["opponent"], row["opponent_high"]) == none for row in rows)
    return (
        f"In {equal} of the {len(rows)} verdicts on nothing the repeated images change "
        "no accuracy in any split, so the gain is 0 with the interval of one test "
        "image: these test that nothing leaks in; the others test the interval too."
    )


if __name__ == "__main__":
    main()

"""A first look at the question: real images against real + synthetic ones.

    python -m benchmarks.gain [--budget MINUTES | --images N] [--data-dir FOLDER]

Every finished cell is a row of gain.csv; the same command resumes.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import ganaug
from benchmarks.measuring import HERE, Section, describe_machine, positive, update_page
from ganaug.classify.fit import fit_classifier
from ganaug.classify.flips import with_flips
from ganaug.data.fingerprint import take_fingerprint

SETS = ("digits", "fashion-mnist")
REAL, BOTH = "real", "real + synthetic"
CLASSES = tuple(map(str, range(10)))
# the columns that tell one cell from another, then what was found
KEY = ("set", "per_class", "seed", "gan", "synthetic", "steps", "arm")
FIELDS = (*KEY, "accuracy", "gan_images", "seconds")
COLUMNS = (
    "set", "arm", "runs", "mean accuracy, %", "SD", "paired difference, points",
    "95 % interval",
)  # fmt: skip
WHERE = (
    "comes from the Fashion-MNIST repository of Zalando Research; save it as "
    "fashion-mnist.npz with x_train, y_train, x_test and y_test, and give its folder "
    "with --data-dir or in GANAUG_DATA"
)

Images = NDArray[np.uint8]  # (n, h, w, c)
Labels = NDArray[np.int64]  # (n,)
Cell = dict[str, str]


@dataclass(frozen=True)
class Problem:
    """A small training set and a large test set."""

    train: tuple[Images, Labels]
    test: tuple[Images, Labels]


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    for name in options.sets:
        if name != "digits" and not find_file(name, options.data_dir).is_file():
            print(f"{name} is omitted: it {WHERE}", file=sys.stderr)
            continue
        for seed in range(options.seeds):
            fill_cells(name, seed, options)
    section = summarise(options)
    print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Gain, a first look", [section])


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gain", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--sets", nargs="+", choices=SETS, default=list(SETS))
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--seeds", type=positive, default=5, help="paired runs")
    add("--per-class", type=positive, default=20, help="real images for training")
    add("--synthetic", type=positive, default=100, help="synthetic images per class")
    add("--budget", type=float, default=1.0, help="minutes of training per GAN")
    add("--images", type=positive, help="images that a GAN sees, instead of minutes")
    add("--steps", type=positive, default=500, help="of the classifier, in both arms")
    add("--csv", type=Path, default=HERE / "gain.csv", help="finished cells")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def fill_cells(name: str, seed: int, options: argparse.Namespace) -> None:
    """Measure both arms of one pair, unless they are in the CSV file already."""
    done = {tuple(cell[k] for k in KEY) for cell in read_cells(options.csv)}
    keys = {arm: make_key(name, seed, arm, options) for arm in (REAL, BOTH)}
    missing = {arm: key for arm, key in keys.items() if tuple(key.values()) not in done}
    if not missing:
        return
    problem = read_problem(name, seed, options)
    for arm, key in missing.items():
        start = time.perf_counter()
        images, labels, seen = *problem.train, 0
        if arm == BOTH:
            images, labels, seen = add_synthetic(problem, seed, options)
        accuracy = score(images, labels, problem, seed, options.steps)
        found = (f"{accuracy:.5f}", str(seen), f"{time.perf_counter() - start:.1f}")
        append_cell(
            options.csv, {**key, **dict(zip(FIELDS[len(KEY) :], found, strict=True))}
        )


def make_key(name: str, seed: int, arm: str, options: argparse.Namespace) -> Cell:
    minutes, images = f"{options.budget:g} min", f"{options.images} images"
    gan = minutes if options.images is None else images
    values = (name, options.per_class, seed, gan, options.synthetic, options.steps, arm)
    return dict(zip(KEY, map(str, values), strict=True))


def read_problem(name: str, seed: int, options: argparse.Namespace) -> Problem:
    """Draw the training images; the rest of digits, or the set's test part, tests."""
    rng = np.random.default_rng(seed)
    if name == "digits":
        digits = ganaug.load_images("digits")
        images, labels = digits.images, digits.labels
    else:
        with np.load(find_file(name, options.data_dir)) as arrays:
            images, labels = _as_pair(arrays["x_train"], arrays["y_train"])
            test = _as_pair(arrays["x_test"], arrays["y_test"])
    chosen = np.concatenate(
        [
            rng.choice(np.flatnonzero(labels == k), options.per_class, replace=False)
            for k in range(len(CLASSES))
        ]
    )
    if name == "digits":
        rest = np.setdiff1d(np.arange(len(labels)), chosen)
        test = images[rest], labels[rest]
    return Problem((images[chosen], labels[chosen]), test)


def find_file(name: str, folder: str) -> Path:
    return Path(folder) / f"{name}.npz"


def add_synthetic(
    problem: Problem, seed: int, options: argparse.Namespace
) -> tuple[Images, Labels, int]:
    """Return real and synthetic images, and how many images the GAN saw.

    Real images are repeated, so that the classifier sees both kinds equally often.
    """
    images = ganaug.load_images(problem.train)
    fingerprint = with_flips(take_fingerprint(images), images)
    config = ganaug.plan_training(
        images, fingerprint=fingerprint, budget=options.budget
    ).replace(seed=seed)
    if options.images is not None:
        config = config.replace(images=options.images)
    with tempfile.TemporaryDirectory() as folder:
        run = ganaug.train(
            images, Path(folder) / "run", config=config, fingerprint=fingerprint
        )
        store = ganaug.synthesize(
            run,
            Path(folder) / "store",
            per_class=options.synthetic,
            seed=seed,
            data=images,
        )
        assert images.classes == store.classes == CLASSES
        drawn = [store.image(i) for i in range(len(store))]  # none, where none passed
        made = np.stack(drawn) if drawn else images.images[:0]
    times = max(1, round(len(made) / len(images.labels)))
    real = np.repeat(images.images, times, axis=0)
    labels = np.repeat(images.labels, times)
    return (
        np.concatenate([real, made]),
        np.concatenate([labels, store.labels]),
        config.images,
    )


def score(
    images: Images, labels: Labels, problem: Problem, seed: int, steps: int
) -> float:
    """Measure the test accuracy of the small classifier."""
    classifier = fit_classifier(images, labels, len(CLASSES), steps=steps, seed=seed)
    test, truth = problem.test
    return float((classifier.predict_proba(test).argmax(axis=1) == truth).mean())


def read_cells(path: Path) -> list[Cell]:
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def append_cell(path: Path, cell: Cell) -> None:
    fresh = not path.exists()
    with open(path, "a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(cell)


def summarise(options: argparse.Namespace) -> Section:
    cells = {tuple(c[k] for k in KEY): c for c in read_cells(options.csv)}
    rows = []
    for name in options.sets:
        pairs = []
        for seed in range(options.seeds):
            keys = [make_key(name, seed, arm, options) for arm in (REAL, BOTH)]
            found = [cells.get(tuple(key.values())) for key in keys]
            pairs.append([float(c["accuracy"]) if c else np.nan for c in found])
        rows += make_rows(name, np.array(pairs) * 100)
    gan = make_key("", 0, "", options)["gan"]
    protocol = (
        f"{describe_machine()} {options.per_class} real images per class, drawn anew "
        f"for each of {options.seeds} seeds; a GAN with the planned configuration "
        f"({gan}) sees them, without those it holds out, and draws {options.synthetic} "
        "images per class. The same small classifier, the same seed, "
        f"{options.steps} steps of 64 images and random shifts in both arms; with "
        "synthetic images, half of what it sees is real. Test: the rest of digits, the "
        "10,000 test images of fashion-mnist. Differences are paired by seed, with "
        "Student's interval. A first look that proves nothing: few seeds, one budget, "
        "no tuning."
    )
    return Section("Real against real + synthetic", protocol, COLUMNS, rows)


def make_rows(name: str, pairs: NDArray[np.float64]) -> list[list[str]]:
    """Make two table rows of accuracies (runs, 2) in per cent, NaN if not measured."""
    pairs = pairs[~np.isnan(pairs).any(axis=1)]
    n = len(pairs)
    if n == 0:
        return [[name, arm, "0", *["not measured"] * 4] for arm in (REAL, BOTH)]
    means = pairs.mean(axis=0)
    deviations = [f"{s:.2f}" for s in pairs.std(axis=0, ddof=1)] if n > 1 else ["–"] * 2
    difference, interval = pairs[:, 1] - pairs[:, 0], "–"
    if n > 1:
        reach = stats.t.ppf(0.975, n - 1) * stats.sem(difference)
        middle = difference.mean()
        interval = f"{middle - reach:+.2f} … {middle + reach:+.2f}"
    return [
        [name, REAL, str(n), f"{means[0]:.2f}", deviations[0], "", ""],
        [
            name, BOTH, str(n), f"{means[1]:.2f}", deviations[1],
            f"{difference.mean():+.2f}", interval,
        ],
    ]  # fmt: skip


def _as_pair(
    images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[Images, Labels]:
    """Add the channel axis that grey sets lack."""
    if images.ndim == 3:
        images = images[..., None]
    return images, labels.astype(np.int64)


if __name__ == "__main__":
    main()

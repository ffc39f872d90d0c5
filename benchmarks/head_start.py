"""What does a head start save? Trainings that begin with a parent, and from noise.

`OMP_NUM_THREADS=1 python -m benchmarks.head_start --data-dir DIR` runs the rows and
seeds that `benchmarks/results/head_start.csv` does not have yet, and writes the page.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.gain.problems import read_set
from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from ganaug.classify.random_net import random_features
from ganaug.config import ResolvedConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.data.resize import resize_images
from ganaug.engine import pick_device
from ganaug.gan.monitoring.snapshots import SNAPSHOTS
from ganaug.gan.plan import make_plan
from ganaug.gan.run_folder import Run
from ganaug.gan.training import train
from ganaug.metrics.kernel import kernel_distance
from ganaug.synth.synthesizer import Synthesizer
from ganaug.training.progress import Status

RESULTS = HERE / "results" / "head_start.csv"
PAGE = HERE / "head_start.md"
FIELDS = ("row", "seed", "start", "images", "distance", "machine")
SNAPSHOTS_OF_RUN = 24
DRAWN = 60  # images of each class, to measure the distance
STARTS = ("noise", "parent")
INTRODUCTION = """\
`ganaug train --start RUN` begins with the networks of an earlier run. How much sooner
does a training draw as well? `OMP_NUM_THREADS=1 python -m benchmarks.head_start
--data-dir DIR` runs what `benchmarks/results/` does not have yet.

What begins with the parent was chosen by a trial on mnist → digits, seed 0, measured as
below but with 48 images of each class. Distances after so many real images:

| tried | 1,920 | 12,032 |
|---|---|---|
| noise | .114 | .033 |
| both networks | .015 | .009 |
| both, two fifths of the learning rate | .026 | .014 |
| both, the discriminator's first two layers frozen | .015 | .009 |
| generator alone | .019 | .017 |
| discriminator alone | .103 | .016 |

So both begin with the parent, and nothing else differs from another training."""


@dataclass(frozen=True)
class Row:
    """A parent's images and a child's.

    Attributes:
        parent, child: names of the sets.
        known, new: classes of either.
        per_class: images of each class that they learn from, of either.
        sides: pixels of a side, of either.
        images: real images that each sees in its training.
    """

    parent: str
    child: str
    known: range
    new: range
    per_class: tuple[int, int]
    sides: tuple[int, int]
    images: tuple[int, int]


ROWS = {
    "mnist → digits, 10 per class": Row(
        "mnist", "digits", range(10), range(10), (300, 10), (8, 8), (30_000, 12_000)
    ),
    "sign-digits 0–4 → 5–9, 10 per class": Row(
        "sign-digits", "sign-digits", range(5), range(5, 10),
        (140, 10), (32, 32), (20_000, 10_000),
    ),
    "fashion-mnist 28 → 48 pixels, 50 per class": Row(
        "fashion-mnist", "fashion-mnist", range(10), range(10),
        (50, 50), (28, 48), (20_000, 8_000),
    ),
}  # fmt: skip


def main() -> None:
    options = read_options()
    done = {(line["row"], line["seed"]) for line in read_results()}
    for seed in range(options.seeds):
        for name in options.rows or ROWS:
            if (name, str(seed)) not in done and not options.page_only:
                run_row(name, seed, options.data_dir)
    write_page(read_results())


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.head_start", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--data-dir", default=os.environ.get("GANAUG_DATA", "data"))
    parser.add_argument("--seeds", type=positive, default=1)
    parser.add_argument("--rows", nargs="+", choices=ROWS, metavar="ROW")
    parser.add_argument("--page-only", action="store_true")
    return parser.parse_args()


def run_row(name: str, seed: int, folder: str) -> None:
    """Train a parent, and a child from it and from noise; append the distances."""
    row = ROWS[name]
    counts, sides = row.per_class, row.sides
    parent, _ = draw(row.parent, folder, row.known, counts[0], sides[0], seed)
    child, tests = draw(row.child, folder, row.new, counts[1], sides[1], seed)
    with tempfile.TemporaryDirectory() as root:
        first = learn(parent, Path(root) / "first", row.images[0], sides[0], seed)
        lines: list[dict[str, object]] = []
        for start in STARTS:
            run = Path(root) / start
            kept = Path(root) / f"{start}-snapshots"
            learn(
                child, run, row.images[1], sides[1], seed,
                parent=first if start == "parent" else None,
                tell=collect(run, kept),
            )  # fmt: skip
            lines += [
                {
                    "row": name, "seed": seed, "start": start,
                    "images": int(path.stem), "distance": f"{measure(path, tests):.5f}",
                    "machine": describe_machine(),
                }
                for path in sorted(kept.glob("*.safetensors"))
            ]  # fmt: skip
            print(name, seed, start, lines[-1]["distance"], flush=True)
        append(lines)


def draw(
    name: str, folder: str, classes: range, n: int, side: int, seed: int
) -> tuple[LabelledImages, LabelledImages]:
    """Draw n training images of each class, and take all other images as tests."""
    parts = read_set(name, folder)
    if parts is None:
        raise SystemExit(f"{folder}/{name}.npz is missing; give --data-dir")
    whole, _ = parts
    rng = np.random.default_rng(seed)
    rows, others = [], []
    for k in classes:
        own = rng.permutation(np.flatnonzero(whole.labels == k))
        rows += own[:n].tolist()
        others += own[n : n + 300].tolist()
    return resize(whole, rows, classes, side), resize(whole, others, classes, side)


def resize(
    images: LabelledImages, rows: Sequence[int], classes: range, side: int
) -> LabelledImages:
    pixels = resize_images(images.images[rows], (side, side))
    names = tuple(images.classes[k] for k in classes)
    labels = images.labels[rows] - classes.start
    return LabelledImages(pixels, labels, names, data_size=(side, side))


def learn(
    images: LabelledImages,
    out: Path,
    seen: int,
    side: int,
    seed: int,
    *,
    parent: Run | None = None,
    tell: Callable[[Status], None] | None = None,
) -> Run:
    """Train by the plan's own settings, with so many images."""
    config = configure(images, seen, side, seed)
    return train(images, out, config=config, start=parent, device="cpu", progress=tell)


def configure(
    images: LabelledImages, seen: int, side: int, seed: int
) -> ResolvedConfig:
    given = {
        "images": seen, "precision": "float32", "seed": seed, "height": side,
        "width": side, "snapshots": SNAPSHOTS_OF_RUN,
    }  # fmt: skip
    device = pick_device("cpu")
    fingerprint = take_fingerprint(images)
    return make_plan(
        images, fingerprint, device=device, overrides=given, timed=False
    ).config


def collect(run: Path, kept: Path) -> Callable[[Status], None]:
    """Return a progress function that copies each snapshot before it is deleted."""
    kept.mkdir()

    def copy(status: Status) -> None:
        for path in (run / SNAPSHOTS).glob("*.safetensors"):
            if not (kept / path.name).exists():
                shutil.copy(path, kept / path.name)

    return copy


def measure(snapshot: Path, tests: LabelledImages) -> float:
    """Measure the kernel distance to unseen images, averaged over classes."""
    synthesizer = Synthesizer.load(snapshot, device="cpu")
    names = [name for name in tests.classes for _ in range(DRAWN)]
    drawn = random_features(synthesizer.sample(names, seed=0))
    real = random_features(tests.images)
    return statistics.fmean(
        kernel_distance(drawn[k * DRAWN : (k + 1) * DRAWN], real[tests.labels == k])
        for k in range(len(tests.classes))
    )


def append(lines: Sequence[dict[str, object]]) -> None:
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS)
        if new:
            writer.writeheader()
        writer.writerows(lines)


def read_results() -> list[dict[str, str]]:
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_page(lines: Sequence[dict[str, str]]) -> None:
    found: dict[tuple[str, str], dict[str, list[tuple[int, float]]]] = {}
    for line in lines:
        curves = found.setdefault((line["row"], line["seed"]), {})
        point = int(line["images"]), float(line["distance"])
        curves.setdefault(line["start"], []).append(point)
    machine = join_machines(line["machine"] for line in lines)
    section = Section(
        "Time to an equal distance",
        "Kernel distance in a random network between 60 synthetic and up to 300 unseen "
        "real images of each class, averaged over classes, of 24 snapshots of a "
        "training. *sooner*: real images seen until the best distance that the "
        "training from noise reached at all, over those that the one with a head start "
        "needed. A step costs the same in both; the parent's own training is not "
        f"counted. {machine}",
        (
            "parent → child", "seed", "noise, first", "noise, best", "after",
            "parent, first", "parent, best", "as good as noise after", "sooner",
        ),
        [describe(*key, curves) for key, curves in sorted(found.items())],
    )  # fmt: skip
    update_page(PAGE, "A head start", [section], introduction=INTRODUCTION)


def describe(
    name: str, seed: str, curves: dict[str, list[tuple[int, float]]]
) -> list[str]:
    noise, parent = (sorted(curves[start]) for start in STARTS)
    best_after, best = min(noise, key=lambda point: point[1])
    reached = next((seen for seen, value in parent if value <= best), None)
    return [
        name, seed, f"{noise[0][1]:.4f}", f"{best:.4f}", f"{best_after:,}",
        f"{parent[0][1]:.4f}", f"{min(value for _, value in parent):.4f}",
        "never" if reached is None else f"{reached:,}",
        "–" if reached is None else f"{best_after / reached:.1f}×",
    ]  # fmt: skip


if __name__ == "__main__":
    main()

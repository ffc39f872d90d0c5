"""What does it cost, or bring, to make real images as coarse as the GAN's?

    OMP_NUM_THREADS=1 python -m benchmarks.resolution [--data-dir FOLDER] [--table-only]

A plain training script, on 64-pixel images, beside the images of a GAN that drew at 32
pixels; tested on sharp images. Each fit is a row of results/resolution.csv, and the
same command resumes.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice, product
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import resnet18
from torchvision.transforms import v2

import ganaug
from benchmarks.gain.problems import read_set
from benchmarks.measuring import (
    HERE,
    Section,
    describe_machine,
    join_machines,
    positive,
    update_page,
)
from ganaug import LabelledImages, SyntheticDataset
from ganaug.classify.network import build_classifier
from ganaug.mixing.resolution import coarsen

SETS = ("neu-det", "bccd-cells", "sign-digits")
STEPS = {"small": 120, "resnet18": 60}  # by network
COUNTS = (40, 30, 12)  # training images of the first three classes
TESTED = 90  # test images of a class, at most
SIDE, GRID = 64, 32  # pixels of the images, and of the GAN
PER_CLASS = 150  # synthetic images
SHARE, BATCH, RATE = 0.25, 16, 1e-3
COARSEST = 16  # pixels, where both kinds are coarse at random
KEY = ("set", "network", "arm", "seed")
FIELDS = (*KEY, "balanced_accuracy", "seconds", "machine")
COLUMNS = (
    "set", "network", "arm", "seeds", "balanced accuracy, %",
    "minus real alone, points", "95 % interval", "minus off, points", "95 % interval",
)  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """A way to mix.

    Attributes:
        share: share of synthetic images.
        real: share of the draws in which a real image is reduced to the GAN's grid.
        both: share of the draws in which an image of either kind is reduced to a grid
            drawn at random.
    """

    share: float = SHARE
    real: float = 0.0
    both: float = 0.0


ARMS = {
    "real alone": Arm(share=0),
    "off": Arm(),
    "sometimes": Arm(real=0.5),
    "always": Arm(real=1),
    "both kinds": Arm(both=0.5),
}
INTRODUCTION = """\
Where a GAN draws smaller images than the real ones, its images are enlarged, and
sharpness tells the two kinds apart. Does that cost accuracy, and does it help to make
real images as coarse in training? Tests are sharp, as a user's are.

Making real images coarse is not always better than leaving them as they are. It made
the small network less accurate on two of three sets, and the ResNet more accurate on
one. All other differences may be chance: many intervals are several points wide. Where
classes differ in fine detail alone, it costs everything
(`tests/mixing/test_sharpness.py`). So `SyntheticDataset` leaves real images as they are
by default."""
BASES = ("real alone", "off")
TITLE = "Sharp and coarse images in training"
PROTOCOL = f"""\
Three classes with {", ".join(map(str, COUNTS))} training images of {SIDE} pixels; a GAN
of {GRID} pixels, trained on these images once per set, for 2 to 4 minutes on a busy
machine. Of neu-det's images the filters kept those of one class only, so there
sharpness also tells a class. Adam with a falling rate,
{BATCH} images a step, randomly cropped, a quarter of them synthetic:
{STEPS["small"]} steps for ganaug's small network, {STEPS["resnet18"]} for torchvision's
ResNet-18, both from scratch. Each seed draws other starting weights, crops and batches,
the same for all arms. Test images are sharp, at most {TESTED} of a class. The intervals
are Student's, over the seeds' differences: they hold for these training images and
these GANs. Rows of fewer seeds than others are unfinished.

- *off*: real images as they are, synthetic ones enlarged;
- *sometimes*: each real image is reduced to {GRID} pixels and enlarged again in half
  of its draws;
- *always*: in all of them;
- *both kinds*: in half the draws, an image of either kind is reduced to a size between
  {COARSEST} and {SIDE} pixels and enlarged again."""


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    cells = product(options.sets, options.networks, range(options.seeds), options.arms)
    for name, network, seed, arm in cells if not options.table_only else ():
        key = (name, network, arm, str(seed))
        if all(tuple(row[k] for k in KEY) != key for row in read_rows(options.csv)):
            run_cell(key, options)
    section = summarise(list(read_rows(options.csv)))
    print(section.to_markdown())
    if options.out is not None:
        update_page(options.out, "Resolution", [section], introduction=INTRODUCTION)


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resolution", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--sets", nargs="+", choices=SETS, default=SETS)
    add("--networks", nargs="+", choices=STEPS, default=tuple(STEPS))
    add("--arms", nargs="+", choices=ARMS, default=tuple(ARMS))
    add("--seeds", type=positive, default=5, help="fits of each arm")
    add("--minutes", type=float, default=4.0, help="minutes of training per GAN")
    add("--csv", type=Path, default=HERE / "results" / "resolution.csv")
    add("--work", type=Path, default=HERE / "results" / "cells", help="the stores")
    add("--table-only", action="store_true", help="make the table of what is finished")
    add("--out", type=Path, help="page to write the table to")
    return parser.parse_args(words)


def run_cell(key: tuple[str, str, str, str], options: argparse.Namespace) -> None:
    name, network, arm, seed = key
    found = read_set(name, options.data_dir)
    if found is None:
        sys.exit(f"there is no {name}.npz in {options.data_dir}; give --data-dir")
    train, test = take(found[0], COUNTS), take(found[1], (TESTED,) * len(COUNTS))
    store = make_store(name, train, options)
    start = time.perf_counter()
    accuracy = score(train, test, store, network, ARMS[arm], int(seed))
    seconds = f"{time.perf_counter() - start:.1f}"
    row = (*key, f"{accuracy:.5f}", seconds, describe_machine())
    append_row(options.csv, dict(zip(FIELDS, row, strict=True)))
    print(*row[:-1], sep=", ", file=sys.stderr)


def take(images: LabelledImages, counts: tuple[int, ...]) -> LabelledImages:
    """Take so many images of the first classes, the same ones at every call."""
    rng = np.random.default_rng(0)
    rows = [
        rng.permutation(np.flatnonzero(images.labels == k))[:n]
        for k, n in enumerate(counts)
    ]
    part = images.subset(np.concatenate(rows))
    return LabelledImages(part.images, part.labels, images.classes[: len(counts)])


def make_store(name: str, train: LabelledImages, options: argparse.Namespace) -> Path:
    """Train the set's GAN and draw its images, as `ganaug synth` does."""
    run, store = (
        options.work / f"resolution-{name}-{kind}" for kind in ("run", "store")
    )
    if not (store / "meta.json").is_file():
        ganaug.train(train, run, budget=options.minutes)
        ganaug.synthesize(run, store, per_class=PER_CLASS, data=train)
    return Path(store)


def score(
    train: LabelledImages,
    test: LabelledImages,
    store: Path,
    network: str,
    arm: Arm,
    seed: int,
) -> float:
    """Train as a user would, and return the mean of the classes' recalls."""
    torch.manual_seed(seed)
    net = build(network, test.channels, len(test.classes), seed)
    optimiser = torch.optim.Adam(net.parameters(), RATE)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1, 0, STEPS[network])
    for images, labels in islice(draw_batches(train, store, arm, seed), STEPS[network]):
        optimiser.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimiser.step()
        decay.step()
    net.eval()
    with torch.no_grad():
        tests = torch.stack([normalise(to_image(x)) for x in test.images])
        guesses = torch.cat([net(part).argmax(1) for part in tests.split(64)]).numpy()
    return float(
        np.mean(
            [(guesses[test.labels == k] == k).mean() for k in range(len(test.classes))]
        )
    )


def build(network: str, channels: int, classes: int, seed: int) -> nn.Module:
    if network == "small":
        return build_classifier((SIDE, SIDE), channels, classes, seed=seed)
    net = resnet18(num_classes=classes)
    if channels == 1:
        net.conv1 = nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    return net


def draw_batches(
    train: LabelledImages, store: Path, arm: Arm, seed: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Draw batches without end, epoch after epoch."""
    mixed = SyntheticDataset(
        train, store, arm.share, seed=seed, match_resolution=False, transform=None
    )
    data = Coarse(mixed, arm, seed)
    generator = torch.Generator().manual_seed(seed)
    for epoch in count():
        mixed.set_epoch(epoch)
        yield from DataLoader(
            data, BATCH, shuffle=True, drop_last=True, generator=generator
        )


class Coarse(Dataset[tuple[Tensor, int]]):
    """A mixed set whose images are reduced at random, cropped and normalised."""

    def __init__(self, mixed: SyntheticDataset, arm: Arm, seed: int) -> None:
        self.mixed, self.arm = mixed, arm
        self.rng = np.random.default_rng(seed)
        self.crop = v2.RandomCrop(SIDE, padding=4, padding_mode="reflect")

    def __len__(self) -> int:
        return len(self.mixed)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        pixels, label = self.mixed[i]
        pixels = self.reduce(pixels, synthetic=bool(self.mixed.is_synthetic[i]))
        return normalise(self.crop(to_image(pixels))), int(label)

    def reduce(
        self, pixels: NDArray[np.uint8], *, synthetic: bool
    ) -> NDArray[np.uint8]:
        chance, side = self.rng.random(), int(self.rng.integers(COARSEST, SIDE))
        if chance < self.arm.both:
            return coarsen(pixels, (side, side))
        if not synthetic and chance < self.arm.real:
            return coarsen(pixels, (GRID, GRID))
        return pixels


def to_image(pixels: NDArray[np.uint8]) -> Tensor:
    """Return pixels (h, w, c) as (c, h, w); stored ones cannot be written to."""
    return v2.functional.to_image(pixels.copy())


def normalise(image: Tensor) -> Tensor:
    """Return uint8 pixels as floats in [−1, 1]."""
    return image.float() / 127.5 - 1


def summarise(rows: list[dict[str, str]]) -> Section:
    table = [
        make_row(name, network, arm, rows)
        for name, network, arm in product(SETS, STEPS, ARMS)
    ]
    machines = join_machines(row["machine"] for row in rows)
    return Section(
        TITLE, f"{PROTOCOL}\n\n{machines}", COLUMNS, [row for row in table if row]
    )


def make_row(
    name: str, network: str, arm: str, rows: list[dict[str, str]]
) -> list[str]:
    """Make an arm's row of the seeds that it and the arms it is compared with have."""
    found = {
        other: {
            row["seed"]: 100 * float(row["balanced_accuracy"])
            for row in rows
            if (row["set"], row["network"], row["arm"]) == (name, network, other)
        }
        for other in (arm, *BASES)
    }
    seeds = sorted(set.intersection(*map(set, found.values())))
    if not seeds:
        return []
    values = {a: np.array([own[s] for s in seeds]) for a, own in found.items()}
    differences = [
        text for other in BASES for text in say_difference(values[arm] - values[other])
    ]
    return [
        name,
        network,
        arm,
        str(len(seeds)),
        f"{values[arm].mean():.1f}",
        *differences,
    ]


def say_difference(points: NDArray[np.float64]) -> tuple[str, str]:
    """Say the mean of paired differences, and Student's interval."""
    n, mean = len(points), points.mean()
    if not points.any():
        return "–", "–"
    if n < 2:
        return f"{mean:+.1f}", "–"
    half = stats.t.ppf(0.975, n - 1) * points.std(ddof=1) / n**0.5
    return f"{mean:+.1f}", f"{mean - half:+.1f} … {mean + half:+.1f}"


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with open(path, newline="", encoding="utf-8") as lines:
            yield from csv.DictReader(lines)


def append_row(path: Path, row: dict[str, str]) -> None:
    new = not path.is_file()
    with open(path, "a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()

"""An epoch over SyntheticDataset against as many reads of an ImageFolder."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from torchvision.datasets import ImageFolder
from torchvision.transforms import ToTensor

import ganaug
from benchmarks.measuring import (
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
)
from benchmarks.speed.cases import CLASSES, SIZES, draw_images, save_folder
from benchmarks.speed.synthesis import SIZE, save_generator

SHARE = 0.25
TARGET = 1.1
COLUMNS = ("read", "images", "seconds", "µs per image", "ratio", "target", "result")


def compare_epochs(options: argparse.Namespace) -> Section:
    """Make one row for each Dataset."""
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name) / "real", Path(name) / "store"
        save_folder(folder, *draw_images(options.images, SIZES[SIZE]))
        generator = save_generator(Path(name) / "generator.safetensors")
        per_class = -(-options.images // (2 * CLASSES))
        ganaug.synthesize(
            generator, store, per_class=per_class, device="cpu", filters=None
        )
        real = ImageFolder(str(folder), ToTensor())
        mixed = ganaug.SyntheticDataset(real, store, SHARE)
        n = len(mixed)
        seconds = alternate(
            {
                "ImageFolder": lambda: time_call(lambda: read(real, n)),
                "SyntheticDataset": lambda: time_call(lambda: read(mixed, n)),
            },
            options.repeats,
        )
    protocol = (
        f"{describe_machine()} {options.images:,} PNG files, {SIZE}, `ToTensor`, share "
        f"{SHARE:g}, read in one process in order; as many reads of the ImageFolder "
        f"start again after its last image. {options.repeats} turns in an order that "
        "reverses each time; median times, and the median of the ratios within a turn."
    )
    return Section("Dataset", protocol, COLUMNS, make_rows(seconds, n))


def read(dataset: Any, n: int) -> None:
    for i in range(n):
        dataset[i % len(dataset)]


def make_rows(seconds: dict[str, list[float]], n: int) -> list[list[str]]:
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    own, other = seconds["SyntheticDataset"], seconds["ImageFolder"]
    ratio = median_ratio(own, other)
    beside = (medians["SyntheticDataset"] - medians["ImageFolder"]) / n * 1e6
    why = f"{beside:.0f} µs more per image"
    rows = [
        [name, f"{n:,}", f"{value:.2f}", f"{value / n * 1e6:.0f}"]
        for name, value in medians.items()
    ]
    said = say_target(ratio, TARGET, at_least=False, why=why)
    return [[*rows[0], "", "", ""], [*rows[1], f"{ratio:.2f}×", *said]]

"""Trainer.step against the textbook's loop, and what each factor brings."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring import (
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_steps,
)
from benchmarks.speed.cases import (
    NETWORKS,
    SIZES,
    draw_images,
    make_config,
    make_trainer,
    save_folder,
)
from benchmarks.speed.kernels import profile_steps
from benchmarks.speed.textbook import Habits, TextbookLoop
from ganaug import engine
from ganaug.config import TrainConfig

TEXTBOOK = Habits()
IN_MEMORY = Habits(data="float", lazy=True)
# each row switches one more on; all of them together are what Trainer.step does
FACTORS: dict[str, dict[str, Any]] = {
    "memory format": {"channels_last": True},
    "fused Adam and average": {"fused": True},
    "fused step: D frozen for G": {"frozen": True},
    "fused step: one batch of fakes": {"shared": True},
    "lazy penalties": {"lazy": True},
    "uint8 data in memory": {"data": "uint8"},
}
# what the plan takes on this machine
PRECISION = "bfloat16" if engine.has_bfloat16(torch.device("cpu")) else "float32"
if PRECISION != "float32":
    FACTORS[PRECISION] = {"precision": PRECISION}
OURS, A, B = "ganaug", "A", "B"
FULL = "ganaug in float32"
TARGETS = {A: 1.4, B: 2.5}
TITLES = {
    A: "A: textbook, same penalties, data in memory",
    B: "B: textbook, penalties in every step, decoding",
}
IMAGES = 1280
COLUMNS = ("images", "networks", "loop", "ms per step", "ratio", "target", "result")

Loops = dict[str, Callable[[], None]]


def compare_training(options: argparse.Namespace) -> Section:
    """Make rows A and B and a row per factor, for each size and pair of networks."""
    rows = []
    for size in options.sizes:
        for network in options.networks:
            seconds, why = time_loops(size, network, options)
            rows += [[size, network, *cells] for cells in make_rows(seconds, why)]
    return Section("Training", describe_protocol(options), COLUMNS, rows)


def describe_protocol(options: argparse.Namespace) -> str:
    return (
        f"{describe_machine()} Batch {TrainConfig().batch}, relativistic loss, R1 + R2 "
        "(lazy: in every fourth step), the same DiffAugment and initial weights; "
        "the images are enlarged scikit-learn digits. The textbook's loop has "
        "contiguous memory, `torch.optim.Adam` as it comes (on a CPU neither for-each "
        "nor fused), gradients of D's weights in G's half too, new fake images for it, "
        "and an average moved weight by weight, in float32. Row A has penalties at our "
        "interval and float images in memory; row B has penalties in every step and a "
        f"DataLoader with {options.workers} workers that decodes PNG files; their "
        "ratios are to "
        "ganaug's step. Below B, factors are switched on one after the other, each "
        "ratio to the row above. All loops in one process, "
        f"{options.steps} steps a turn after {options.warm_up} of warm-up (whole "
        f"penalty intervals), {options.repeats} turns in an order that reverses each "
        "time; median times, and medians of the ratios within a turn."
    )


def time_loops(
    size: str, network: str, options: argparse.Namespace
) -> tuple[dict[str, list[float]], str]:
    """Time each loop's steps, turn by turn, and say what limits our ratio."""
    config = make_config(SIZES[size], NETWORKS[network]).replace(precision=PRECISION)
    every = config.penalty_every
    steps, warm_up = (-(-n // every) * every for n in (options.steps, options.warm_up))
    images, labels = draw_images(IMAGES, SIZES[size])
    with tempfile.TemporaryDirectory() as folder:
        save_folder(Path(folder), images, labels)
        loops = make_loops(config, images, labels, Path(folder), options.workers)
        turns: dict[str, Callable[[], float]] = {
            name: partial(time_steps, step, steps, warm_up)
            for name, step in loops.items()
        }
        seconds = alternate(turns, options.repeats)
        share = profile_steps(loops[OURS], every).share
    return seconds, f"{share:.0%} of our step are kernels, which every loop runs"


def make_loops(
    config: TrainConfig,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    folder: Path,
    workers: int,
) -> Loops:
    """Make every loop's step by its row, all before any is timed."""
    habits = TEXTBOOK
    chain = {A: IN_MEMORY, B: TEXTBOOK}
    for name, change in FACTORS.items():
        habits = replace(habits, **change)
        chain[name] = habits
    loops: Loops = {OURS: make_trainer(config, images, labels).step}
    full = config.replace(precision="float32")
    if full != config:
        loops[FULL] = make_trainer(full, images, labels).step
    for name, habits in chain.items():
        loop = TextbookLoop(config, habits, images, labels, folder, workers)
        loops[name] = loop.step
    return loops


def make_rows(seconds: dict[str, list[float]], why: str) -> list[list[str]]:
    rows = [[f"{OURS}, {PRECISION}", say_time(seconds[OURS]), "", "", ""]]
    if FULL in seconds:
        ratio = median_ratio(seconds[FULL], seconds[OURS])
        rows.append([FULL, say_time(seconds[FULL]), f"{ratio:.2f}×", "", ""])
    for name, target in TARGETS.items():
        ratio = median_ratio(seconds[name], seconds[OURS])
        said = say_target(ratio, target, at_least=True, why=why)
        rows.append([TITLES[name], say_time(seconds[name]), f"{ratio:.2f}×", *said])
    before = B
    for name in FACTORS:
        ratio = median_ratio(seconds[before], seconds[name])
        rows.append([f"+ {name}", say_time(seconds[name]), f"{ratio:.2f}×", "", ""])
        before = name
    return rows


def say_time(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f}"

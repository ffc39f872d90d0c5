"""synthesize end to end against its parts alone, and its memory."""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from cases import CLASSES, NETWORKS, SIZES, draw_pictures, make_config, make_trainer
from measuring import (
    HERE,
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
)
from numpy.typing import NDArray
from PIL import Image

from ganaug.gan.generators import Generators, Member, load_generators, save_generators
from ganaug.synth.synthesis import synthesize

SIZE, NETWORK = "32×32 RGB", "dcgan 64"
TRAINING = 40  # steps, so that the pictures are no mere noise
BATCH, WORKERS = 32, 2
RATIO_TARGET, MEGABYTES_TARGET = 1.2, 100
COLUMNS = ("measured", "seconds", "ratio or growth", "target", "result")

# a child's peak; ru_maxrss would include the parent's, which it inherits when started
CHILD = """
import sys
from ganaug.synth.synthesis import synthesize
synthesize(sys.argv[1], sys.argv[2], per_class=int(sys.argv[3]), device="cpu")
lines = open("/proc/self/status").read().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def compare_synthesis(options: argparse.Namespace) -> Section:
    """Seconds against the parts alone, then megabytes from few to many images."""
    per_class = -(-options.images // CLASSES)
    protocol = (
        f"{describe_machine()} {CLASSES * per_class:,} images, {SIZE}, {NETWORK}, after "
        f"{TRAINING} steps of training. Forward alone: the generator on chunks of "
        f"{BATCH}, images kept as uint8. Writing alone: Pillow encodes and writes the "
        f"same images, from memory, in {WORKERS} threads. End to end: `synthesize` "
        "with manifest, hashes and whole-or-nothing files. Ratio: end to end over the "
        f"sum of the parts; {options.repeats} turns in an order that reverses each "
        "time, medians of times and of ratios within a turn. Memory: peak resident set "
        "(VmHWM) of a new process for each number of images."
    )
    with tempfile.TemporaryDirectory() as folder:
        generator = save_generator(Path(folder) / "generator.safetensors")
        rows = compare_parts(generator, Path(folder), per_class, options.repeats)
        rows += compare_memory(generator, Path(folder), options.memory)
    return Section("Synthesis", protocol, COLUMNS, rows)


def save_generator(path: Path) -> Path:
    """A generator that was trained for a moment."""
    size = SIZES[SIZE]
    config = make_config(size, NETWORKS[NETWORK])
    trainer = make_trainer(config, *draw_pictures(1280, size))
    for _ in range(TRAINING):
        trainer.step()
    classes = tuple(map(str, range(CLASSES)))
    member = Member(trainer.average, classes)
    cpu = torch.device("cpu")
    save_generators(
        path, Generators(config, classes, (member,), size[:2], "benchmark", cpu)
    )
    return path


def compare_parts(
    generator: Path, folder: Path, per_class: int, repeats: int
) -> list[list[str]]:
    images = forward_alone(generator, per_class)
    fresh = new_folders(folder)
    measures: dict[str, Callable[[], object]] = {
        "forward": lambda: forward_alone(generator, per_class),
        "writing": lambda: write_alone(next(fresh), images),
        "all": lambda: synthesize(
            generator, next(fresh), per_class=per_class, device="cpu"
        ),
    }
    seconds = alternate(
        {name: lambda call=call: time_call(call) for name, call in measures.items()},
        repeats,
    )
    parts = [a + b for a, b in zip(seconds["forward"], seconds["writing"], strict=True)]
    forward, writing, everything = (
        statistics.median(seconds[name]) for name in ("forward", "writing", "all")
    )
    ratio = median_ratio(seconds["all"], parts)
    why = f"{everything - forward - writing:.1f} s beside both parts"
    said = say_target(ratio, RATIO_TARGET, at_least=False, why=why)
    return [
        ["forward alone", f"{forward:.2f}", "", "", ""],
        ["encoding and writing alone", f"{writing:.2f}", "", "", ""],
        ["synthesize", f"{everything:.2f}", f"{ratio:.2f}×", *said],
    ]


def new_folders(folder: Path) -> itertools.chain[Path]:
    return itertools.chain.from_iterable([folder / f"store-{k}"] for k in itertools.count())

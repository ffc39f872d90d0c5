"""synthesize end to end against its parts alone, and its memory."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import ganaug
from benchmarks.measuring import (
    HERE,
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
)
from benchmarks.speed.cases import (
    CLASSES,
    NETWORKS,
    SIZES,
    draw_images,
    make_config,
    make_trainer,
)
from ganaug.gan.generators import Generators, Member, load_generators, save_generators
from ganaug.gan.inputs.value_range import full_span

SIZE, NETWORK = "32×32 RGB", "dcgan 64"
TRAINING = 40  # steps, so that the images are not mere noise
CHUNK, WORKERS = 32, 2
RATIO_TARGET, MEGABYTES_TARGET = 1.2, 100
COLUMNS = ("measured", "seconds", "peak memory", "figure", "target", "result")

# the memory of the child alone: ru_maxrss starts at what its parent had
CHILD = """
import sys, time
import ganaug
start = time.perf_counter()
ganaug.synthesize(
    sys.argv[1], sys.argv[2], per_class=int(sys.argv[3]), device="cpu", filters=None
)
seconds = time.perf_counter() - start
with open("/proc/self/status") as lines:
    peak = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
print(peak, seconds)
"""


def compare_synthesis(options: argparse.Namespace) -> Section:
    """Compare the time with the parts alone, then the memory of few and many images."""
    per_class = -(-options.images // CLASSES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generator = save_generator(folder / "generator.safetensors")
        rows = compare_parts(generator, folder, per_class, options.repeats)
        rows += compare_memory(generator, folder, options.memory)
    protocol = (
        f"{describe_machine()} {CLASSES * per_class:,} images, {SIZE}, {NETWORK} after "
        f"{TRAINING} steps of training. Forward alone: the generator on chunks of "
        f"{CHUNK}, as uint8. Writing alone: Pillow encodes and writes the same images "
        f"from memory, in {WORKERS} threads. Ratio: `synthesize` end to end over the "
        f"sum of both; {options.repeats} turns in an order that reverses each time, "
        "medians of times and of the ratios within a turn. Memory: peak resident set "
        "(VmHWM, Linux) of a new process for each number of images."
    )
    return Section("Synthesis", protocol, COLUMNS, rows)


def save_generator(path: Path) -> Path:
    """Save a generator that was trained for a moment."""
    size = SIZES[SIZE]
    config = make_config(size, NETWORKS[NETWORK])
    trainer = make_trainer(config, *draw_images(20 * config.batch, size))
    for _ in range(TRAINING):
        trainer.step()
    classes = tuple(map(str, range(CLASSES)))
    member = Member(trainer.average, classes)
    cpu = torch.device("cpu")
    made = Generators(
        config, classes, (member,), size[:2], "benchmark", cpu, full_span(size[2])
    )
    save_generators(path, made)
    return path


def compare_parts(
    generator: Path, folder: Path, per_class: int, repeats: int
) -> list[list[str]]:
    labels = np.repeat(np.arange(CLASSES), per_class)
    indices = np.tile(np.arange(per_class), CLASSES)
    synthesizer = ganaug.Synthesizer.load(generator, "cpu")
    images = synthesizer.sample_rows(labels, indices, seed=0)

    def write() -> float:
        return write_alone(images, Path(tempfile.mkdtemp(dir=folder)))

    def synthesize() -> float:
        out = tempfile.mkdtemp(dir=folder)
        return time_call(
            lambda: ganaug.synthesize(
                generator, out, per_class=per_class, device="cpu", filters=None
            )
        )

    seconds = alternate(
        {
            "forward alone": lambda: draw_alone(generator, labels),
            "encoding and writing alone": write,
            "synthesize": synthesize,
        },
        repeats,
    )
    rows = [[k, f"{statistics.median(s):.2f}", *[""] * 4] for k, s in seconds.items()]
    forward, writing, everything = seconds.values()
    parts = [a + b for a, b in zip(forward, writing, strict=True)]
    ratio = median_ratio(everything, parts)
    beside = statistics.median(everything) - statistics.median(parts)
    why = f"{beside:.2f} s beside both parts"
    rows[-1][3:] = [
        f"{ratio:.2f}×", *say_target(ratio, RATIO_TARGET, at_least=False, why=why)
    ]  # fmt: skip
    return rows


def draw_alone(generator: Path, labels: NDArray[np.int64]) -> float:
    """Time the generator alone for as many images."""
    made = load_generators(generator)
    network = made.members[0].network
    z = torch.randn(len(labels), made.config.latent)
    y = torch.from_numpy(labels)

    def draw() -> None:
        with torch.inference_mode():
            for part, own in zip(
                torch.split(z, CHUNK), torch.split(y, CHUNK), strict=True
            ):
                made.span.to_pixels(network(part, network.embed(own)))

    return time_call(draw)


def write_alone(images: NDArray[np.uint8], folder: Path) -> float:
    """Time Pillow alone for these images."""

    def write(i: int) -> None:
        Image.fromarray(images[i]).save(folder / f"{i:06d}.png")

    def write_all() -> None:
        with ThreadPoolExecutor(WORKERS) as threads:
            list(threads.map(write, range(len(images))))

    return time_call(write_all)


def compare_memory(
    generator: Path, folder: Path, numbers: tuple[int, int]
) -> list[list[str]]:
    rows, peaks = [], []
    for n in numbers:
        peak, seconds = measure_child(generator, folder / f"store-{n}", n)
        peaks.append(peak)
        rows.append([f"synthesize, {n:,}", f"{seconds:.1f}", f"{peak:.0f} MB"])
    growth = peaks[-1] - peaks[0]
    why = f"{growth * 1e6 / (numbers[-1] - numbers[0]):,.0f} bytes per image"
    said = say_target(growth, MEGABYTES_TARGET, at_least=False, why=why)
    return [[*rows[0], "", "", ""], [*rows[1], f"+{growth:.0f} MB", *said]]


def measure_child(generator: Path, out: Path, images: int) -> tuple[float, float]:
    """Measure peak megabytes and seconds of a process that writes n images."""
    words = [sys.executable, "-c", CHILD, generator, out, -(-images // CLASSES)]
    paths = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    child = subprocess.run(
        list(map(str, words)),
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    kibibytes, seconds = map(float, child.stdout.split())
    return kibibytes * 1024 / 1e6, seconds

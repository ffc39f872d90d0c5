"""Nearest neighbours against the matrix products that they cannot do without."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

import torch
from torch import Tensor

from benchmarks.measuring import (
    HERE,
    Section,
    alternate,
    describe_machine,
    median_ratio,
    say_target,
    time_call,
)
from ganaug.metrics.neighbours import KEYS, QUERIES, nearest_neighbours

FEATURES, NEAREST = 256, 5
RATIO_TARGET, MEGABYTES_TARGET = 2.0, 1000
COLUMNS = ("measured", "real × synthetic", "seconds", "figure", "target", "result")

# the memory of the child alone: ru_maxrss starts at what its parent had
CHILD = """
import sys
from benchmarks.speed.neighbours import NEAREST, draw_features
from ganaug.metrics.neighbours import nearest_neighbours

def peak():
    with open("/proc/self/status") as lines:
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))

real, synthetic = (draw_features(int(n), k) for k, n in enumerate(sys.argv[1:]))
nearest_neighbours(synthetic[:8].numpy(), real[:64].numpy(), NEAREST)
before = peak()
nearest_neighbours(synthetic.numpy(), real.numpy(), NEAREST)
print(peak() - before)
"""


def compare_neighbours(options: argparse.Namespace) -> Section:
    """Seconds of the products, then of the search, then its memory."""
    sizes = options.rows
    real, synthetic = (draw_features(n, k) for k, n in enumerate(sizes))

    def search() -> None:
        nearest_neighbours(synthetic.numpy(), real.numpy(), NEAREST)

    seconds = alternate(
        {
            "matrix products": lambda: time_call(lambda: multiply(synthetic, real)),
            "nearest_neighbours": lambda: time_call(search),
        },
        options.repeats,
    )
    protocol = (
        f"{describe_machine()} {FEATURES} features, normally distributed, float32; "
        f"the {NEAREST} nearest real rows of each synthetic one. Matrix products: "
        f"blocks of {KEYS:,} × {QUERIES:,}, nothing done with them. {options.repeats} "
        "turns in an order that reverses each time; median times, and the median of "
        "the ratios within a turn. Memory: what the peak resident set (VmHWM, Linux) "
        "of a new process grows by, above the features."
    )
    rows = make_rows(
        seconds, measure_memory(sizes), " × ".join(f"{n:,}" for n in sizes)
    )
    return Section("Neighbours", protocol, COLUMNS, rows)


def draw_features(n: int, seed: int) -> Tensor:
    """(n, FEATURES) float32."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, FEATURES, generator=generator)


def multiply(queries: Tensor, keys: Tensor) -> None:
    """Every product of rows, in blocks, forgotten at once."""
    block = torch.empty(KEYS * QUERIES)
    for x in torch.split(queries, QUERIES):
        for y in torch.split(keys, KEYS):
            out = block[: len(y) * len(x)].view(len(y), len(x))
            torch.mm(y, x.T, out=out)


def measure_memory(sizes: list[int]) -> float:
    """Megabytes that the search takes above the features, in a new process."""
    paths = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, sizes)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(child.stdout) * 1024 / 1e6


def make_rows(
    seconds: dict[str, list[float]], megabytes: float, sizes: str
) -> list[list[str]]:
    products, search = seconds.values()
    beside = statistics.median(search) - statistics.median(products)
    ratio = median_ratio(search, products)
    said = say_target(
        ratio, RATIO_TARGET, at_least=False, why=f"{beside:.1f} s beside the products"
    )
    rows = [[k, sizes, f"{statistics.median(s):.1f}"] for k, s in seconds.items()]
    memory = say_target(
        megabytes, MEGABYTES_TARGET, at_least=False, why="blocks are too large"
    )
    return [
        [*rows[0], "", "", ""],
        [*rows[1], f"{ratio:.2f}×", *said],
        ["its memory", sizes, "", f"+{megabytes:.0f} MB", *memory],
    ]

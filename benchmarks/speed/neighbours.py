"""Nearest neighbours against the matrix products that they cannot do without."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence

import torch
from sklearn.neighbors import NearestNeighbors
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
USUAL = ([500, 500], [6_000, 6_000])  # real and synthetic images of a class
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
    """Time the products, scikit-learn and the search, then measure its memory."""
    rows = []
    for sizes in (*USUAL, options.rows):
        seconds = time_search(sizes, options.repeats)
        rows += make_rows(seconds, say_sizes(sizes), judged=sizes == options.rows)
    rows.append(make_memory_row(measure_memory(options.rows), say_sizes(options.rows)))
    protocol = (
        f"{describe_machine()} {FEATURES} features, normally distributed, float32; "
        f"the {NEAREST} nearest real rows of each synthetic one. Matrix products: "
        f"blocks of {QUERIES:,} × {KEYS:,}, nothing done with them. scikit-learn: "
        '`NearestNeighbors(algorithm="brute")`. The first two sizes are those of a '
        f"class in an evaluation. {options.repeats} turns in an order that reverses "
        "each time; median times, and the median of the ratios within a turn. Memory: "
        "what the peak resident set (VmHWM, Linux) of a new process grows by, above "
        "the features."
    )
    return Section("Neighbours", protocol, COLUMNS, rows)


def time_search(sizes: Sequence[int], repeats: int) -> dict[str, list[float]]:
    """Time each way, turn by turn."""
    real, synthetic = (draw_features(n, k) for k, n in enumerate(sizes))

    def search() -> None:
        nearest_neighbours(synthetic.numpy(), real.numpy(), NEAREST)

    def ask_sklearn() -> None:
        known = NearestNeighbors(n_neighbors=NEAREST, algorithm="brute").fit(real)
        known.kneighbors(synthetic)

    return alternate(
        {
            "matrix products": lambda: time_call(lambda: multiply(synthetic, real)),
            "scikit-learn": lambda: time_call(ask_sklearn),
            "nearest_neighbours": lambda: time_call(search),
        },
        repeats,
    )


def say_sizes(sizes: Sequence[int]) -> str:
    return " × ".join(f"{n:,}" for n in sizes)


def draw_features(n: int, seed: int) -> Tensor:
    """Draw normally distributed features (n, FEATURES) float32."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, FEATURES, generator=generator)


def multiply(queries: Tensor, keys: Tensor) -> None:
    """Compute every product of rows, in blocks, and discard it."""
    block = torch.empty(KEYS * QUERIES)
    for x in torch.split(queries, QUERIES):
        for y in torch.split(keys, KEYS):
            out = block[: len(y) * len(x)].view(len(x), len(y))
            torch.mm(x, y.T, out=out)


def measure_memory(sizes: Sequence[int]) -> float:
    """Measure the megabytes of the search above the features, in a new process."""
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
    seconds: dict[str, list[float]], sizes: str, *, judged: bool
) -> list[list[str]]:
    """Make one row for each way: its ratio to the products, and for ours the target."""
    products, sklearn, search = seconds.values()
    beside = statistics.median(search) - statistics.median(products)
    ratio = median_ratio(search, products)
    said = say_target(
        ratio, RATIO_TARGET, at_least=False, why=f"{beside:.1f} s beside the products"
    )
    rows = [[k, sizes, f"{statistics.median(s):.3g}"] for k, s in seconds.items()]
    return [
        [*rows[0], "", "", ""],
        [*rows[1], f"{median_ratio(sklearn, products):.2f}×", "", ""],
        [*rows[2], f"{ratio:.2f}×", *(said if judged else ("", ""))],
    ]


def make_memory_row(megabytes: float, sizes: str) -> list[str]:
    said = say_target(
        megabytes, MEGABYTES_TARGET, at_least=False, why="blocks are too large"
    )
    return ["its memory", sizes, "", f"+{megabytes:.0f} MB", *said]

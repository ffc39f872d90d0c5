"""The speed of ganaug, measured and printed as tables in Markdown.

python -m benchmarks.speed [PART|all] [--out FILE]; --help lists the parts
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Section, positive, update_page
from benchmarks.speed.around import measure_around
from benchmarks.speed.cases import NETWORKS, SIZES
from benchmarks.speed.dataset import compare_epochs
from benchmarks.speed.filters import measure_filters
from benchmarks.speed.help import compare_help
from benchmarks.speed.kernels import measure_kernels
from benchmarks.speed.neighbours import compare_neighbours
from benchmarks.speed.synthesis import compare_synthesis
from benchmarks.speed.training import compare_training
from benchmarks.speed.translation import compare_translation

PARTS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "train": compare_training,
    "around": measure_around,
    "translation": compare_translation,
    "kernels": measure_kernels,
    "synth": compare_synthesis,
    "filters": measure_filters,
    "dataset": compare_epochs,
    "neighbours": compare_neighbours,
    "help": compare_help,
}


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    parts = list(PARTS) if options.part == "all" else [options.part]
    for name in parts:
        section = PARTS[name](options)
        print(section.to_markdown(), end="\n\n", flush=True)
        if options.out is not None:
            update_page(options.out, "Speed", [section])


def read_options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__.splitlines()[0]
    )
    add = parser.add_argument
    add("part", nargs="?", default="all", choices=[*PARTS, "all"])
    add("--steps", type=positive, default=8, help="timed steps in a turn")
    add("--warm-up", type=positive, default=4, help="steps before them")
    add("--repeats", type=positive, default=5, help="turns of everything compared")
    add("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    add("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    add("--workers", type=int, default=2, help="of the textbook's DataLoader")
    add("--images", type=positive, default=5_000, help="synthetic images, real reads")
    add("--memory", nargs=2, type=positive, default=[1_000, 50_000], metavar="N",
        help="images between which the growth of memory is measured")  # fmt: skip
    add("--rows", nargs=2, type=positive, default=[100_000, 100_000], metavar="N",
        help="real and synthetic features whose neighbours are searched")  # fmt: skip
    add("--out", type=Path, help="page whose sections are replaced")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()

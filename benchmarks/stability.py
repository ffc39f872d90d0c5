"""Mode collapse and vanishing gradients: what each loss and remedy does about them.

    python benchmarks/stability.py --suite toy --out benchmarks/stability.md
    python benchmarks/stability.py --suite real --part stacked --plan-only

Each run is kept on disk; one that is finished is read, not made again.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from measuring import HERE, positive, update_page
from stability_ahead import run_ahead
from stability_real import run_conditions, run_equal
from stability_stacked import run_stacked
from stability_toy import run_toy

PART_HELP = "of the suite, all by default"
PARTS = {
    "toy": {"modes": run_toy, "ahead": run_ahead},
    "real": {
        "stacked": run_stacked,
        "equal": run_equal,
        "conditions": run_conditions,
    },
}


def main(words: list[str] | None = None) -> None:
    options = read_options(words)
    parts = PARTS[options.suite]
    for name in options.parts or parts:
        section = parts[name](options)
        if section is not None:
            print(section.to_markdown())
            if options.out is not None:
                update_page(options.out, "Stability", [section])


def read_options(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--suite", choices=list(PARTS), default="toy")
    add("--part", nargs="+", default=[], dest="parts", metavar="NAME", help=PART_HELP)
    add("--row", nargs="+", default=[], dest="rows", metavar="NAME")
    add("--seeds", type=positive)
    add("--steps", type=positive)
    add("--work", type=Path, default=HERE / "results" / "stability")
    add("--data-dir", default=os.environ.get("GANAUG_DATA", "."))
    add("--minutes", type=float, default=5.0, help="of a real run, for its plan")
    add("--images", type=positive, help="of a real run, instead of a plan by time")
    add("--plan-only", action="store_true", help="time the runs, on an idle machine")
    add("--table-only", action="store_true")
    add("--out", type=Path)
    return parser.parse_args(words)


if __name__ == "__main__":
    main()

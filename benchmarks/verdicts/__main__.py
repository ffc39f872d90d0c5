"""python -m benchmarks.verdicts: verdicts on stores whose quality is known."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import torch

from benchmarks.measuring import HERE, Section, describe_machine, update_page
from benchmarks.verdicts.filled import (
    CLASSES,
    FILL_PLANTS,
    PER_CELL,
    STEPS,
    TRAINED,
    judge_fills,
)
from benchmarks.verdicts.filled import SETS as FILLED_SETS
from benchmarks.verdicts.limits import (
    GOOD,
    POOR,
    apply_rules,
    choose_limits,
    count_errors,
    leave_sets_out,
    name_errors,
)
from benchmarks.verdicts.plants import ADDED, PLANTS, SALT
from benchmarks.verdicts.runs import SETS
from benchmarks.verdicts.stores import (
    OVERALL,
    PER_CLASS,
    judge_plants,
    measure_noise,
    prepare,
)
from ganaug.synth.verdict.record import CELL_FIGURES, FIGURES
from ganaug.synth.verdict.rules import LIMITS

RESULTS = HERE / "results" / "verdicts.csv"
NOISE = HERE / "results" / "verdicts_noise.csv"
FILLED = HERE / "results" / "verdicts_filled.csv"
PAGE = HERE / "verdicts.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", default=os.environ.get("GANAUG_DATA", "data"))
    parser.add_argument("--work", type=Path, default=Path("verdicts"))
    names = [real.name for real in SETS]
    parser.add_argument("--sets", nargs="*", default=[*names, *FILLED_SETS])
    parser.add_argument(
        "--page",
        action="store_true",
        help="make no store: judge the figures by today's rules, and write the page",
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not options.page:
        options.work.mkdir(parents=True, exist_ok=True)
        for real in SETS:
            if real.name in options.sets:
                setting = prepare(real, options.data_dir, options.work)
                save(NOISE, measure_noise(setting), real.name)
                save(RESULTS, judge_plants(setting, options.work), real.name)
        for name in FILLED_SETS:
            if name in options.sets:
                made: list[dict[str, object]] = []
                for row in judge_fills(name, options.data_dir, options.work):
                    made.append({**row, "machine": describe_machine()})
                    save(FILLED, made, name)
    rows = apply_rules(pd.read_csv(RESULTS))
    rows.to_csv(RESULTS, index=False)
    machine = read_machine(PAGE) if options.page else describe_machine()
    write_page(rows, pd.read_csv(NOISE), machine)


def save(path: Path, rows: list[dict[str, object]], name: str) -> None:
    """Replace a set's rows in a table."""
    table = pd.DataFrame(rows)
    if path.exists():
        old = pd.read_csv(path)
        table = pd.concat([old[old["set"] != name], table])
    table.to_csv(path, index=False)


def read_machine(page: Path) -> str:
    """Read the line about the machine that made the stores."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("Commit "))


def write_page(rows: pd.DataFrame, noise: pd.DataFrame, machine: str) -> None:
    """Write verdicts.md from both tables."""
    update_page(
        PAGE,
        "Verdicts on stores",
        [
            describe_stores(rows),
            describe_limits(rows),
            describe_noise(noise),
            *([describe_filled(pd.read_csv(FILLED))] if FILLED.is_file() else []),
        ],
        introduction=(
            "A store is *poor*, *usable* or *good* by four figures: the share of "
            "candidates **kept**, and **variety**, **recall** and **nearness**, each "
            "as a share of what real images reach against other real images. Is the "
            "word right? Stores of known quality tell: `python -m benchmarks.verdicts`."
            "\n\nThe words follow from the figures by the rules of this version; "
            "`--page` applies them anew to the figures in results/verdicts.csv, and "
            f"makes no store.\n\n{machine}"
        ),
    )


def describe_stores(rows: pd.DataFrame) -> Section:
    overall = judged = rows[rows["class"] == OVERALL]
    return Section(
        "Stores",
        f"{len(overall)} of {len(SETS) * len(PLANTS)} stores, of {len(SETS)} sets with "
        f"{len(PLANTS)} stores each; {say_missing(overall)}. {PER_CLASS} images of "
        "each class were wanted. *healthy* must not be called poor, *poor* must not be "
        "called good. A planted fault decides its store's truth beforehand; whether a "
        "GAN's own store counts as healthy was judged by eye, from its pictures, and "
        f"so those of {say_ungrown()} were moved to poor. Candidates go through the "
        "filters as always, except where the filters are off; a class without images "
        "has no nearness. "
        f"{say_errors(judged)}",
        ("set", "store", "truth", *FIGURES, "verdict"),
        [
            (
                row["set"], row["store"], row["truth"],
                *(show(row[figure]) for figure in FIGURES), row["word"],
            )
            for row in overall.to_dict("records")
        ],
    )  # fmt: skip


def say_missing(overall: pd.DataFrame) -> str:
    """Name the stores that were not made."""
    made = set(zip(overall["set"], overall["store"], strict=True))
    parts = []
    for real in SETS:
        names = [plant.name for plant in PLANTS if (real.name, plant.name) not in made]
        if names:
            parts.append(f"{real.name} ({'; '.join(names)})")
    return f"not made are those of {', '.join(parts)}" if parts else "none is missing"


def say_ungrown() -> str:
    return " and ".join(real.name for real in SETS if not real.grown)


def describe_limits(rows: pd.DataFrame) -> Section:
    judged, chosen = leave_sets_out(rows), choose_limits(rows)
    return Section(
        "Limits",
        "Chosen by a rule on three sets and tested on the fourth, in turn: poor below "
        f"{POOR:g} times, and good from {GOOD:g} times, the least figure of a healthy "
        f"store. {say_errors(judged)} The limits in use were set by hand with all "
        "four sets in view, near what the rule chooses on them.",
        ("figure", "poor below", "good from", "by the rule: poor", "good"),
        [
            (
                name, show(limit.poor), show(limit.good),
                show(chosen[name].poor), show(chosen[name].good),
            )
            for name, limit in LIMITS.items()
        ],
    )  # fmt: skip


def describe_noise(noise: pd.DataFrame) -> Section:
    table = noise.pivot(index="images", columns="set", values="refused")
    return Section(
        "Noise",
        "The share that the realism filter alone refuses. Target: at least 95 % of "
        "noise, at most 5 % of held-out real images, which set its threshold; other "
        "real images are a further part of the set. Salt and pepper replace "
        f"{SALT:.0%} of the pixels, added noise has a standard deviation of {ADDED:g} "
        "grey levels.",
        ("images", *table.columns),
        [
            (kind, *(f"{100 * v:.1f} %" for v in table.loc[kind]))
            for kind in dict.fromkeys(noise["images"])
        ],
    )


def describe_filled(rows: pd.DataFrame) -> Section:
    machines = "; ".join(dict.fromkeys(rows["machine"]))
    command = f"python -m benchmarks.verdicts --sets {' '.join(FILLED_SETS)}"
    return Section(
        "Filled cells",
        f"{len(rows)} of {len(FILLED_SETS) * len(FILL_PLANTS)} stores of filled cells "
        f"({say_missing_fills(rows)}): `{command}`. In both sets some classes were "
        "seen in one of four domains only. No translator was trained: in place of what "
        "one would make of an image stands a real image that nobody saw, of the same "
        "class in the target domain (healthy), or what the fault says. *Exchanged* "
        "classes change places in pairs on the way into another domain, and again on "
        f"the way back. The sets are cut to {CLASSES} classes with {TRAINED} images of "
        f"a cell; {PER_CELL} of each were wanted; teachers take {STEPS} steps, fewer "
        f"than in use. {say_errors(rows)} {machines}",
        ("set", "store", "truth", *CELL_FIGURES, "verdict"),
        [
            (
                row["set"], row["store"], row["truth"],
                *(show(row[figure]) for figure in CELL_FIGURES), row["word"],
            )
            for row in rows.to_dict("records")
        ],
    )  # fmt: skip


def say_missing_fills(rows: pd.DataFrame) -> str:
    """Say which stores of filled cells were not made."""
    made = set(zip(rows["set"], rows["store"], strict=True))
    missing = [
        f"{name}: {plant.name}"
        for name in FILLED_SETS
        for plant in FILL_PLANTS
        if (name, plant.name) not in made
    ]
    return f"not made: {'; '.join(missing)}" if missing else "none is missing"


def say_errors(judged: pd.DataFrame) -> str:
    parts = [f"{what}: {n} of {m}" for what, (n, m) in count_errors(judged).items()]
    wrong = list(name_errors(judged))
    return "; ".join(parts) + (f" ({join(wrong)})." if wrong else ".")


def join(names: Iterable[str]) -> str:
    return ", ".join(names)


def show(value: float) -> str:
    return "–" if value != value else f"{value:.2f}"


if __name__ == "__main__":
    main()

"""What the repository keeps of finished gain splits, so that no machine repeats one.

results/gain_CELL.csv has a row per split and arm; results/gain/CELL/split-NN.npz says
which test images each network got right, a bit each, which is all that the table's
intervals need, plan.json beside it how long its GANs train, and optimisation.json what
was tuned at split 0;
results/gain_SUITE.csv has the table's finished rows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gain_problems import Cell
from measuring import HERE, describe_machine, join_machines
from numpy.typing import NDArray

from ganaug.gain.protocol import SplitResult
from ganaug.gain.recipe import Recipe
from ganaug.gain.scores import list_networks

RESULTS = HERE / "results"
FIELDS = (
    "split", "arm", "balanced_accuracy", "recipe", "kept", "seconds", "machine",
)  # fmt: skip
Labels = NDArray[np.int64]


def find_split(cell: Cell, number: int, results: Path = RESULTS) -> Path:
    return results / "gain" / cell.name / f"split-{number:02d}.npz"


def find_plan(cell: Cell, results: Path = RESULTS) -> Path:
    return results / "gain" / cell.name / "plan.json"


def find_optimisation(cell: Cell, results: Path = RESULTS) -> Path:
    return results / "gain" / cell.name / "optimisation.json"


def keep_split(
    cell: Cell,
    result: SplitResult,
    asked: dict[str, float],
    seconds: float,
    results: Path = RESULTS,
    device: torch.device | None = None,
) -> None:
    """The split's rows, in place of earlier ones of the same number, and its hits.

    Args:
        asked: the settings that it was run with.
        seconds: that it took, from the last start.
        device: that it ran on, the CPU by default.
    """
    path = find_rows(cell, results)
    rows = [r for r in read_rows(path) if r["split"] != str(result.number)]
    recipes = {name: recipe.say() for name, recipe in result.recipes.items()}
    for name, networks in result.predictions.items():
        rows.append(
            {
                "split": result.number, "arm": name,
                "balanced_accuracy": f"{find_accuracy(networks, result.labels):.5f}",
                "recipe": recipes[name], "kept": json.dumps(result.kept.tolist()),
                "seconds": f"{seconds:.0f}", "machine": describe_machine(device),
            }
        )  # fmt: skip
    rows.sort(key=lambda row: int(row["split"]))
    write_rows(path, FIELDS, rows)
    write_hits(find_split(cell, result.number, results), result, asked)


def find_accuracy(networks: NDArray[np.float32], labels: Labels) -> float:
    """Mean of the classes' recalls, over networks."""
    hits = networks.argmax(axis=2) == labels
    return float(np.mean([hits[:, labels == k].mean() for k in np.unique(labels)]))


def write_hits(path: Path, result: SplitResult, asked: dict[str, float]) -> None:
    networks = list_networks(result)
    hits = {
        name: np.packbits(p.argmax(axis=2) == result.labels, axis=1)
        for name, p in networks.items()
    }
    facts = {
        "asked": asked,
        "kept": result.kept.tolist(),
        "recipes": {name: recipe.to_dict() for name, recipe in result.recipes.items()},
        "failed": {
            name: np.flatnonzero(~np.isfinite(p).all(axis=(1, 2))).tolist()
            for name, p in networks.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        np.savez_compressed(file, facts=np.array(json.dumps(facts)), **hits)


def read_split(
    cell: Cell,
    number: int,
    labels: Labels,
    classes: int,
    asked: dict[str, float] | None = None,
    results: Path = RESULTS,
) -> SplitResult | None:
    """The split again: each network as sure of the label, or else of the class after.

    Accuracies and recalls are thus as they were; scores of probabilities are not.

    Raises:
        SystemExit: it was run with other settings than those asked for.
    """
    path = find_split(cell, number, results)
    if not path.is_file():
        return None
    with np.load(path) as found:
        arrays = {name: found[name] for name in found.files}
    facts = json.loads(str(arrays.pop("facts")))
    if asked not in (None, facts["asked"]):
        sys.exit(
            f"{path} was made with {facts['asked']}, not {asked}: give the same again, "
            "or move it away to run the split anew"
        )
    predictions = {}
    for name, bits in arrays.items():
        hits = np.unpackbits(bits, axis=1, count=len(labels)).astype(bool)
        guesses = np.where(hits, labels, (labels + 1) % classes)
        predictions[name] = np.eye(classes, dtype=np.float32)[guesses]
        predictions[name][facts["failed"][name]] = np.nan
    return SplitResult(
        number, labels, predictions,
        {name: Recipe.from_dict(values) for name, values in facts["recipes"].items()},
        np.array(facts["kept"], np.int64),
    )  # fmt: skip


def find_rows(cell: Cell, results: Path = RESULTS) -> Path:
    return results / f"gain_{cell.name}.csv"


def find_machines(cells: Iterable[Cell], results: Path = RESULTS) -> str:
    """Commits and hardware of all rows that are kept of these cells."""
    rows = (row for cell in cells for row in read_rows(find_rows(cell, results)))
    return join_machines(row["machine"] for row in rows)


def merge_table(
    suite: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    results: Path = RESULTS,
) -> dict[str, dict[str, str]]:
    """The suite's rows by cell: of those given and those kept, the one of more splits.

    They are kept in turn.
    """
    path = results / f"gain_{suite}.csv"
    table = {row["cell"]: row for row in read_rows(path)}
    for values in rows:
        row = dict(zip(columns, values, strict=True))
        old = table.get(row["cell"])
        if old is None or int(row["splits"]) >= int(old["splits"]):
            table[row["cell"]] = row
    write_rows(path, columns, table.values())
    return table


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with open(path, newline="", encoding="utf-8") as lines:
            yield from csv.DictReader(lines)


def write_rows(
    path: Path, fields: Sequence[str], rows: Iterable[dict[str, Any]]
) -> None:
    made = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)

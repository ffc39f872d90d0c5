"""What the repository keeps of finished gain splits, so that no machine repeats one.

results/gain/CELL/split-NN.npz has a bit per network and test image, whether it was
right (the table's intervals need no more), and how the split was run. plan.json beside
it says how long its GANs train, optimisation.json what was tuned at split 0.
results/gain_CELL.csv has the same for people, a row per split and arm, and
results/gain_SUITE.csv the table's finished rows.
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
from filelock import FileLock
from numpy.typing import NDArray

from benchmarks.gain.problems import Cell
from benchmarks.measuring import HERE, describe_machine, join_machines
from ganaug.gain.judgement.scores import list_networks
from ganaug.gain.protocol.split_data import seed_split
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.settings import Settings
from ganaug.recipe import Recipe

RESULTS = HERE / "results"
FIELDS = (
    "split", "arm", "balanced_accuracy", "recipe", "kept", "seed", "seconds",
    "machine",
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
    """Write the split's hits, and replace its rows in the CSV file.

    Args:
        asked: settings that it was run with.
        seconds: time that it took, from the last start.
        device: device that it ran on, the CPU by default.
    """
    run = {"seconds": round(seconds), "machine": describe_machine(device)}
    write_hits(find_split(cell, result.number, results), result, asked, run)
    write_split(cell, result, run, results)


def restore_split(cell: Cell, result: SplitResult, results: Path = RESULTS) -> None:
    """Write the CSV rows of a split, if only its file came from another machine."""
    number = str(result.number)
    if all(row["split"] != number for row in read_rows(find_rows(cell, results))):
        facts, _ = read_hits(find_split(cell, result.number, results))
        write_split(cell, result, facts.get("run", {}), results)


def write_split(
    cell: Cell, result: SplitResult, run: dict[str, Any], results: Path
) -> None:
    path = find_rows(cell, results)
    found = [
        {
            "split": result.number, "arm": name,
            "balanced_accuracy": (
                f"{find_accuracy(result.predictions[name], result.labels):.5f}"
            ),
            "recipe": result.say_recipe(name),
            "kept": json.dumps(result.kept.tolist()),
            "seed": seed_split(Settings().seed, result.number),
            "seconds": run.get("seconds", ""), "machine": run.get("machine", ""),
        }
        for name, recipe in result.recipes.items()
    ]  # fmt: skip
    with FileLock(path.with_suffix(".lock")):  # cells of two processes share a table
        rows = [r for r in read_rows(path) if r["split"] != str(result.number)]
        rows = sorted([*rows, *found], key=lambda row: int(row["split"]))
        write_rows(path, FIELDS, rows)


def find_accuracy(networks: NDArray[np.float32], labels: Labels) -> float:
    """Return the mean of the classes' recalls, over networks."""
    hits = networks.argmax(axis=2) == labels
    return float(np.mean([hits[:, labels == k].mean() for k in np.unique(labels)]))


def write_hits(
    path: Path, result: SplitResult, asked: dict[str, float], run: dict[str, Any]
) -> None:
    networks = list_networks(result)
    hits = {
        name: np.packbits(p.argmax(axis=2) == result.labels, axis=1)
        for name, p in networks.items()
    }
    facts = {
        "asked": asked,
        "run": run,
        "again": result.again,
        "kept": result.kept.tolist(),
        "recipes": {name: recipe.to_dict() for name, recipe in result.recipes.items()},
        **({"said": result.said} if result.said else {}),
        **({"carrier": result.carrier} if result.carrier else {}),
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
    """Restore a split: networks are sure of the label, or if wrong, of the next class.

    So accuracies and recalls are as they were; scores of probabilities are not.

    Raises:
        SystemExit: it was run with other settings.
    """
    path = find_split(cell, number, results)
    if not path.is_file():
        return None
    facts, arrays = read_hits(path)
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
        np.array(facts["kept"], np.int64), again=facts.get("again", ""),
        said=facts.get("said", {}), carrier=facts.get("carrier", ""),
    )  # fmt: skip


def read_hits(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[np.uint8]]]:
    """Read the facts of a split, and arm → (networks, bytes), a bit per test image."""
    with np.load(path) as found:
        arrays = {name: found[name] for name in found.files}
    return json.loads(str(arrays.pop("facts"))), arrays


def find_rows(cell: Cell, results: Path = RESULTS) -> Path:
    return results / f"gain_{cell.name}.csv"


def find_machines(cells: Iterable[Cell], results: Path = RESULTS) -> str:
    """Name the commits and hardware of all rows that are kept of these cells."""
    rows = (row for cell in cells for row in read_rows(find_rows(cell, results)))
    return join_machines(row["machine"] for row in rows if row["machine"])


def merge_table(
    suite: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    results: Path = RESULTS,
) -> dict[str, dict[str, str]]:
    """Merge rows into the suite's CSV file: of two of a cell, the one with more splits.

    The rows are written with their p-values corrected by Holm's procedure.
    """
    path = results / f"gain_{suite}.csv"
    table = {row["cell"]: row for row in read_rows(path)}
    for values in rows:
        row = dict(zip(columns, values, strict=True))
        old = table.get(row["cell"])
        if old is None or int(row["splits"]) >= int(old["splits"]):
            table[row["cell"]] = row
    corrected = holm([float(row["p"]) for row in table.values()])
    for row, p in zip(table.values(), corrected, strict=True):
        row["p, Holm"] = f"{p:.6f}"
    write_rows(path, columns, table.values())
    return table


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Adjust p-values so that the familywise error rate holds (Holm, 1979).

    Args:
        p_values: (m,) one per cell, in [0, 1].

    Returns:
        (m,) in the same order; below α where Holm's procedure rejects at α.

    Example:
        >>> holm([0.04, 0.01, 0.03])
        array([0.06, 0.03, 0.06])
    """
    values = np.asarray(p_values, np.float64)
    assert ((values >= 0) & (values <= 1)).all()
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1, stepped)
    return adjusted


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

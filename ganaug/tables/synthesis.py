"""The function `synthesize_rows`: from a CSV to a CSV of further rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.errors import ConfigError, DataError
from ganaug.files import beside
from ganaug.tables.csv_file import read_csv, split_labels, write_csv
from ganaug.tables.encoder import number_labels
from ganaug.tables.made_file import MadeFile, MadeKind, find_made, note_made
from ganaug.tables.resampling import FILTERS, NewRows, check_filters, make_rows
from ganaug.tables.settings import TableConfig
from ganaug.training.progress import Progress

ORIGIN = "ganaug_row"  # columns of provenance in the file of new rows
AGREEMENT = "ganaug_agreement"
DISTANCE = "ganaug_distance"
PROVENANCE = (ORIGIN, AGREEMENT, DISTANCE)
ROWS = MadeKind(
    "rows",
    "table",
    {
        "source": str, "label_column": str, "digest": str, "classes": list[str],
        "counts": dict[str, int], "seed": int, "filters": list[str],
        "config": dict[str, Any], "budget": float | None, "categories": list[str],
        "notes": list[str], "tallies": dict[str, Any],
    },
)  # fmt: skip
Count = Callable[[list[str], dict[str, int]], Mapping[str, int]]


def synthesize_rows(
    source: Path,
    label_column: str,
    out: Path,
    count: Count,
    *,
    categories: Collection[str] = (),
    filters: tuple[str, ...] = FILTERS,
    config: TableConfig | None = None,
    budget: float | None = None,
    device: str = "cpu",
    show: Callable[[ExitStack], Progress | None] = lambda stack: None,
) -> MadeFile:
    """Train on a CSV and write a CSV of further rows; the same call resumes.

    Beside the table's columns each row has `ganaug_row`, the real row it began as,
    counted from 1 below the header; `ganaug_agreement`, the probability of its class by
    classifiers that were cross-fitted on the real rows; and `ganaug_distance`, that to
    the nearest real row over the usual one. `OUT.json` beside the file says how it was
    made, and `OUT.run` keeps the training.

    Args:
        source: the CSV of real rows.
        label_column: name of the column of classes.
        out: the CSV to write.
        count: function of the classes and of their real numbers that returns class →
            number of new rows.
        categories: columns that are categories although they hold numbers.
        filters: `label`, `copy`, both or none.
        config: settings of the training.
        budget: most seconds of training.
        device: where to train.
        show: function that opens a progress bar on a stack, and returns what moves it.

    Raises:
        DataError, ConfigError: the table or an argument cannot be used.
        StoreError: `out` is something else, or was made of another table or request.

    Example:
        >>> synthesize_rows(
        ...     Path("table.csv"), "y", Path("more.csv"),
        ...     lambda classes, real: dict.fromkeys(classes, 100),
        ... )  # doctest: +SKIP
    """
    check_filters(filters)
    config = config or TableConfig()
    table = read_csv(source)
    features, words = split_labels(source, table, label_column)
    _check_names(source, table, categories)
    labels, classes = number_labels(words)
    real = dict(zip(classes, map(int, np.bincount(labels)), strict=True))
    wanted = {name: n for name, n in count(classes, real).items() if n > 0}
    asked = {
        "categories": sorted(categories), "label_column": label_column,
        "counts": wanted, "seed": config.seed,
        "filters": list(filters), "config": config.to_dict(), "budget": budget,
        "digest": digest_table(table, categories),
    }  # fmt: skip
    found = find_made(out, ROWS, asked)
    if found is not None:
        return found
    with ExitStack() as stack:
        new = make_rows(
            features,
            labels,
            {classes.index(name): n for name, n in wanted.items()},
            names=classes,
            categories=categories,
            config=config,
            filters=filters,
            folder=beside(out, ".run"),
            budget=budget,
            device=device,
            progress=show(stack),
        )
    write_csv(out, join_rows(new, table, label_column, classes))
    values = {
        "source": str(source), "classes": classes, **asked, "notes": list(new.notes),
        "tallies": {classes[k]: t._asdict() for k, t in new.drawn.tallies.items()},
    }  # fmt: skip
    return note_made(out, ROWS, values, device=device)


def _check_names(
    source: Path, table: pd.DataFrame, categories: Collection[str]
) -> None:
    for name in categories:
        if name not in table.columns:
            raise ConfigError(f"{source} has no column {name!r} (--category)")
    taken = [name for name in PROVENANCE if name in table.columns]
    if taken:
        raise DataError(
            f"{source} has the column {taken[0]} itself, so it holds rows that ganaug "
            "made; give the real rows"
        )


def join_rows(
    new: NewRows, table: pd.DataFrame, label_column: str, classes: list[str]
) -> pd.DataFrame:
    """Return the new rows with their labels in the table's place, and provenance."""
    made, drawn = new.table.copy(), new.drawn
    place = list(table.columns).index(label_column)
    made.insert(place, label_column, [classes[k] for k in drawn.labels])
    made[ORIGIN] = drawn.anchors + 1
    made[AGREEMENT] = drawn.agreement.round(4)
    made[DISTANCE] = drawn.distance.round(4)
    return made


def digest_table(table: pd.DataFrame, categories: Collection[str]) -> str:
    """Return the digest of a table and of its columns of codes."""
    found = hashlib.sha256(repr((list(table.columns), sorted(categories))).encode())
    found.update(table.to_csv(index=False).encode())
    return found.hexdigest()

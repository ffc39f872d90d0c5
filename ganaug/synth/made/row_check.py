"""The function `check_rows`: a CSV of drawn rows, checked against its records."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.errors import GanaugError
from ganaug.spreadsheets import unshield
from ganaug.synth.made.made_check import (
    CheckedFile,
    MadeCheck,
    check_classes,
    check_columns,
    check_figures,
    check_origins,
    check_passed,
    compare_draws,
    open_check,
    read_numbers,
    say_unlike,
)
from ganaug.synth.made.real_rows import RealRows, read_real_rows, suit_columns
from ganaug.tables.csv_file import MISSING, format_csv, read_csv
from ganaug.tables.resampling import draw_table
from ganaug.tables.settings import TableConfig
from ganaug.tables.synthesis import (
    AGREEMENT,
    DISTANCE,
    ORIGIN,
    PROVENANCE,
    ROWS,
    join_rows,
)
from ganaug.tables.training import RowSet, load_generator


def check_rows(path: Path, *, sample: int, data: Any = None) -> CheckedFile:
    """Check a CSV of drawn rows: classes, origins, figures, and draws.

    Args:
        path: the CSV.
        sample: whether to draw the rows again, all of them; 0 for none.
        data: the real rows, where they have moved.

    Raises:
        StoreError: the .json is missing or damaged, or `data` are other rows.
        DataError: there is no CSV, or `data` cannot be read.
    """
    check = open_check(path, ROWS)
    if check.others:
        return check.close()
    label_column = check.values["label_column"]
    real = _find_real(check, data)
    if real is None:
        wanted = [n for n in check.names if n not in PROVENANCE and n != label_column]
    else:
        wanted = list(map(str, real.table.columns))
    check_columns(check, [*wanted, label_column, *PROVENANCE])
    if check.others:
        return check.close()
    labels = check.column(label_column)
    classes = check.values["classes"]
    words = None if real is None else [classes[k] for k in real.labels]
    check_classes(check, labels)
    check_origins(check, ORIGIN, labels, words)
    if real is not None:
        _judge_again(check, labels, real)
        if sample:
            _draw_again(check, labels, real)
    return check.close()


def _find_real(check: MadeCheck, data: Any) -> RealRows | None:
    values = check.values
    try:
        return read_real_rows(Path(values["source"] if data is None else data), values)
    except GanaugError as error:
        if data is not None:
            raise
        check.notes.append(
            "only the classes were checked, for the real rows are not there (--data): "
            f"{error}"
        )
        return None


def _judge_again(check: MadeCheck, labels: list[str], real: RealRows) -> None:
    """Compare figures, and the number of rows that the filters refuse."""
    there = {name: read_numbers(check, name) for name in (AGREEMENT, DISTANCE)}
    if not _has_numbers(check, real):
        return
    made = suit_columns(read_csv(check.file.path), real.table)
    matrix = real.encoder.encode(made)
    filters, judge = check.values["filters"], real.judge
    for label, name in enumerate(check.values["classes"]):
        rows = np.array([k for k, own in enumerate(labels) if own == name], int)
        if not len(rows):
            continue
        agreement = judge.measure_labels(matrix[rows], label)
        distance = judge.measure_copies(matrix[rows])
        check_figures(check, AGREEMENT, there[AGREEMENT], rows, agreement)
        check_figures(check, DISTANCE, there[DISTANCE], rows, distance)
        refused = ((agreement < judge.least[label]) & ("label" in filters)) | (
            (distance <= judge.ratio) & ("copy" in filters)
        )
        check_passed(check, name, rows, refused)


def _has_numbers(check: MadeCheck, real: RealRows) -> bool:
    """Whether all fields of columns of numbers are numbers or missing."""
    sound = True
    for name in real.table.columns:
        if not pd.api.types.is_numeric_dtype(real.table[name].dtype):
            continue
        for k, word in enumerate(check.column(name)):
            if word.strip() not in MISSING and not _is_number(word):
                check.blame(k, f"{name} is {word!r}, not a number")
                sound = False
    return sound


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _draw_again(check: MadeCheck, labels: list[str], real: RealRows) -> None:
    """Draw all rows again, and compare their fields."""
    values = check.values
    if not check.run.is_dir():
        check.notes.append(
            f"no row was drawn again, for the training {check.run} is not there"
        )
        return
    classes = values["classes"]
    try:
        data = RowSet(real.encoder, real.matrix, real.labels)
        new = draw_table(
            load_generator(data, check.run), real.table, real.labels,
            {classes.index(name): n for name, n in values["counts"].items()},
            encoder=real.encoder, judge=real.judge,
            config=TableConfig.from_dict(values["config"]),
            filters=tuple(values["filters"]),
        )  # fmt: skip
    except GanaugError as error:
        check.doubt(f"rows cannot be drawn again: {error}", check.run)
        return
    table = join_rows(new, real.whole, values["label_column"], classes)
    drawn = list(csv.reader(io.StringIO(format_csv(table), newline="")))
    order = [check.names.index(name) for name in drawn[0]]
    there = [[row[k] for k in order] for row in check.rows]
    again = [_join(row) for row in drawn[1:]]
    found = [_join(row) for row in there]
    apart = compare_draws(check, range(len(there)), found, again, set(found))
    say_unlike(check, apart, "row")


def _join(fields: list[str]) -> str:
    return ", ".join(map(unshield, fields))

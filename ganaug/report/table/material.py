"""RowMaterial: new rows and the real ones, read for the page about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import GanaugError, StoreError
from ganaug.spreadsheets import unshield
from ganaug.tables.csv_file import read_csv, split_labels
from ganaug.tables.encoder import TableEncoder, fit_encoder
from ganaug.tables.filters import RowFilter, fit_filter
from ganaug.tables.made_file import MadeFile, read_made
from ganaug.tables.synthesis import PROVENANCE, ROWS, digest_table

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RealRows:
    """The rows that a generator learned from.

    Attributes:
        table: (n, d) features.
        labels: (n,) classes.
        encoder: layout of their matrix.
        matrix: (n, width) encoded.
        judge: the filters, fitted on them again.
    """

    table: pd.DataFrame
    labels: Labels
    encoder: TableEncoder
    matrix: NDArray[np.float32]
    judge: RowFilter


@dataclass(frozen=True, eq=False)
class RowMaterial:
    """What the page about new rows is made of.

    Attributes:
        file: the CSV, and how it was made.
        made: (m, d) features of the new rows.
        labels: (m,) their classes.
        figures: (m) rows of origin, agreement and distance.
        real: the real rows; None where they are not found.
        missing: why they are not found, or "".
    """

    file: MadeFile
    made: pd.DataFrame
    labels: Labels
    figures: pd.DataFrame
    real: RealRows | None
    missing: str = ""

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return list(self.file.values["classes"])

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """New rows (m, width), encoded like the real ones, which must be there."""
        assert self.real is not None
        return self.real.encoder.encode(self.made)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Weights (n,) of the real rows, with which their classes are the new ones'."""
        assert self.real is not None
        k = len(self.classes)
        made = np.bincount(self.labels, minlength=k) / max(len(self.labels), 1)
        real = np.bincount(self.real.labels, minlength=k)
        return (made / np.maximum(real, 1))[self.real.labels]


def open_rows(path: Path, data: Any = None) -> RowMaterial:
    """Read new rows, and the real ones from their source or from `data`.

    Raises:
        StoreError: the CSV or its .json are damaged.
        DataError: `data` cannot be read.
    """
    file = read_made(path, ROWS)
    values = file.values
    table = read_csv(path)
    absent = [n for n in (*PROVENANCE, values["label_column"]) if n not in table]
    if absent:
        raise StoreError(f"{path} has no column {absent[0]}; restore it")
    figures = table[list(PROVENANCE)]
    made, words = split_labels(
        path, table.drop(columns=list(PROVENANCE)), values["label_column"]
    )
    labels = _number(path, words, values["classes"])
    try:
        real = _read_real(Path(values["source"] if data is None else data), values)
        missing = ""
    except GanaugError as error:
        if data is not None:
            raise
        real, missing = None, str(error)
    if real is not None:
        made = _suit(made, real.table)
    return RowMaterial(file, made, labels, figures, real, missing)


def _read_real(path: Path, values: dict[str, Any]) -> RealRows:
    table = read_csv(path)
    if digest_table(table, values["categories"]) != values["digest"]:
        raise StoreError(f"{path} is not the table that these rows were made of")
    features, words = split_labels(path, table, values["label_column"])
    labels = _number(path, words, values["classes"])
    encoder = fit_encoder(features, values["categories"])
    matrix = encoder.encode(features)
    judge = fit_filter(matrix, labels, seed=values["seed"])
    return RealRows(features, labels, encoder, matrix, judge)


def _number(path: Path, words: list[str], classes: list[str]) -> Labels:
    known = {name: k for k, name in enumerate(classes)}
    odd = next((word for word in words if word not in known), None)
    if odd is not None:
        raise StoreError(f"{path} has a class {odd!r} that its .json does not name")
    return np.array([known[word] for word in words], np.int64)


def _suit(made: pd.DataFrame, real: pd.DataFrame) -> pd.DataFrame:
    """Give columns the types of the real ones; few rows may look like others."""
    made = made.reindex(columns=real.columns)
    return pd.DataFrame(
        {name: _convert(made[name], real[name].dtype) for name in real.columns}
    )


def _convert(column: pd.Series[Any], kind: Any) -> pd.Series[Any]:
    if column.dtype == "str":
        column = column.map(unshield, na_action="ignore")
    try:
        return column.astype(kind)
    except (TypeError, ValueError):
        return column.astype("str") if str(kind) == "str" else column

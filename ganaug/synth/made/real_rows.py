"""RealRows: the rows that further ones were made of, with the filters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import StoreError
from ganaug.spreadsheets import unshield
from ganaug.synth.made.real_texts import number_classes
from ganaug.tables.csv_file import read_csv, split_labels
from ganaug.tables.draws import Labels
from ganaug.tables.encoder import TableEncoder, fit_encoder
from ganaug.tables.filters import RowFilter, fit_filter
from ganaug.tables.synthesis import digest_table


@dataclass(frozen=True, eq=False)
class RealRows:
    """The rows that a generator learned from.

    Attributes:
        whole: (n, d + 1) the table with its column of classes.
        table: (n, d) features.
        labels: (n,) classes.
        encoder: layout of their matrix.
        matrix: (n, width) encoded.
        judge: the filters, fitted on them again.
    """

    whole: pd.DataFrame
    table: pd.DataFrame
    labels: Labels
    encoder: TableEncoder
    matrix: NDArray[np.float32]
    judge: RowFilter


def read_real_rows(path: Path, values: dict[str, Any]) -> RealRows:
    """Read the real rows of a made file, and fit the filters on them.

    Args:
        path: where they are.
        values: what the made file's .json says.

    Raises:
        GanaugError: they cannot be read, or are others.
    """
    table = read_csv(path)
    if digest_table(table, values["categories"]) != values["digest"]:
        raise StoreError(f"{path} is not the table that these rows were made of")
    features, words = split_labels(path, table, values["label_column"])
    labels = number_classes(path, words, values["classes"])
    encoder = fit_encoder(features, values["categories"])
    matrix = encoder.encode(features)
    judge = fit_filter(matrix, labels, seed=values["seed"])
    return RealRows(table, features, labels, encoder, matrix, judge)


def suit_columns(made: pd.DataFrame, real: pd.DataFrame) -> pd.DataFrame:
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

"""TableEncoder: a table as one matrix that networks read, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.tables.columns import Carried, Column, Matrix, describe_column


@dataclass(frozen=True, eq=False)
class TableEncoder:
    """The columns of a table, and where each lies in the matrix.

    The matrix begins with one score per number; one-hot blocks follow.

    Attributes:
        columns: records of the columns, in the table's order.
    """

    columns: tuple[Column, ...]

    @property
    def numbers(self) -> int:
        """Number of scores, the first columns of the matrix."""
        return sum(hasattr(column, "scores") for column in self.columns)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Sizes of the one-hot blocks that follow the scores."""
        return tuple(size for column in self.columns for size in column.blocks)

    @property
    def width(self) -> int:
        """Columns of the matrix."""
        return self.numbers + sum(self.blocks)

    @property
    def carried(self) -> dict[Hashable, str]:
        """Columns that are copied from the real row, and why."""
        return {c.name: c.why for c in self.columns if isinstance(c, Carried)}

    def encode(self, table: pd.DataFrame) -> Matrix:
        """Return the matrix (n, width) of a table with these columns."""
        parts = [
            column.encode(table.iloc[:, k]) for k, column in enumerate(self.columns)
        ]
        empty = np.zeros((len(table), 0), np.float32)
        scores = [scores for scores, _ in parts]
        blocks = [block for _, blocks in parts for block in blocks]
        return np.concatenate([empty, *scores, *blocks], axis=1)

    def decode(self, matrix: Matrix, anchors: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a matrix (n, width).

        Args:
            matrix: numbers in the layout of `encode`.
            anchors: (n) real rows that copied columns are taken from.
        """
        n = self.numbers
        ends = [*accumulate(self.blocks, initial=n)]
        blocks = [matrix[:, a:b] for a, b in pairwise(ends)]
        made: list[pd.Series[Any]] = []
        score = block = 0
        for k, column in enumerate(self.columns):
            wide, many = int(hasattr(column, "scores")), len(column.blocks)
            own = matrix[:, score : score + wide], blocks[block : block + many]
            anchor = anchors.iloc[:, k]
            values = column.decode(*own, anchor)
            made.append(_restore(values, anchor))
            score, block = score + wide, block + many
        table = pd.concat(made, axis=1) if made else anchors.iloc[:, :0]
        table.columns = anchors.columns
        return table

    @property
    def digest(self) -> str:
        """Digest of the columns, which tells tables apart."""
        said = [[str(c.name), type(c).__name__, *c.blocks] for c in self.columns]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def fit_encoder(
    table: pd.DataFrame, categories: Collection[Hashable] = ()
) -> TableEncoder:
    """Look at the columns of a table, and decide how each is drawn.

    Args:
        table: (n, d) rows; text, booleans and pandas' categories are categories.
        categories: names of further columns that are categories, such as codes.

    Raises:
        DataError: it has no rows, no columns, a name twice, or infinite values.

    Example:
        >>> table = pd.DataFrame({"age": [31, 40, 52], "sex": ["f", "m", "f"]})
        >>> encoder = fit_encoder(table)
        >>> encoder.encode(table).shape
        (3, 3)
        >>> encoder.decode(encoder.encode(table), table).equals(table)
        True
    """
    if not len(table) or not table.shape[1]:
        raise DataError("the table is empty; give at least one row and one column")
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise DataError(
            f"the table has the column {twice[0]!r} twice; rename or remove one of them"
        )
    return TableEncoder(
        tuple(
            describe_column(name, table[name], category=name in categories)
            for name in table.columns
        )
    )


def _restore(values: Any, anchor: pd.Series[Any]) -> pd.Series[Any]:
    """Return values as a column of the anchors' type."""
    column = pd.Series(values, index=anchor.index, name=anchor.name)
    if column.dtype == anchor.dtype:
        return column
    if pd.api.types.is_integer_dtype(anchor.dtype) and column.dtype.kind == "f":
        column = column.round()
    return column.astype(anchor.dtype)


def to_frame(x: Any) -> pd.DataFrame:
    """Return rows as a DataFrame without sparse columns; arrays get whole names.

    Example:
        >>> to_frame(np.array([[1, "a"], [2, "b"]], dtype=object)).dtypes.tolist()[0]
        dtype('int64')
    """
    if not isinstance(x, pd.DataFrame):
        return pd.DataFrame(np.asarray(x)).infer_objects()
    kinds = {
        name: kind.subtype
        for name, kind in x.dtypes.items()
        if isinstance(kind, pd.SparseDtype)
    }
    return x.astype(kinds) if kinds else x


def number_labels(labels: Any) -> tuple[NDArray[np.int64], list[Any]]:
    """Return the class of each row (n,) as a number, and the classes in rising order.

    Raises:
        DataError: a label is missing.
    """
    column = pd.Series(np.asarray(labels, dtype=object))
    missing = np.flatnonzero(column.isna())
    if len(missing):
        raise DataError(
            f"{len(missing)} rows have no label, first row {missing[0]}; fill them in, "
            "or remove these rows"
        )
    values = column.infer_objects()
    try:
        classes = sorted(values.unique())
    except TypeError:
        classes = sorted(values.unique(), key=str)
    places = pd.Index(classes, dtype=object).get_indexer(values.astype(object))
    return places.astype(np.int64), classes

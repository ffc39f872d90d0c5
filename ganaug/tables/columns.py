"""Columns: numbers, categories and what is copied, each with its way there and back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.errors import DataError
from ganaug.tables.scores import NormalScores, fit_scores

Matrix = NDArray[np.float32]
Values = Any  # a pandas Series

MOST_CATEGORIES = 50  # a column with more is copied from the real row
FEW = 10  # so many may differ, however few rows there are; else half of the rows
DECIMALS = 6  # most decimals that a column is rounded to


@dataclass(frozen=True, eq=False)
class Number:
    """A column of numbers or of points in time.

    Attributes:
        name: of the column.
        scores: values ↔ normal scores.
        step: all values are multiples of it; 0 where they are any numbers.
        gaps: whether some rows lack a value.
    """

    name: Hashable
    scores: NormalScores
    step: float
    gaps: bool

    @property
    def blocks(self) -> tuple[int, ...]:
        """Sizes of its one-hot blocks: there or missing."""
        return (2,) if self.gaps else ()

    def encode(self, column: Values) -> tuple[Matrix, list[Matrix]]:
        """Return scores (n, 1), 0 where missing, and its one-hot blocks."""
        values = read_numbers(column)
        missing = np.isnan(values)
        scores = np.where(missing, 0, self.scores.to_scores(np.nan_to_num(values)))
        blocks = [_mark(missing.astype(np.int64), 2)] if self.gaps else []
        return scores[:, None].astype(np.float32), blocks

    def decode(self, scores: Matrix, blocks: list[Matrix], anchors: Values) -> Any:
        """Return the column's values for scores (n, 1) and one-hot blocks."""
        values = self.scores.to_values(scores[:, 0].astype(np.float64))
        if self.step:
            values = np.round(values / self.step) * self.step
            values = np.round(values, DECIMALS)
        if self.gaps:
            values = np.where(blocks[0][:, 1] > blocks[0][:, 0], np.nan, values)
        if is_time(anchors):
            missing = np.isnan(values)
            whole = np.where(missing, 0, values).astype(np.int64)
            made = pd.Series(whole, index=anchors.index).astype(anchors.dtype)
            return made.mask(missing)
        return values


@dataclass(frozen=True, eq=False)
class Category:
    """A column with few different values, or two numbers.

    Attributes:
        name: of the column.
        levels: its different values; a missing one is the last.
        gaps: whether the last level is a missing value.
    """

    name: Hashable
    levels: tuple[Any, ...]
    gaps: bool

    @property
    def blocks(self) -> tuple[int, ...]:
        """Sizes of its one-hot blocks."""
        return (len(self.levels),)

    def encode(self, column: Values) -> tuple[Matrix, list[Matrix]]:
        """Return no scores (n, 0), and a block (n, levels); 0 for unknown levels."""
        known = self.levels[:-1] if self.gaps else self.levels
        places = pd.Index(known, dtype=object).get_indexer(column.astype(object))
        if self.gaps:
            places = np.where(column.isna(), len(known), places)
        return np.zeros((len(column), 0), np.float32), [_mark(places, len(self.levels))]

    def decode(self, scores: Matrix, blocks: list[Matrix], anchors: Values) -> Any:
        """Return the level that is largest in each row."""
        values = np.empty(len(self.levels), object)
        values[:] = self.levels
        return values[blocks[0].argmax(axis=1)]


@dataclass(frozen=True, eq=False)
class Carried:
    """A column that a new row takes from the real row it began as.

    Attributes:
        name: of the column.
        why: a few words that say why it is not drawn.
    """

    name: Hashable
    why: str
    blocks: tuple[int, ...] = ()

    def encode(self, column: Values) -> tuple[Matrix, list[Matrix]]:
        """Return nothing (n, 0)."""
        return np.zeros((len(column), 0), np.float32), []

    def decode(self, scores: Matrix, blocks: list[Matrix], anchors: Values) -> Any:
        """Return the anchors' values."""
        return anchors


Column = Number | Category | Carried


def describe_column(name: Hashable, column: Values, *, category: bool) -> Column:
    """Choose how a column is drawn.

    Args:
        name: of the column.
        column: its values, a pandas Series.
        category: whether it is known to hold categories, even if these are numbers.

    Raises:
        DataError: it has infinite values, or values of a type that no table has.

    Example:
        >>> describe_column("age", pd.Series([31, 40, 52]), category=False).step
        1.0
        >>> describe_column("sex", pd.Series(["f", "m"]), category=False).levels
        ('f', 'm')
        >>> describe_column("unit", pd.Series(["mg", "mg"]), category=False).why
        'it has one value'
    """
    there = column.dropna()
    gaps = len(there) < len(column)
    levels = _find_levels(name, there)
    if not len(levels):
        return Carried(name, "it has no values")
    if len(levels) == 1 and not gaps:
        return Carried(name, "it has one value")
    numeric = is_time(column) or pd.api.types.is_numeric_dtype(column.dtype)
    if numeric and not category and len(levels) > 2:
        return _describe_number(name, column, gaps)
    if len(levels) > min(MOST_CATEGORIES, max(FEW, len(there) // 2)):
        return Carried(name, f"it has {len(levels):,} different values")
    return Category(name, (*levels, *_name_gap(column, gaps)), gaps)


def is_time(column: Values) -> bool:
    """Whether a column holds points in time or durations."""
    return column.dtype.kind in "mM"


def read_numbers(column: Values) -> NDArray[np.float64]:
    """Return a column's numbers (n,), NaN where missing; times in their own unit."""
    if is_time(column):
        counts = column.astype("int64").to_numpy().astype(np.float64)
        return np.where(column.isna(), np.nan, counts)
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _find_levels(name: Hashable, there: Values) -> list[Any]:
    try:
        levels = list(pd.unique(there.astype(object)))
    except TypeError as error:
        raise DataError(
            f"column {name!r} holds {type(there.iloc[0]).__name__} values; give "
            "numbers, text, dates or categories"
        ) from error
    try:
        return sorted(levels)
    except TypeError:  # numbers beside text
        return sorted(levels, key=lambda level: (type(level).__name__, str(level)))


def _describe_number(name: Hashable, column: Values, gaps: bool) -> Number:
    values = read_numbers(column)
    values = values[~np.isnan(values)]
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(np.isinf(read_numbers(column)))[0])
        raise DataError(
            f"column {name!r} is infinite in row {row}; give a number there, or leave "
            "it empty"
        )
    return Number(name, fit_scores(values), _find_step(values, column), gaps)


def _find_step(values: NDArray[np.float64], column: Values) -> float:
    """Return what all values are multiples of, 0 for any numbers."""
    if is_time(column):
        return float(np.gcd.reduce(np.abs(column.dropna().astype("int64"))))
    for decimals in range(4):
        if np.array_equal(np.round(values, decimals), values):
            return float(10.0**-decimals)
    return 0.0


def _name_gap(column: Values, gaps: bool) -> tuple[Any, ...]:
    """Return the missing value of a column as it stands there, if it has one."""
    return (column[column.isna()].astype(object).iloc[0],) if gaps else ()


def _mark(places: NDArray[np.int64], size: int) -> Matrix:
    return np.eye(size, dtype=np.float32)[places] * (places >= 0)[:, None]

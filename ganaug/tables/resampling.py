"""The function `make_rows`: from a table with classes to further rows of them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.display.words import count
from ganaug.errors import ConfigError, DataError
from ganaug.spelling import suggest
from ganaug.tables.columns import Matrix
from ganaug.tables.drawing import DrawnRows, draw_rows
from ganaug.tables.draws import Labels
from ganaug.tables.encoder import TableEncoder, fit_encoder
from ganaug.tables.filters import RowFilter, fit_filter
from ganaug.tables.networks import RowGenerator
from ganaug.tables.settings import TableConfig
from ganaug.tables.training import RowSet, train_rows
from ganaug.training.progress import Progress

FILTERS = ("label", "copy")


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows that were made for a table.

    Attributes:
        table: the new rows, with the columns and types of the real ones.
        drawn: their classes, real rows of origin and figures of the filters.
        encoder: how each column was read.
        notes: what the user should know of it, a sentence each.
    """

    table: pd.DataFrame
    drawn: DrawnRows
    encoder: TableEncoder
    notes: tuple[str, ...]


def make_rows(
    table: pd.DataFrame,
    labels: Labels,
    counts: Mapping[int, int],
    *,
    names: Collection[Any] = (),
    categories: Collection[Hashable] = (),
    config: TableConfig | None = None,
    filters: tuple[str, ...] = FILTERS,
    folder: Path | None = None,
    budget: float | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> NewRows:
    """Train on a table, and draw further rows of its classes.

    Args:
        table: (n, d) real rows.
        labels: (n,) their classes from 0.
        counts: class → number of new rows.
        names: names of the classes, for the notes; their numbers by default.
        categories: names of columns that are categories although they hold numbers.
        config: settings of the training; its seed decides the draws too.
        filters: `label`, `copy`, both, or none.
        folder, budget, device, progress: as for `train_rows`.

    Raises:
        DataError: the table has infinite values, or other faults that one line names.
        ConfigError: there is no such filter.
        RunError, StoppedError, TrainingError: as for `train_rows`.

    Example:
        >>> table = pd.DataFrame({"x": np.arange(12.0), "kind": list("abcabcabcabc")})
        >>> new = make_rows(
        ...     table, np.arange(12) // 8, {1: 3}, config=TableConfig(images=640)
        ... )
        >>> new.table.shape, new.table.dtypes.equals(table.dtypes)
        ((3, 2), True)
    """
    config = config or TableConfig()
    check_filters(filters)
    encoder = fit_encoder(table, categories)
    data = RowSet(encoder, encoder.encode(table), labels)
    notes = [*_note_columns(encoder), *_note_labels(table, labels)]
    if not encoder.width:
        raise DataError(
            "no column of the table can be drawn: "
            + "; ".join(f"{name!r}: {why}" for name, why in encoder.carried.items())
        )
    generator = train_rows(
        data, config, folder=folder, budget=budget, progress=progress, device=device
    )
    judge = fit_filter(data.rows, labels, seed=config.seed)
    new = draw_table(
        generator, table, labels, counts, encoder=encoder, judge=judge, config=config,
        filters=filters,
    )  # fmt: skip
    notes += _note_forced(new.drawn, names)
    return replace(new, notes=tuple(notes))


def draw_table(
    generator: RowGenerator,
    table: pd.DataFrame,
    labels: Labels,
    counts: Mapping[int, int],
    *,
    encoder: TableEncoder,
    judge: RowFilter,
    config: TableConfig,
    filters: tuple[str, ...],
) -> NewRows:
    """Draw further rows of a table from a generator that was trained on it.

    Args:
        generator: the trained one.
        table: (n, d) real rows.
        labels: (n,) their classes from 0.
        counts: class → number of new rows.
        encoder: layout of the table's matrix.
        judge: filters, fitted on that matrix.
        config: settings of the training; its seed decides the draws.
        filters: `label`, `copy`, both, or none.
    """

    def to_table(rows: Matrix, anchors: Labels) -> pd.DataFrame:
        return encoder.decode(rows, table.iloc[anchors])

    drawn = draw_rows(
        generator, RowSet(encoder, judge.real, labels), judge, counts, filters=filters,
        seed=config.seed, neighbours=config.neighbours,
        settle=lambda rows, anchors: encoder.encode(to_table(rows, anchors)),
    )  # fmt: skip
    made = to_table(drawn.rows, drawn.anchors).reset_index(drop=True)
    return NewRows(made, replace(drawn, rows=encoder.encode(made)), encoder, ())


def check_filters(
    filters: tuple[str, ...], known: tuple[str, ...] = FILTERS, unit: str = "rows"
) -> None:
    """Raise ConfigError for a filter that rows, or texts, do not have."""
    for name in filters:
        if name not in known:
            raise ConfigError(
                f"there is no filter {name!r} for {unit}{suggest(name, known)}; choose "
                f"from {', '.join(known)}"
            )


def fill_gaps(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Put medians and most frequent values in place of missing ones.

    Returns:
        The table, and a note that says in which columns.

    Example:
        >>> filled, notes = fill_gaps(pd.DataFrame({"x": [1.0, None, 3.0]}))
        >>> filled["x"].tolist(), notes
        ([1.0, 2.0, 3.0], ('1 missing value was filled in, in x',))
    """
    gaps = {name: int(table[name].isna().sum()) for name in table.columns}
    known = [n for n, many in gaps.items() if 0 < many < len(table)]
    if not known:
        return table, ()
    table = table.copy()
    for name in known:
        column = table[name]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        whole = pd.api.types.is_integer_dtype(column.dtype)
        usual = column.median() if numeric else column.mode().iloc[0]
        table[name] = column.fillna(round(usual) if whole else usual)
    total = sum(gaps[name] for name in known)
    said = "value was" if total == 1 else "values were"
    return table, (f"{total:,} missing {said} filled in, in {_list_names(known)}",)


def _note_columns(encoder: TableEncoder) -> list[str]:
    notes = [
        f"column {name} is copied from the real row each new one began as: {why}"
        for name, why in encoder.carried.items()
    ]
    gaps = [c.name for c in encoder.columns if getattr(c, "gaps", False)]
    if gaps:
        notes.append(f"missing values are drawn as such in {_list_names(gaps)}")
    return notes


def _note_labels(table: pd.DataFrame, labels: Labels) -> list[str]:
    """Tell of columns that are the label in other words."""
    if len(np.unique(labels)) < 2:
        return []
    notes = []
    for name in table.columns:
        codes = pd.factorize(table[name], use_na_sentinel=False)[0]
        pairs = np.unique(np.stack([codes, labels]), axis=1).shape[1]
        if pairs == codes.max() + 1 == labels.max() + 1:
            notes.append(
                f"column {name} tells the class alone, so it may be the label itself; "
                "remove it unless it is known for new rows too"
            )
    return notes


def _note_forced(drawn: DrawnRows, names: Collection[Any]) -> list[str]:
    named = list(names)
    return [
        f"{count(tally.forced, 'row')} of {named[label] if named else label} did not "
        "pass the filters but had to be taken; fewer rows, or other columns, would help"
        for label, tally in drawn.tallies.items()
        if tally.forced
    ]


def _list_names(names: Sequence[Hashable]) -> str:
    return ", ".join(map(str, names))

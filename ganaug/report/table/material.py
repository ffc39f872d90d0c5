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
from ganaug.synth.made.real_rows import RealRows, read_real_rows, suit_columns
from ganaug.synth.made.real_texts import number_classes
from ganaug.tables.csv_file import read_csv, split_labels
from ganaug.tables.made_file import MadeFile, read_made
from ganaug.tables.synthesis import PROVENANCE, ROWS

Labels = NDArray[np.int64]


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
    labels = number_classes(path, words, values["classes"])
    try:
        real = read_real_rows(Path(values["source"] if data is None else data), values)
        missing = ""
    except GanaugError as error:
        if data is not None:
            raise
        real, missing = None, str(error)
    if real is not None:
        made = suit_columns(made, real.table)
    return RowMaterial(file, made, labels, figures, real, missing)

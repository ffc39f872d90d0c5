"""TextMaterial: new texts and the real ones, read for the page about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.errors import GanaugError, StoreError
from ganaug.spreadsheets import unshield
from ganaug.synth.made.real_texts import RealTexts, number_classes, read_real_texts
from ganaug.tables.csv_file import find_column, read_fields
from ganaug.tables.draws import Labels
from ganaug.tables.made_file import MadeFile, read_made
from ganaug.text.synthesis import AGREEMENT, DISTANCE, FLUENCY, ORIGIN, TEXTS

FIGURES = (ORIGIN, AGREEMENT, DISTANCE, FLUENCY)


@dataclass(frozen=True, eq=False)
class TextMaterial:
    """What the page about new texts is made of.

    Attributes:
        file: the CSV, and how it was made.
        texts: (m,) the new texts.
        labels: (m,) their classes.
        figures: (m) rows of origin, agreement, distance and fluency.
        real: the real texts; None where they are not found.
        missing: why they are not found, or "".
    """

    file: MadeFile
    texts: list[str]
    labels: Labels
    figures: pd.DataFrame
    real: RealTexts | None
    missing: str = ""

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return list(self.file.values["classes"])


def open_texts(path: Path, data: Any = None) -> TextMaterial:
    """Read new texts, and the real ones from their source or from `data`.

    Raises:
        StoreError: the CSV or its .json are damaged.
        DataError: `data` cannot be read.
    """
    file = read_made(path, TEXTS)
    values = file.values
    names, rows = read_fields(path)
    wanted = (values["text_column"], values["label_column"], *FIGURES)
    absent = [name for name in wanted if name not in names]
    if absent:
        raise StoreError(f"{path} has no column {absent[0]}; restore it")
    columns = [[row[find_column(path, names, name)] for row in rows] for name in wanted]
    texts, words, *figures = columns
    labels = number_classes(path, [unshield(word) for word in words], values["classes"])
    try:
        real = read_real_texts(Path(values["source"] if data is None else data), values)
        missing = ""
    except GanaugError as error:
        if data is not None:
            raise
        real, missing = None, str(error)
    return TextMaterial(
        file, [unshield(text) for text in texts], labels,
        _read_figures(path, figures), real, missing,
    )  # fmt: skip


def _read_figures(path: Path, columns: list[list[str]]) -> pd.DataFrame:
    table = pd.DataFrame(dict(zip(FIGURES, columns, strict=True)))
    numbers = pd.DataFrame(
        {name: pd.to_numeric(table[name], errors="coerce") for name in FIGURES}
    )
    bad = np.asarray(numbers.isna()).any(axis=1)
    if bad.any():
        raise StoreError(
            f"{path} has no numbers in row {int(bad.argmax()) + 1}; restore it"
        )
    return numbers

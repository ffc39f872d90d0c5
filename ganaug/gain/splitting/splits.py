"""Splits of one set: images to train, to choose the recipe and to test with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import RunError
from ganaug.files import read_json, refuse_damage
from ganaug.recipe import MEASURE_AGAIN

Indices = NDArray[np.int64]

SPLITS_FILE = "splits.json"
SPLITS_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Split:
    """One split of a set, as ascending indices of images.

    Attributes:
        fit: images that the GAN and the candidate recipes are trained on.
        validation: the other 20 % of the training part, which choose the recipe.
        test: images to test on once, or None where there is a separate test set.
    """

    fit: Indices
    validation: Indices
    test: Indices | None = None

    @property
    def train(self) -> Indices:
        """The whole training part, for the final fits."""
        return np.union1d(self.fit, self.validation)


@dataclass(frozen=True, eq=False)
class Splits:
    """The splits of a set.

    Attributes:
        splits: splits in the order in which they were drawn; a larger number of splits
            begins with the same ones.
        overlap: images left out of a training part per image in it, the mean over
            splits; see `paired_interval`.
        notes: lines about classes that are not split like the others.
    """

    splits: tuple[Split, ...]
    overlap: float
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the text of splits.json, with indices of the loaded images."""
        splits = [
            {
                "fit": split.fit.tolist(),
                "validation": split.validation.tolist(),
                "test": None if split.test is None else split.test.tolist(),
            }
            for split in self.splits
        ]
        values = {
            "format": SPLITS_FORMAT,
            "overlap": self.overlap,
            "notes": self.notes,
            "splits": splits,
        }
        return json.dumps(values) + "\n"


def read_splits(path: Path) -> Splits:
    """Read splits.json.

    Raises:
        RunError: the file is damaged, or has a newer format.
    """
    values = read_json(path, RunError, newest=SPLITS_FORMAT, cure=MEASURE_AGAIN)
    with refuse_damage(path, RunError, MEASURE_AGAIN):
        return Splits(
            splits=tuple(_read_split(split) for split in values["splits"]),
            overlap=float(values["overlap"]),
            notes=tuple(str(note) for note in values["notes"]),
        )


def measure_overlap(splits: Sequence[Split], n: int) -> float:
    """Return the mean of images left out of a training part per image in it."""
    sizes = np.array([len(split.fit) + len(split.validation) for split in splits])
    return float(((n - sizes) / sizes).mean())


def _read_split(values: dict[str, Any]) -> Split:
    fit, validation = (np.array(values[k], np.int64) for k in ("fit", "validation"))
    test = values["test"]
    return Split(fit, validation, None if test is None else np.array(test, np.int64))


def say_splits(n: int) -> str:
    """Say how many splits.

    Example:
        >>> say_splits(1), say_splits(5)
        ('one split', '5 splits')
    """
    return "one split" if n == 1 else f"{n} splits"

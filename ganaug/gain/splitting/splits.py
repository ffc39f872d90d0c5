"""Splits of one set: where to train, choose the recipe and test."""

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

Indices = NDArray[np.int64]

NAME = "splits.json"
FORMAT = 1
CURE = "run ganaug gain again"


@dataclass(frozen=True, eq=False)
class Split:
    """One way to part a set; indices ascend.

    Attributes:
        fit: images that the GAN and the candidates see.
        validation: the other fifth of the training part, which chooses the recipe.
        test: images that are scored once, or None where a test set is given.
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
    """The splits of a set, and what to know of them.

    Attributes:
        splits: in the order of their making; more of them keep the earlier ones.
        overlap: what `paired_interval` wants: images left out of a training part per
            image in it, where splits share the others; the mean over splits.
        notes: one line for each class that could not be split as asked.
    """

    splits: tuple[Split, ...]
    overlap: float
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the text of splits.json, with indices into the images as loaded."""
        splits = [
            {
                "fit": split.fit.tolist(),
                "validation": split.validation.tolist(),
                "test": None if split.test is None else split.test.tolist(),
            }
            for split in self.splits
        ]
        values = {
            "format": FORMAT,
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
    values = read_json(path, RunError, newest=FORMAT, cure=CURE)
    with refuse_damage(path, RunError, CURE):
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

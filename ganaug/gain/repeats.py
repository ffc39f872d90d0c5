"""Repeats: folds of examples that test in turn, and scores that a folder keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from ganaug.display.words import count
from ganaug.errors import ConfigError, DataError, RunError
from ganaug.files import claim_folder, hold_lock, read_json, write_json
from ganaug.gain.judgement.arm_gains import Scores

FORMAT = 1
TYPES = {"format": int, "asked": dict[str, Any], "splits": list[Any]}
CURE = "delete the folder, or choose another --out"
FOLDS = 5
OVERLAP = 1 / (FOLDS - 1)
MOST_SPLITS = 100

Labels = NDArray[np.int64]


def check_splits(splits: int) -> None:
    """Raise ConfigError for a number of splits that is not allowed."""
    if not 2 <= splits <= MOST_SPLITS:
        raise ConfigError(f"--splits {splits} is not allowed; give 2 to {MOST_SPLITS}")


def check_classes(
    source: Path, classes: Sequence[Any], labels: Labels, unit: str
) -> None:
    """Raise DataError unless there are two classes with an example for each fold.

    Args:
        source: the file, for the message.
        classes: their names.
        labels: (n,) classes of the examples.
        unit: what an example is, such as rows.
    """
    counts = np.bincount(labels)
    few = int(counts.argmin())
    if len(classes) < 2 or counts[few] < FOLDS:
        what = (
            "one class" if len(classes) < 2
            else f"{count(int(counts[few]), unit.removesuffix('s'))} of {classes[few]}"
        )  # fmt: skip
        raise DataError(
            f"{source} has {what}; a gain needs two classes with {FOLDS} {unit} each"
        )


def take_fold(labels: Labels, k: int, seed: int) -> tuple[Labels, Labels]:
    """Return the training and the test examples of the k-th split: a fifth tests."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + k // FOLDS)
    train, test = list(folds.split(labels, labels))[k % FOLDS]
    return train, test


def repeat_splits(
    out: Path,
    file: str,
    asked: Mapping[str, Any],
    splits: int,
    score: Callable[[int], Scores],
    tell: Callable[[int, int], None],
) -> list[Scores]:
    """Score splits, and keep each in a folder; the same call resumes.

    Args:
        out: the folder.
        file: name of the file in it.
        asked: what decides the scores; another request is refused.
        splits: number of splits.
        score: function that scores the k-th split.
        tell: function that is called with the number of splits done, and of all.

    Raises:
        RunError: the folder contains something else, or scores of another request.
    """
    claim_folder(out, RunError, marks=(file,))
    with hold_lock(out, RunError):
        done = _read_done(out, file, asked)
        for k in range(len(done), splits):
            tell(k, splits)
            done.append(score(k))
            write_json(out / file, {"format": FORMAT, "asked": asked, "splits": done})
    tell(splits, splits)
    return done[:splits]


def _read_done(out: Path, file: str, asked: Mapping[str, Any]) -> list[Any]:
    """Return the scores of the splits that are done."""
    path = out / file
    if not path.is_file():
        return []
    values = read_json(path, RunError, types=TYPES, newest=FORMAT, cure=CURE)
    if values["asked"] != asked:
        raise RunError(
            f"{out} holds the gain of other data or another request; choose another "
            "--out"
        )
    return list(values["splits"])

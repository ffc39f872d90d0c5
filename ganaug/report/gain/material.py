"""GainMaterial: everything that the report about a gain is made from."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.errors import RunError
from ganaug.files import read_json
from ganaug.gain.cells import CELLS_FOLDER, SETTINGS_FILE
from ganaug.gain.judgement.result import CELLS_FILE, VERDICT_FILE, GainResult
from ganaug.gain.splitting.splits import SPLITS_FILE, Splits, read_splits
from ganaug.recipe import MEASURE_AGAIN

SCORE = "balanced_accuracy"  # gains are differences of it
COLUMNS = ("split", "arm", "network", SCORE)


@dataclass(frozen=True, eq=False)
class GainMaterial:
    """Everything that the report about a gain is made from.

    Attributes:
        result: verdict, figures and details.
        data: path or name of the real images, for commands; DATA when unknown.
        identity: values that decide the results, see `identify_request`; empty when
            unknown.
        splits: splits of the images, or None when unknown.
        drawn: (n, h, w, c) synthetic images of the first split, ordered by class, or
            None.
        labels: (n,) labels of the synthetic images, or None.
    """

    result: GainResult
    data: str
    identity: dict[str, Any]
    splits: Splits | None
    drawn: NDArray[np.uint8] | None = None
    labels: NDArray[np.int64] | None = None

    @property
    def title(self) -> str:
        """Short name of the data."""
        return self.result.path.resolve().name.removesuffix("-gain")

    def subtract(self, arm: str, other: str) -> dict[int, float]:
        """Return split → gain of one arm over another, the mean of paired networks."""
        columns = ["split", "network", SCORE]
        cells = self.result.cells
        a, b = (cells.loc[cells["arm"] == name, columns] for name in (arm, other))
        both = a.merge(b, on=["split", "network"])
        both["gain"] = both[f"{SCORE}_x"] - both[f"{SCORE}_y"]
        means = both.groupby("split", as_index=False)["gain"].mean()
        return dict(zip(means["split"].tolist(), means["gain"].tolist(), strict=True))


def is_gain(path: Path) -> bool:
    """Whether `measure_gain` was begun in that folder.

    Example:
        >>> is_gain(Path("/nowhere"))
        False
    """
    begun = (path / CELLS_FOLDER).is_dir() and (path / SETTINGS_FILE).is_file()
    return begun or (path / VERDICT_FILE).is_file()


def open_gain(path: Path, data: Any = None) -> GainMaterial:
    """Read the folder of a finished gain.

    Args:
        path: folder of the gain.
        data: real images as the user named them, or None; a path is used in commands.

    Raises:
        RunError: there is no verdict yet, or a file is damaged or has a newer format.
    """
    result = GainResult.load(path)
    lacking = [name for name in COLUMNS if name not in result.cells]
    if lacking:
        raise RunError(
            f"{path / CELLS_FILE} is damaged: it lacks {', '.join(lacking)}; "
            f"{MEASURE_AGAIN}"
        )
    splits = None
    if (path / SPLITS_FILE).is_file():
        splits = read_splits(path / SPLITS_FILE)
    drawn, labels = _read_pool(path / CELLS_FOLDER / "split-00" / "pool.npz")
    return GainMaterial(
        result=result,
        data=_name_data(path, data),
        identity=_read_identity(path),
        splits=splits,
        drawn=drawn,
        labels=labels,
    )


def _name_data(path: Path, data: Any) -> str:
    """Return the given path of the data, or the one beside the folder, or DATA."""
    if isinstance(data, str | os.PathLike):
        return os.fspath(data)
    name = path.resolve().name
    stem = name.removesuffix("-gain")
    around = path.resolve().parent if path.name in ("", "..") else path.parent
    others = [around / f"{stem}{end}" for end in ("", ".csv", ".npz")]
    found = [other for other in others if other.exists()]
    return str(found[0]) if name.endswith("-gain") and len(found) == 1 else "DATA"


def _read_identity(path: Path) -> dict[str, Any]:
    """Return the values that decide the results; empty if they were not kept."""
    file = path / SETTINGS_FILE
    return read_json(file, RunError, cure=MEASURE_AGAIN) if file.is_file() else {}


def _read_pool(
    path: Path,
) -> tuple[NDArray[np.uint8] | None, NDArray[np.int64] | None]:
    """Return images and labels; None if there are none or the file is damaged.

    The report is complete without them: they only illustrate it.
    """
    try:
        with np.load(path, allow_pickle=False) as pool:
            images, labels = pool["images"], pool["labels"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None, None
    return (images, labels) if len(images) else (None, None)

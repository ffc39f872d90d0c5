"""GainSources: everything on disk that a report about a gain is made from."""

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
class GainSources:
    """What a report about a gain can draw on.

    Attributes:
        result: the verdict and what it rests on.
        data: where the real images are, as a command takes it; DATA when unknown.
        identity: what the measurement follows from, see `identify_request`; empty when
            unknown.
        splits: which images were where, or None when unknown.
        drawn: (n, h, w, c) synthetic images of the first split, in the order of their
            classes, or None.
        labels: (n,) theirs.
    """

    result: GainResult
    data: str
    identity: dict[str, Any]
    splits: Splits | None
    drawn: NDArray[np.uint8] | None = None
    labels: NDArray[np.int64] | None = None

    @property
    def title(self) -> str:
        """A short name of the set."""
        return self.result.path.resolve().name.removesuffix("-gain")

    def subtract(self, arm: str, other: str) -> dict[int, float]:
        """Split → gain of one arm over another; networks are paired and averaged."""
        columns = ["split", "network", SCORE]
        cells = self.result.cells
        a, b = (cells.loc[cells["arm"] == name, columns] for name in (arm, other))
        both = a.merge(b, on=["split", "network"])
        both["gain"] = both[f"{SCORE}_x"] - both[f"{SCORE}_y"]
        means = both.groupby("split", as_index=False)["gain"].mean()
        return dict(zip(means["split"].tolist(), means["gain"].tolist(), strict=True))


def is_gain(path: Path) -> bool:
    """Whether `measure_gain` has begun in that folder.

    Example:
        >>> is_gain(Path("/nowhere"))
        False
    """
    begun = (path / CELLS_FOLDER).is_dir() and (path / SETTINGS_FILE).is_file()
    return begun or (path / VERDICT_FILE).is_file()


def open_gain(path: Path, data: Any = None) -> GainSources:
    """Read the folder of a finished gain.

    Args:
        path: the folder.
        data: where the real images are, if it is known; a path names them in commands.

    Raises:
        RunError: there is no verdict yet, or a file is damaged or newer.
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
    return GainSources(
        result=result,
        data=_name_data(path, data),
        identity=_read_identity(path),
        splits=splits,
        drawn=drawn,
        labels=labels,
    )


def _name_data(path: Path, data: Any) -> str:
    """Return the data as given, or what lies beside the folder under its name."""
    if isinstance(data, str | os.PathLike):
        return os.fspath(data)
    name = path.resolve().name
    stem = name.removesuffix("-gain")
    around = path.resolve().parent if path.name in ("", "..") else path.parent
    others = [around / f"{stem}{end}" for end in ("", ".csv", ".npz")]
    found = [other for other in others if other.exists()]
    return str(found[0]) if name.endswith("-gain") and len(found) == 1 else "DATA"


def _read_identity(path: Path) -> dict[str, Any]:
    """Return what the measurement follows from; empty where that was not kept."""
    file = path / SETTINGS_FILE
    return read_json(file, RunError, cure=MEASURE_AGAIN) if file.is_file() else {}


def _read_pool(
    path: Path,
) -> tuple[NDArray[np.uint8] | None, NDArray[np.int64] | None]:
    """Return images and labels; None where there are none, or the file is damaged.

    They are no more than an illustration.
    """
    try:
        with np.load(path, allow_pickle=False) as pool:
            images, labels = pool["images"], pool["labels"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None, None
    return (images, labels) if len(images) else (None, None)

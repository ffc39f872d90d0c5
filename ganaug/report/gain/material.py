"""GainMaterial: everything that the report about a gain is made from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ganaug.archives import DAMAGED_ARCHIVE, read_arrays
from ganaug.classify.learning import Optimisation
from ganaug.errors import RunError
from ganaug.files import read_json, refuse_damage
from ganaug.gain.judgement.fit_facts import read_fit_facts
from ganaug.gain.judgement.result import CELLS_FILE, VERDICT_FILE, GainResult
from ganaug.gain.judgement.scores import SCORE as CELL_SCORE
from ganaug.gain.kept import KEPT_FOLDER, SETTINGS_FILE
from ganaug.gain.splitting.splits import SPLITS_FILE, Splits, read_splits
from ganaug.recipe import MEASURE_AGAIN

SCORE = "balanced_accuracy"  # gains are differences of it, or of CELL_SCORE
POOL = ("images", "labels", "flips")  # arrays of a pool that the page shows
BOTH = np.ones(2, bool)
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
        flips: whether mirroring left-right and up-down keeps labels, or None when
            unknown.
        optimisation: learning rate and weight decay of the fits.
    """

    result: GainResult
    data: str
    identity: dict[str, Any]
    splits: Splits | None
    drawn: NDArray[np.uint8] | None = None
    labels: NDArray[np.int64] | None = None
    flips: tuple[bool, bool] | None = None
    optimisation: Optimisation = field(default_factory=Optimisation)

    @property
    def title(self) -> str:
        """Short name of the data."""
        return self.result.path.resolve().name.removesuffix("-gain")

    def subtract(self, arm: str, other: str) -> dict[int, float]:
        """Return split → gain of one arm over another, the mean of paired networks."""
        cells = self.result.cells
        score = CELL_SCORE if CELL_SCORE in cells else SCORE
        columns = ["split", "network", score]
        a, b = (cells.loc[cells["arm"] == name, columns] for name in (arm, other))
        both = a.merge(b, on=["split", "network"])
        both["gain"] = both[f"{score}_x"] - both[f"{score}_y"]
        means = both.groupby("split", as_index=False)["gain"].mean()
        return dict(zip(means["split"].tolist(), means["gain"].tolist(), strict=True))


def is_gain(path: Path) -> bool:
    """Whether `measure_gain` was begun in that folder.

    Example:
        >>> is_gain(Path("/nowhere"))
        False
    """
    begun = (path / KEPT_FOLDER).is_dir() and (path / SETTINGS_FILE).is_file()
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
    with refuse_damage(path / CELLS_FILE, RunError, MEASURE_AGAIN):
        _check_cells(result.cells)
    splits = None
    if (path / SPLITS_FILE).is_file():
        splits = read_splits(path / SPLITS_FILE)
    pool = _read_pool(
        path / KEPT_FOLDER / "split-00" / "pool.npz", len(result.details.classes)
    )
    facts = read_fit_facts(path)
    return GainMaterial(
        result=result,
        data=_name_data(path, data),
        identity=_read_identity(path),
        splits=splits,
        drawn=pool.get("images"),
        labels=pool.get("labels"),
        flips=facts.flips,
        optimisation=facts.optimisation,
    )


def _check_cells(cells: pd.DataFrame) -> None:
    """Raise ValueError where the table lacks columns, or has odd values in them."""
    lacking = [name for name in COLUMNS if name not in cells]
    if lacking:
        raise ValueError(f"it lacks {', '.join(lacking)}")
    for name in ("split", "network"):
        if cells[name].dtype.kind not in "iu" or (cells[name] < 0).any():
            raise ValueError(f"{name} has other values than whole numbers")
    for name in (SCORE, CELL_SCORE):
        scores = cells[name] if name in cells else cells[SCORE]
        # NaN where a fit failed
        if (
            scores.dtype.kind not in "iuf"
            or not (scores.isna() | scores.between(0, 1)).all()
        ):
            raise ValueError(f"{name} has other values than shares")


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


def _read_pool(path: Path, classes: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of a pool; empty if it has no images or is damaged.

    The report is complete without them: they only illustrate it.
    """
    try:
        arrays = read_arrays(path, POOL)
        return arrays if _is_pool(**arrays, classes=classes) else {}
    except (OSError, *DAMAGED_ARCHIVE):
        return {}


def _is_pool(
    images: NDArray[Any],
    labels: NDArray[Any],
    flips: NDArray[Any] = BOTH,
    *,
    classes: int,
) -> bool:
    """Whether arrays are images (n, h, w, c), labels (n,) and two flips."""
    kinds = (
        images.dtype == np.uint8 and labels.dtype == np.int64 and flips.dtype == bool
    )
    shapes = images.ndim == 4 and images.shape[-1] in (1, 3, 4) and flips.shape == (2,)
    if not (kinds and shapes and images.size and labels.shape == images.shape[:1]):
        return False
    return bool(labels.min() >= 0 and labels.max() < classes)

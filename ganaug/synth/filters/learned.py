"""Learned numbers: what the filters learned from real images, for the next command.

The weights of the teacher's networks are kept, and numbers: probabilities, distances,
thresholds. No image is, and no features of one; these are computed from the images.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray

from ganaug import engine
from ganaug.errors import CheckpointError
from ganaug.training.weights import load_tensors, save_tensors

LEARNED_FILE = "filters.safetensors"
KIND = "filters"
RULES = 1  # raise it when anything that is kept would be computed otherwise
# packages whose versions decide what is learned
PACKAGES = (
    *("ganaug", "torch", "numpy", "scipy", "pillow"),
    *("albumentations", "opencv-python-headless", "opencv-python"),
)

Array = NDArray[Any]

logger = logging.getLogger(__name__)


class Learned:
    """Arrays by name; those that are missing are computed, and then kept too.

    Attributes:
        arrays: what is kept.
        changed: whether something was computed, so that saving is worth it.

    Example:
        >>> learned = Learned()
        >>> learned.recall("limit", (1,), float, lambda: np.array([2.5])).item()
        2.5
        >>> learned.recall("limit", (1,), float, lambda: np.array([7.0])).item()
        2.5
    """

    def __init__(self, arrays: Mapping[str, Array] | None = None) -> None:
        self.arrays, self.changed = dict(arrays or {}), False

    def recall(
        self,
        name: str,
        shape: tuple[int, ...],
        kind: DTypeLike,
        compute: Callable[[], Array],
    ) -> Array:
        """Return the array of that name; `compute` makes one of that shape and type.

        One of another shape or type is computed again.
        """
        found = self.arrays.get(name)
        if found is None or (found.shape, found.dtype) != (shape, np.dtype(kind)):
            found = self.note(name, np.asarray(compute(), kind))
            assert found.shape == shape, (name, found.shape, shape)
        return found

    def recall_number(self, name: str, compute: Callable[[], float]) -> float:
        """Return a single number in the same way."""
        return float(self.recall(name, (), float, lambda: np.array(compute())))

    def note(self, name: str, array: Array) -> Array:
        """Keep an array, and return it."""
        self.arrays[name], self.changed = array, True
        return array

    def under(self, prefix: str) -> dict[str, Array]:
        """Return the arrays whose names begin with `prefix`, without it."""
        start = f"{prefix}."
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }


def read_learned(folder: Path, key: Mapping[str, Any]) -> Learned:
    """Read what a run's folder keeps; empty where nothing there was learned from `key`.

    Args:
        folder: the run's folder.
        key: plain values that tell what was learned, see `make_key`.
    """
    path = folder / LEARNED_FILE
    if not path.is_file():
        return Learned()
    try:
        tensors, values = load_tensors(path)
    except CheckpointError as error:
        logger.info("the filters learn again: %s", error)
        return Learned()
    if values != {"kind": KIND, "key": dict(key)}:
        return Learned()
    return Learned({name: tensor.numpy() for name, tensor in tensors.items()})


def save_learned(folder: Path, key: Mapping[str, Any], learned: Learned) -> None:
    """Write what was learned into a run's folder, unless it lies there already.

    A folder that cannot be written is left as it is.
    """
    if not learned.changed:
        return
    tensors = {name: torch.from_numpy(array) for name, array in learned.arrays.items()}
    try:
        save_tensors(folder / LEARNED_FILE, tensors, {"kind": KIND, "key": dict(key)})
    except CheckpointError as error:
        logger.info("what the filters learned is not kept: %s", error)
    learned.changed = False


def make_key(arrays: Mapping[str, Array | None], settings: object) -> dict[str, Any]:
    """Return what learned numbers depend on, as plain values.

    Args:
        arrays: name → images, labels, groups, or None for what there is not.
        settings: further plain values.

    Example:
        >>> one = make_key({"labels": np.arange(3)}, ["a"])
        >>> one == make_key({"labels": np.arange(3)}, ["b"])
        False
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name, array in arrays.items():
        shape = None if array is None else (array.shape, str(array.dtype))
        digest.update(f"{name}{shape}".encode())
        digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return {
        "rules": RULES,
        "learned_from": digest.hexdigest(),
        "versions": _find_versions(),
        "engine": engine.describe(torch.device("cpu")),
    }


def _find_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = ""
    return found

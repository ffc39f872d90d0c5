"""The picture that a Dataset has stored for an item, before any work on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PATHS = (str, os.PathLike)


def find_stored(dataset: Any, row: int) -> list[Any]:
    """Find what may be the stored picture of an item: PIL images, arrays or tensors.

    Looked at are attributes with one entry per item: paths of files, also in pairs and
    tables, and pictures.

    Example:
        >>> import torch
        >>> pictures = torch.utils.data.TensorDataset(torch.zeros(2, 8, 8))
        >>> [tuple(picture.shape) for picture in find_stored(pictures, 1)]
        [(8, 8)]
    """
    dataset, row = _enter(dataset, row)
    found: list[Any] = []
    for value in vars(dataset).values() if hasattr(dataset, "__dict__") else ():
        for entry in _list_entries(value, row, len(dataset)):
            found += _open(entry, dataset)
    return found


def _enter(dataset: Any, row: int) -> tuple[Any, int]:
    """Go into Datasets that wrap another one or join several."""
    while True:
        if isinstance(getattr(dataset, "datasets", None), list):
            sizes = [len(part) for part in dataset.datasets]
            k = int(np.searchsorted(np.cumsum(sizes), row, side="right"))
            dataset, row = dataset.datasets[k], row - sum(sizes[:k])
            continue
        inner: Any = getattr(dataset, "dataset", None)
        if not hasattr(inner, "__len__") or not hasattr(inner, "__getitem__"):
            return dataset, row
        indices: Any = getattr(dataset, "indices", None)
        row = row if indices is None else int(indices[row])
        dataset, row = inner, row % len(inner)


def _list_entries(value: Any, row: int, n: int) -> Iterator[Any]:
    """Yield what an attribute has for an item."""
    arrays = isinstance(value, tuple) and value and hasattr(value[0], "shape")
    for each in value if arrays else (value,):  # a TensorDataset has several
        if not _is_list(each) or len(each) != n:
            continue
        table = hasattr(each, "iloc")
        entry = each.iloc[row] if table else each[row]
        together = isinstance(entry, tuple | list) or (table and each.ndim == 2)
        yield from entry if together else (entry,)


def _is_list(value: Any) -> bool:
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return listed or (hasattr(value, "__array__") and np.ndim(value) > 0)


def _open(entry: Any, dataset: Any) -> list[Any]:
    if isinstance(entry, Image.Image):
        return [entry]
    if len(getattr(entry, "shape", ())) in (2, 3):
        return [entry]
    if not isinstance(entry, PATHS):
        return []
    folders = [v for v in vars(dataset).values() if isinstance(v, PATHS)]
    for path in [Path(entry), *(Path(folder) / entry for folder in folders)]:
        try:
            with Image.open(path) as image:
                image.load()
                return [image.copy()]
        except (OSError, ValueError):
            continue
    return []

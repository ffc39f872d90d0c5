"""Class names: their rules, and labels as indices into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.missing_values import is_missing
from ganaug.data.naming import find_fault
from ganaug.errors import DataError


def check_class_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names as a tuple if each can name a folder in the output folder.

    Raises:
        DataError: a name is empty, absolute, has a `..` component or a NUL, or
            occurs twice.

    Example:
        >>> check_class_names(["cat", "T-shirt/top", ".hidden"])
        ('cat', 'T-shirt/top', '.hidden')
    """
    for name in classes:
        reason = find_fault(name)
        if reason:
            raise DataError(
                f"class name {name!r} {reason}: a class names a folder inside the "
                "output folder; rename it"
            )
    if len(set(classes)) < len(classes):
        twice = next(name for name in classes if list(classes).count(name) > 1)
        raise DataError(f"class name {twice!r} occurs twice; make the names unique")
    return tuple(classes)


def index_labels(
    labels: Sequence[object] | NDArray[np.generic], names: Sequence[str] | None = None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn labels into indices, and return the class names in their order.

    Integer labels are indices into `names`, or without names become classes in
    numeric order; string labels become classes in sorted order, or follow `names`.

    Returns:
        (n,) int64 and the names; a name without labels stays.

    Raises:
        DataError: labels are missing, neither integers nor strings, do not fit the
            names, or a class name is not allowed.

    Example:
        >>> index_labels(["dog", "cat", "dog"])
        (array([1, 0, 1]), ('cat', 'dog'))
    """
    _refuse_missing(labels)
    values = _as_plain(np.asarray(labels))
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"labels have shape {values.shape}; give one integer or string per image"
        )
    if values.dtype.kind in "iu":
        return _index_integers(values.astype(np.int64), names)
    if values.dtype.kind == "U":
        return _index_strings(values.tolist(), names)
    raise DataError(f"labels are {values.dtype}; give one integer or string per image")


def drop_empty_classes(images: LabelledImages) -> LabelledImages:
    """Drop classes that have no images, and add a note that names them.

    Example:
        >>> pixels = np.zeros((1, 8, 8, 1), np.uint8)
        >>> data = LabelledImages(pixels, np.array([1]), ("a", "b"))
        >>> drop_empty_classes(data).classes
        ('b',)
    """
    counts = images.counts
    empty = [name for name, n in zip(images.classes, counts, strict=True) if n == 0]
    if not empty:
        return images
    kept = np.flatnonzero(counts)
    listed = ", ".join(repr(name) for name in empty)
    return replace(
        images,
        labels=np.searchsorted(kept, images.labels).astype(np.int64),
        classes=tuple(images.classes[i] for i in kept),
        notes=(*images.notes, f"classes without images are omitted: {listed}"),
    )


def _refuse_missing(labels: Sequence[object] | NDArray[np.generic]) -> None:
    # in an array, a list's NaN would be the string "nan"
    listed = isinstance(labels, list | tuple)
    values = labels if listed else np.asarray(labels).ravel()
    if isinstance(values, np.ndarray) and values.dtype.kind not in "fOMm":
        return
    first = next((i for i, value in enumerate(values) if is_missing(value)), None)
    if first is not None:
        raise DataError(
            f"label {first} is missing ({values[first]}); give one integer or string "
            "per image"
        )


def _as_plain(values: NDArray[Any]) -> NDArray[Any]:
    """Turn objects into strings or integers, and whole floats into integers."""
    kind = values.dtype.kind
    if kind in "OT":
        for plain in (str, (int, np.integer)):
            if all(isinstance(value, plain) for value in values.ravel()):
                return values.astype(str if plain is str else np.int64)
    if kind == "b" or (kind == "f" and np.array_equal(values, np.rint(values))):
        return values.astype(np.int64)
    return values


def _index_integers(
    values: NDArray[np.int64], names: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if names is None:
        found, indices = np.unique(values, return_inverse=True)
        return indices.astype(np.int64), tuple(str(value) for value in found)
    if values.size and not 0 <= values.min() <= values.max() < len(names):
        raise DataError(
            f"labels run from {values.min()} to {values.max()}, but there are "
            f"{len(names)} class names; labels must be 0 to {len(names) - 1}"
        )
    return values, check_class_names([str(name) for name in names])


def _index_strings(
    values: list[str], names: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    known = sorted(set(values)) if names is None else [str(name) for name in names]
    classes = check_class_names(known)
    numbers = {name: i for i, name in enumerate(classes)}
    unknown = sorted(set(values) - set(classes))
    if unknown:
        raise DataError(
            f"label {unknown[0]!r} is not among the class names {', '.join(classes)}"
        )
    return np.array([numbers[value] for value in values], np.int64), classes

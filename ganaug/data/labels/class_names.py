"""Class names: their rules, and labels as indices into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.data.labels.label import read_labels
from ganaug.data.naming import find_fault
from ganaug.data.word import order_words, read_word
from ganaug.errors import DataError

Indexed = tuple[NDArray[np.int64], tuple[str, ...]]


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
    labels: Sequence[object] | NDArray[Any],
    names: Sequence[str] | None = None,
    *,
    images: Sequence[str] | None = None,
) -> Indexed:
    """Turn labels into indices, and return the class names in their order.

    Integer labels are indices into `names`. Without names, labels become classes in
    the order of `order_words`; `2`, `2.0` and `"2"` are one class. Strings follow
    `names`.

    Args:
        labels: (n,) integers or strings.
        names: names of the classes in label order, or None.
        images: names of the images, for errors.

    Returns:
        (n,) int64 and the names; a name without labels stays.

    Raises:
        DataError: labels are missing, neither integers nor strings, do not fit the
            names, or a class name is not allowed.

    Example:
        >>> index_labels(["dog", " cat", "dog"])
        (array([1, 0, 1]), ('cat', 'dog'))
        >>> index_labels([10, "2", "10.0"])
        (array([1, 0, 1]), ('2', '10'))
    """
    found = read_labels(labels, images)
    if not isinstance(next(iter(found), 0), str):
        return _number_integers(np.array(found, np.int64), names)
    if names is None:
        names = sorted(map(str, set(found)), key=order_words)
    return _number_words([str(label) for label in found], list(map(str, names)))


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


def _number_integers(values: NDArray[np.int64], names: Sequence[str] | None) -> Indexed:
    if names is None:
        known, indices = np.unique(values, return_inverse=True)
        return indices.astype(np.int64), tuple(map(str, known.tolist()))
    if values.size and not 0 <= values.min() <= values.max() < len(names):
        raise DataError(
            f"labels run from {values.min()} to {values.max()}, but there are "
            f"{len(names)} class names; labels must be 0 to {len(names) - 1}"
        )
    return values, check_class_names([str(name) for name in names])


def _number_words(found: list[str], names: list[str]) -> Indexed:
    """Number words by the class names, which are read as the words are."""
    classes = check_class_names(names)
    numbers = {read_word(name): i for i, name in enumerate(classes)}
    unknown = sorted(set(found) - set(numbers))
    if unknown:
        raise DataError(
            f"label {unknown[0]!r} is not among the class names {', '.join(classes)}"
        )
    return np.array([numbers[word] for word in found], np.int64), classes

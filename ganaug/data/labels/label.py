"""Label: what says the class of an image, read the same way from any source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ganaug.data.word import read_word, to_scalar
from ganaug.errors import DataError

Label: TypeAlias = int | str


def read_label(value: object) -> Label | None:
    """Read a label: a whole number, or a word without spaces around it.

    Returns:
        An integer, a string, or None where the label is missing: empty, None or NaN.

    Raises:
        DataError: it is something else.

    Example:
        >>> [read_label(value) for value in (2.0, np.int64(2), " cat ", "2.0", "nan")]
        [2, 2, 'cat', '2', None]
    """
    plain = to_scalar(value)
    if isinstance(plain, str | bytes) or plain is None:
        return read_word(plain) or None
    if isinstance(plain, int) or (isinstance(plain, float) and plain.is_integer()):
        return int(plain)
    if np.shape(plain) == () and not read_word(plain):
        return None
    raise DataError(f"a label is {_say(plain)}; give one integer or string per image")


def read_labels(
    labels: Sequence[object] | NDArray[Any], names: Sequence[str] | None = None
) -> list[Label]:
    """Read the label of each image; where some are words, numbers are words too.

    Args:
        labels: (n,) or (n, 1).
        names: names of the images, for the error; numbers by default.

    Raises:
        DataError: labels are missing, of another shape, or no integers or strings.

    Example:
        >>> read_labels(np.array([[1.0], [0.0]]))
        [1, 0]
    """
    values = _flatten(labels)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        whole: list[Label] = values.astype(np.int64).tolist()
        return whole
    found = _read_each(values)
    missing = [i for i, label in enumerate(found) if label is None]
    if missing:
        raise DataError(_say_missing(missing, values, names))
    words = any(isinstance(label, str) for label in found)
    return [str(x) if words else x for x in found if x is not None]


def _read_each(values: Sequence[object] | NDArray[Any]) -> list[Label | None]:
    """Read each value; of an array of texts or numbers, each different one once."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "USf":
        return [read_label(value) for value in values]
    different, places = np.unique(values, return_inverse=True)
    read = [read_label(value) for value in different]
    return [read[place] for place in places.tolist()]


def _flatten(labels: Any) -> Sequence[object] | NDArray[Any]:
    # in an array, a list's NaN would be the string "nan"
    if isinstance(labels, list | tuple) and (not labels or np.shape(labels[0]) == ()):
        return labels
    values = np.asarray(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"labels have shape {values.shape}; give one integer or string per image"
        )
    return values


def _say_missing(missing: list[int], values: Any, names: Sequence[str] | None) -> str:
    first = missing[0]
    shown = "empty" if values[first] in ("", b"") else str(values[first]).strip()
    what = f"label {first}" if names is None else f"the label of {names[first]}"
    if len(missing) == 1:
        said = f"{what} is missing ({shown})"
    else:
        said = f"{len(missing)} labels are missing, first {what} ({shown})"
    return f"{said}; give one integer or string per image"


def _say(value: Any) -> str:
    shape = np.shape(value)
    return f"of shape {shape}" if shape else repr(value)

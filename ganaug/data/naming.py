"""Naming: what a user says about each image, such as its group, as one word each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.limits.expressions import search_names
from ganaug.data.word import read_word
from ganaug.errors import DataError

Values = Mapping[str, object] | Sequence[object] | NDArray[np.generic]


def name_values(
    names: Sequence[str],
    *,
    values: Values | None = None,
    regex: str | None = None,
    what: str = "group",
) -> tuple[str, ...] | None:
    """Say for each image what was given, or found in its name; None for neither.

    Args:
        names: (n,) source-relative names.
        values: (n,) values, or a mapping from every name to its value, as
            `read_word` reads them: 1.0 is 1, since a table's column of whole numbers
            with a gap becomes floats.
        regex: expression that is searched in each file's name, or in the names with
            their folders where no file's name has it; its first capturing group, or
            else the whole match, counts. A name without a match is NOT_SAID.
        what: what is named, for messages.

    Raises:
        DataError: both are given, the expression is wrong, or a value is missing.

    Example:
        >>> name_values(["p1_a.png", "p2_a.png", "x.png"], regex="^p[0-9]")
        ('p1', 'p2', '')
    """
    if values is not None and regex is not None:
        raise DataError(f"{what}s and {what}_regex exclude each other; give one")
    if regex is not None:
        return _read_all(_match(names, regex, what))
    if values is None:
        return None
    if isinstance(values, Mapping):
        return _read_all(_look_up(names, values, what))
    found = np.asarray(values, dtype=object)
    if found.shape != (len(names),):
        raise DataError(
            f"{what}s have shape {found.shape}, but there are {len(names)} images; "
            f"give one {what} per image"
        )
    return _read_all(found.tolist())


def find_fault(name: str) -> str:
    """Say why a name cannot be that of a folder in the output folder, or nothing.

    Example:
        >>> find_fault("../cat"), find_fault("T-shirt/top")
        ('would leave the output folder', '')
    """
    if not name.strip():
        return "is empty"
    if "\0" in name:
        return "has a NUL character"
    components = name.replace("\\", "/").split("/")
    if ".." in components or name in (".", "./"):
        return "would leave the output folder"
    if name[0] in "/\\" or (len(name) > 2 and name[1] == ":" and name[2] in "/\\"):
        return "is an absolute path"
    return ""


def _match(names: Sequence[str], expression: str, what: str) -> list[object]:
    try:
        # a class's folder may look like a subject too
        found = search_names(expression, [name.rpartition("/")[2] for name in names])
        if not any(word is not None for word in found):
            found = search_names(expression, names)
    except DataError as error:
        raise DataError(f"{what}_regex {error}") from error
    if not any(word is not None for word in found):
        shown = f", such as {names[0]!r}" if names else ""
        raise DataError(
            f"{what}_regex {expression!r} matches no file name{shown}; change it"
        )
    return list(found)


def _look_up(
    names: Sequence[str], values: Mapping[str, object], what: str
) -> list[object]:
    missing = [name for name in names if name not in values]
    if missing:
        raise DataError(
            f"{what}s have no entry for {len(missing)} images, first {missing[0]!r}; "
            "give one for every source-relative name"
        )
    return [values[name] for name in names]


def _read_all(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(map(read_word, values))

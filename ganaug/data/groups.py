"""Groups: images of one subject, which must stay together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.missing_values import is_missing
from ganaug.errors import DataError

Groups = Mapping[str, object] | Sequence[object] | NDArray[np.generic]
OWN_GROUP = ""  # the name of a group of one image
WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0")  # a whole number that became a float


def name_groups(
    names: Sequence[str],
    *,
    groups: Groups | None = None,
    group_regex: str | None = None,
) -> tuple[str, ...] | None:
    """Name each image's group: OWN_GROUP if it has its own; None without groups.

    Args:
        names: (n,) source-relative names.
        groups: (n,) values, or a mapping from every name to its value. An empty
            string, None or NaN is a group of its own. 1.0 is named 1, as a table's
            column of whole numbers with a gap becomes floats.
        group_regex: expression that is searched in each file's name, or in the names
            with their folders where no file's name has it; its first capturing group,
            or else the whole match, is the group. A name without a match is its own
            group.

    Raises:
        DataError: both are given, the expression is wrong, or a group is missing.

    Example:
        >>> name_groups(["p1_a.png", "p2_a.png", "x.png"], group_regex="^p[0-9]")
        ('p1', 'p2', '')
    """
    if groups is not None and group_regex is not None:
        raise DataError("groups and group_regex exclude each other; give one of them")
    if group_regex is not None:
        return _name(_match(names, group_regex))
    if groups is None:
        return None
    if isinstance(groups, Mapping):
        return _name(_look_up(names, groups))
    values = np.asarray(groups, dtype=object)
    if values.shape != (len(names),):
        raise DataError(
            f"groups have shape {values.shape}, but there are {len(names)} images; "
            "give one group per image"
        )
    return _name(values.tolist())


def number_groups(names: Sequence[str]) -> NDArray[np.int64]:
    """Number groups in order of first appearance; OWN_GROUP takes a new one each time.

    Example:
        >>> number_groups(["p1", "", "p1", ""])
        array([0, 1, 0, 2])
    """
    numbers: dict[object, int] = {}
    keys = [i if name == OWN_GROUP else name for i, name in enumerate(names)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _match(names: Sequence[str], expression: str) -> list[object]:
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise DataError(
            f"group_regex {expression!r} is not a regular expression: {error}"
        ) from error
    # a class's folder may look like a subject too
    found = [pattern.search(name.rpartition("/")[2]) for name in names]
    if not any(found):
        found = [pattern.search(name) for name in names]
    if not any(found):
        shown = f", such as {names[0]!r}" if names else ""
        raise DataError(
            f"group_regex {expression!r} matches no file name{shown}; change it"
        )
    return [match and match.group(min(1, pattern.groups)) for match in found]


def _look_up(names: Sequence[str], groups: Mapping[str, object]) -> list[object]:
    missing = [name for name in names if name not in groups]
    if missing:
        raise DataError(
            f"groups have no entry for {len(missing)} images, first {missing[0]!r}; "
            "give one for every source-relative name"
        )
    return [groups[name] for name in names]


def _name(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(OWN_GROUP if is_missing(value) else _spell(value) for value in values)


def _spell(value: object) -> str:
    whole = WHOLE_FLOAT.fullmatch(str(value))
    return whole[1] if whole else str(value)

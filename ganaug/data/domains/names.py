"""Names of domains, and domains as indices into them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.data.naming import Values, find_fault, name_values
from ganaug.data.word import NOT_SAID, order_words
from ganaug.errors import DataError


def name_domains(
    names: Sequence[str], values: Values | None = None, regex: str | None = None
) -> tuple[str, ...] | None:
    """Say the domain of each image, NOT_SAID where it is unknown; None for neither.

    Args:
        names, values, regex: as for `name_values`; the number -1 is unknown too.

    Raises:
        DataError: as for `name_values`, or a name would leave the output folder.

    Example:
        >>> name_domains(["a", "b", "c"], ["lamp", -1, None])
        ('lamp', '', '')
    """
    found = name_values(names, values=values, regex=regex, what="domain")
    if found is None:
        return None
    found = tuple(NOT_SAID if name in ("-1", NOT_SAID) else name for name in found)
    for name in sorted(set(found) - {NOT_SAID}):
        fault = find_fault(name)
        if fault:
            raise DataError(f"domain name {name!r} {fault}; rename it")
    return found


def number_domains(
    named: Sequence[str] | None,
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """Number domains in the order of their names, -1 where a name is NOT_SAID.

    Returns:
        (n,) int64 and the names; None and () where no domain is known at all.

    Example:
        >>> number_domains(["b", "a", ""])
        (array([ 1,  0, -1]), ('a', 'b'))
    """
    known = set(named or ()) - {NOT_SAID}
    if named is None or not known:
        return None, ()
    names = sorted(known, key=order_words)
    numbers = {name: i for i, name in enumerate(names)} | {NOT_SAID: -1}
    return np.array([numbers[name] for name in named], np.int64), tuple(names)

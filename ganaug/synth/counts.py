"""Counts: how many images of each class a store should have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.errors import StoreError
from ganaug.synth.synthesizer import find_generator

MOST = 10_000_000  # images in one store
ASK = "ask for per_class (--per-class, --class) or balance (--balance)"

PerClass = int | Mapping[str, int]


def plan_counts(
    classes: Sequence[str],
    per_class: PerClass | None = None,
    *,
    balance: bool = False,
    real: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Images wanted per class, in label order; classes without any are left out.

    Args:
        classes: all that the generator knows.
        per_class: for every class, or for each class named.
        balance: whether to fill every class up to the largest of `real`.
        real: real images per class.

    Raises:
        StoreError: nothing or too much is asked for, or a class is unknown.

    Example:
        >>> plan_counts(("cat", "dog"), 5)
        {'cat': 5, 'dog': 5}
        >>> plan_counts(("cat", "dog"), balance=True, real={"cat": 9, "dog": 3})
        {'dog': 6}
    """
    if balance and per_class is not None:
        raise StoreError("per_class and balance exclude each other; give one of them")
    if balance:
        wanted = _fill_up(classes, real)
    elif per_class is None:
        raise StoreError(f"nothing to synthesise: {ASK}")
    elif isinstance(per_class, Mapping):
        _refuse_unknown(classes, per_class)
        wanted = {name: per_class[name] for name in classes if name in per_class}
        for name, n in wanted.items():
            _check_number(n, f"of class {name!r}")
    else:
        _check_number(per_class, "per class")
        wanted = dict.fromkeys(classes, per_class)
    if not wanted or sum(wanted.values()) > MOST:
        raise StoreError(
            f"{sum(wanted.values()):,} images are asked for; a store holds from 1 to "
            f"{MOST:,}: {ASK}"
        )
    return wanted


def read_real_counts(source: Any) -> dict[str, int]:
    """Real images per class that the run of this generator was trained for.

    Raises:
        StoreError: the folder has no fingerprint, as a store has none.
    """
    path = find_generator(source).parent / "fingerprint.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return dict(zip(values["classes"], values["counts"], strict=True))
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            f"{path.parent} does not say how many real images each class has; "
            "balance from the run or from the data, or give per_class"
        ) from error


def _fill_up(classes: Sequence[str], real: Mapping[str, int] | None) -> dict[str, int]:
    if real is None or set(real) != set(classes):
        raise StoreError(
            f"balance needs the real images of {', '.join(classes)} and of no other "
            "class; give per_class instead"
        )
    largest = max(real.values())
    wanted = {name: largest - real[name] for name in classes if real[name] < largest}
    if not wanted:
        raise StoreError("the classes are balanced already; ask for per_class instead")
    return wanted


def _refuse_unknown(classes: Sequence[str], per_class: Mapping[str, int]) -> None:
    for name in per_class:
        if name not in classes:
            raise StoreError(
                f"there is no class {name!r}; the classes are {', '.join(classes)}"
            )


def _check_number(n: object, what: str) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise StoreError(
            f"{n!r} images {what} are asked for; it must be a whole number from 1 to "
            f"{MOST:,}"
        )

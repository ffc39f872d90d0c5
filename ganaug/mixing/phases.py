"""Phases: epochs that mix, then epochs in which real images stand in for synthetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from ganaug.errors import DataError
from ganaug.mixing.pool import group_rows
from ganaug.mixing.schedule import Schedule


def check_real_only_after(after: object) -> float | None:
    """The share of the epochs after which all images are real, or None for never.

    Raises:
        DataError: it is not a number in (0, 1].
    """
    if after is None:
        return None
    if (
        isinstance(after, bool)
        or not isinstance(after, int | float)
        or not 0 < after <= 1
    ):
        raise DataError(
            f"real_only_after={after!r} is not allowed: it must lie in (0, 1], or be "
            "None for never; share=0 uses real images alone"
        )
    return float(after)


def is_real_only(epoch: int, of: int | None, after: float | None) -> bool:
    """Whether that epoch, from 0 up, belongs to the last phase.

    Args:
        epoch: which one.
        of: how many there are.
        after: see `check_real_only_after`.

    Raises:
        DataError: the number of epochs is needed, and not given.

    Example:
        >>> [is_real_only(epoch, 5, 0.6) for epoch in range(5)]
        [False, False, False, True, True]
    """
    if after is None:
        return False
    if of is None or of < 1:
        raise DataError(
            f"real_only_after={after:g} needs the number of epochs, 1 or more; call "
            "set_epoch(epoch, of=epochs)"
        )
    return epoch >= after * of - 1e-9  # .55 · 100 is a little more than 55


def plan_stand_ins(
    targets: Sequence[int | str],
    label_of: Mapping[str, int | str],
    counts: Mapping[str, int],
    seed: int,
) -> Schedule:
    """Which real images come in the places of synthetic ones, epoch by epoch.

    They are of the same class; where the real set has none of it, they are any.

    Args:
        targets: labels of the real images.
        label_of: label by class name.
        counts: places by class name.
        seed: from 0 up.

    Example:
        >>> plan_stand_ins([0, 1, 1], {"cat": 0, "dog": 1}, {"dog": 2}, 0).pick(3)
        array([2, 1])
    """
    names = tuple(label_of)
    number = {label: k for k, label in enumerate(label_of.values())}
    labels = np.array([number[label] for label in targets], np.int64)
    own, every = group_rows(labels, names), np.arange(len(labels))
    return Schedule({name: own.get(name, every) for name in counts}, counts, seed)


class SharedEpoch:
    """The epoch and its phase, in memory that workers share: they see what is set.

    Example:
        >>> epoch = SharedEpoch()
        >>> epoch.set(4, real_only=True)
        >>> epoch.get()
        (4, True)
    """

    def __init__(self) -> None:
        # one number for both, so that no worker sees the half of a change
        self._both = torch.zeros(1, dtype=torch.int64)
        self._both.share_memory_()  # type: ignore[no-untyped-call]

    def set(self, epoch: int, *, real_only: bool) -> None:
        self._both.fill_(2 * epoch + real_only)

    def get(self) -> tuple[int, bool]:
        epoch, real_only = divmod(int(self._both.item()), 2)
        return epoch, bool(real_only)

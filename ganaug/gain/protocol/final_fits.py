"""Final fits: an arm's networks, each trained and asked once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.parallel import map_parallel
from ganaug.gain.fitting.fits import fit_and_predict_each
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.kept import Arrays
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.arms import Arm
from ganaug.gain.protocol.jobs import name_final
from ganaug.gain.shifts.versions import ShiftedTest, to_answers

P, SHIFTED = "p", "shifted"  # arrays that are kept of a fit


class Part(Protocol):
    """A split with the images that it trains on, and what it has kept."""

    @property
    def task(self) -> Task: ...
    @property
    def seed(self) -> int: ...
    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays: ...


def predict_finally(
    part: Part,
    arm: Arm,
    pool: Pool | None,
    images: NDArray[np.uint8],
    shifted: ShiftedTest | None = None,
) -> Arrays:
    """Train an arm's networks and ask each for the classes of the test images.

    Args:
        part: the split.
        arm: its recipe and number of networks.
        pool: images to mix in, or None.
        images: (n, h, w, c) test images.
        shifted: corrupted versions of them to ask for too, or None.

    Returns:
        `p`, (networks, n, k) probabilities; and, with corrupted versions, `shifted`,
        (networks, versions, m) classes, −1 where the fit failed.
    """

    def fit(k: int) -> Arrays:
        sets = chain([images], shifted or ())
        p, *others = fit_and_predict_each(
            part.task, arm.recipe, pool, sets, seed=part.seed + k
        )
        said = {SHIFTED: np.stack(list(map(to_answers, others)))} if others else {}
        return {P: p, **said}

    found = map_parallel(
        lambda k: part.once_arrays(name_final(arm, k), lambda: fit(k)),
        range(arm.networks),
    )
    return {name: np.stack([own[name] for own in found]) for name in found[0]}

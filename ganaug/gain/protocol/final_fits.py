"""Final fits: an arm's networks, each trained and asked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.parallel import map_parallel
from ganaug.gain.fitting.fits import fit_and_predict
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.kept import Arrays
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.arms import Arm
from ganaug.gain.protocol.jobs import name_final


class Part(Protocol):
    """A split with the images that it trains on, and what it has kept."""

    @property
    def task(self) -> Task: ...
    @property
    def seed(self) -> int: ...
    def once_arrays(self, key: str, make: Callable[[], Arrays]) -> Arrays: ...


def predict_finally(
    part: Part, arm: Arm, pool: Pool | None, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return (networks, n, k) probabilities of images (n, h, w, c)."""

    def predict(k: int) -> NDArray[np.float32]:
        return part.once_arrays(
            name_final(arm, k),
            lambda: {
                "p": fit_and_predict(
                    part.task, arm.recipe, pool, images, seed=part.seed + k
                )
            },
        )["p"]

    return np.stack(map_parallel(predict, range(arm.networks)))

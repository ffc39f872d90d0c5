"""Pool: the synthetic images that a SyntheticDataset picks from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ganaug.synth.meta import NAME as META
from ganaug.synth.png import to_picture
from ganaug.synth.store import Store
from ganaug.synth.synthesizer import Synthesizer

EPOCHS = 4  # that images drawn from a run last before they come again
MOST = 256 << 20  # bytes of such images, unless a single epoch needs more

Size = tuple[int, int]  # (height, width)


class StorePool:
    """Images that lie in a store.

    Attributes:
        rows: of the store's kept images, by class name; only classes with images.
        grid: (height, width) at which the GAN drew.
        data_size: (height, width) of the user's own images.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.grid, self.data_size = store.meta.grid, store.meta.data_size
        self.rows = group_rows(store.labels, store.classes)
        self._folder = os.fspath(store.path)

    def picture(self, row: int) -> Image.Image:
        return self.store.picture(row)

    def path(self, row: int) -> str:
        """Where the image lies."""
        return os.path.join(self._folder, self.store.paths[row])


class DrawnPool:
    """Images drawn into memory from a run; attributes as `StorePool` has them."""

    def __init__(
        self, synthesizer: Synthesizer, counts: Mapping[str, int], seed: int
    ) -> None:
        classes = synthesizer.classes
        numbers = [classes.index(name) for name in counts]
        labels = np.repeat(np.array(numbers, np.int64), list(counts.values()))
        self.images = synthesizer.sample(labels, seed=seed)
        self.rows = group_rows(labels, classes)
        self.grid = synthesizer.size
        self.data_size = synthesizer.generators.data_size

    def picture(self, row: int) -> Image.Image:
        return to_picture(self.images[row])


Pool = StorePool | DrawnPool


def open_source(synthetic: Any) -> Store | Synthesizer:
    """The store, or else the run, that the argument is or names."""
    if isinstance(synthetic, Store | Synthesizer):
        return synthetic
    path = Path(getattr(synthetic, "path", synthetic))
    if (path / META).is_file():
        return Store.load(path)
    return Synthesizer.load(path)


def draw_pool(
    synthesizer: Synthesizer, per_epoch: Mapping[str, int], seed: int
) -> DrawnPool:
    """Draw enough for some epochs, or for one where memory is short."""
    height, width = synthesizer.size
    image = height * width * synthesizer.config.channels
    epochs = MOST // max(1, image * sum(per_epoch.values()))
    times = min(EPOCHS, max(1, epochs))
    return DrawnPool(synthesizer, {k: n * times for k, n in per_epoch.items()}, seed)


def group_rows(
    labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, NDArray[np.int64]]:
    """Rows by class name, for the classes that have any.

    Example:
        >>> group_rows(np.array([2, 0, 2]), ("a", "b", "c"))
        {'a': array([1]), 'c': array([0, 2])}
    """
    return {
        name: np.flatnonzero(labels == k)
        for k, name in enumerate(classes)
        if (labels == k).any()
    }

"""Collation: items of a set become a batch, mixed as a recipe mixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import default_collate

from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.learning import Batch
from ganaug.data.item_form import find_form
from ganaug.errors import DataError
from ganaug.mixing.items import WEIGHT
from ganaug.plugins.recipes.worker_seeds import WorkerSeeds


class Collation:
    """A collate function: items → images and soft targets, blended with each other.

    Args:
        mix: way to mix pairs of images, see `ganaug.recipe.Recipe`.
        n_classes: number of classes.
        seed: decides the random numbers; each worker of a DataLoader has its own.

    Example:
        >>> collate = Collation("none", 2)
        >>> images, targets = collate([(torch.zeros(1, 4, 4), 1)])
        >>> targets.tolist()
        [[0.0, 1.0]]
    """

    def __init__(self, mix: str, n_classes: int, *, seed: int = 0) -> None:
        self.mix, self.n_classes = mix, n_classes
        self._rng, self._seeds = np.random.default_rng(seed), WorkerSeeds()

    def __call__(self, items: list[Any]) -> Any:
        """Return a batch of pairs, or a dict of both where items are dicts.

        Args:
            items: pairs (image, label) or dicts of them, perhaps with a weight; images
                (c, h, w) float, labels numbers of classes or (k,) distributions.

        Returns:
            Images (n, c, h, w), and targets (n, k): distributions over the classes,
            times the weight of each image's loss. Cross-entropy is linear in them, so
            that the mean of its losses is the weighted one.

        Raises:
            DataError: images or labels have another form.
        """
        seed = self._seeds.find_new()
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        pairs, weights = zip(*map(_split_weight, items), strict=True)
        form = find_form(pairs[0])
        images, labels = form.split(default_collate(list(pairs)))
        if not isinstance(images, Tensor) or not images.is_floating_point():
            raise DataError(
                "a recipe's collate needs images as float tensors; transform them with "
                "recipe.transform"
            )
        weight = torch.tensor(weights, dtype=torch.float32)
        batch = Batch(images, self._to_targets(labels), weight / weight.mean())
        mixed = MIXES[self.mix](batch, self._rng)
        return form.join(mixed.images, mixed.targets * mixed.weights[:, None])

    def _to_targets(self, labels: Any) -> Tensor:
        if isinstance(labels, Tensor) and labels.ndim == 2:
            return labels.float()
        whole = isinstance(labels, Tensor) and not labels.is_floating_point()
        if (
            not whole
            or not 0 <= int(labels.min()) <= int(labels.max()) < self.n_classes
        ):
            raise DataError(
                f"a recipe's collate needs labels from 0 to {self.n_classes - 1}, or "
                "distributions over the classes; recipe.dataset(real) yields these"
            )
        return torch.nn.functional.one_hot(labels.long(), self.n_classes).float()


def _split_weight(item: Any) -> tuple[Any, float]:
    """Split the weight of its loss off an item; 1 where it has none."""
    if isinstance(item, Mapping):
        rest = {key: value for key, value in item.items() if key != WEIGHT}
        return rest, float(item.get(WEIGHT, 1.0))
    return item[:2], float(item[2]) if len(item) == 3 else 1.0

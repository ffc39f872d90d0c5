"""SyntheticDataset: real and synthetic images as one torch Dataset."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ganaug.errors import DataError, StoreError
from ganaug.synth.epochs import check_share, count_synthetic, pick_rows, split_total
from ganaug.synth.kinds import make_kind
from ganaug.synth.pool import Pool, StorePool, draw_pool, group_rows, open_source
from ganaug.synth.real_set import open_real
from ganaug.synth.resolution import coarsen, enlarge, is_coarser
from ganaug.synth.store import Store
from ganaug.synth.synthesizer import Synthesizer

logger = logging.getLogger(__name__)

Transform = Callable[..., Any]


class Borrow(Enum):
    """Stands for the real set's own transform."""

    BORROW = "borrow"


BORROW = Borrow.BORROW


class SyntheticDataset(Dataset[tuple[Any, Any]]):
    """Every real image once per epoch, and synthetic ones beside them.

    Real images come first, synthetic ones after them; let a sampler shuffle. Labels
    follow the real set: classes are matched by name, and a store may lack some.

    Args:
        real: a Dataset of (image, label), LabelledImages or (images, labels) arrays.
        synthetic: a store or a run, or its folder. From a run some epochs' images
            are drawn into memory at once; a share is needed then.
        share: of synthetic images in an epoch: round(n·s/(1−s)) of them stand beside
            n real ones. None takes the whole store once, 0 none.
        classes: `natural` gives the synthetic images the real class frequencies,
            `balanced` spreads them evenly over the store's classes.
        transform: a torchvision callable or an albumentations Compose, for real and
            synthetic images alike. By default the real set's own is borrowed.
        target_transform: the same for labels.
        seed: decides which synthetic images come in which epoch.
        match_resolution: where the GAN's grid is smaller than the real images, reduce
            and enlarge these as the synthetic ones are, so that sharpness does not
            tell them apart.

    Attributes:
        classes, class_to_idx, targets: as ImageFolder has them.
        is_synthetic: (length,) bool.
        transform, target_transform: what is applied.

    Raises:
        DataError: the share is not allowed, or the real set cannot be used.
        StoreError: there are no synthetic images, or of classes that are not real.

    Example:
        >>> import tempfile
        >>> from ganaug.synth.synthesizer import make_untrained
        >>> real = (np.zeros((6, 8, 8), np.uint8), ["cat", "dog"] * 3)
        >>> mixed = SyntheticDataset(real, make_untrained(("cat", "dog")), share=0.25)
        >>> len(mixed), mixed.targets[6:], mixed[7][0].shape
        (8, ['cat', 'dog'], (8, 8))
    """

    def __init__(
        self,
        real: Any,
        synthetic: Any,
        share: float | Literal["auto"] | None = 0.25,
        *,
        classes: Literal["natural", "balanced"] = "natural",
        transform: Transform | None | Borrow = BORROW,
        target_transform: Transform | None | Borrow = BORROW,
        seed: int = 0,
        match_resolution: bool = True,
    ) -> None:
        if classes not in ("natural", "balanced"):
            raise DataError(f"classes={classes!r} is not one of natural, balanced")
        part = check_share(share)
        given = callable(transform) and not is_albumentations(transform)
        self._real = open_real(real, as_pictures=given)
        borrowed = self._real.transform, self._real.target_transform
        self.transform = borrowed[0] if transform is BORROW else transform
        self.target_transform = (
            borrowed[1] if target_transform is BORROW else target_transform
        )
        source = open_source(synthetic)
        self._counts = self._plan(source, part, classes)
        self._pool = _make_pool(source, self._counts, seed)
        self._seed = seed % 2**63
        self._whole = part is None
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._picked: tuple[int, NDArray[np.int64]] = (-1, np.empty(0, np.int64))
        self._size, self._grid = self._find_sizes(match_resolution)
        self.classes = list(self._real.classes)
        self.class_to_idx = {name: k for k, name in enumerate(self.classes)}
        self._names = np.repeat(
            np.arange(len(self._counts)), list(self._counts.values())
        )
        names = list(self._counts)
        added = [self._real.label_of[names[k]] for k in self._names]
        self._labels = added
        self.targets = [*self._real.targets, *(_plain_label(y) for y in added)]
        self.is_synthetic = np.arange(len(self)) >= len(self._real.items)

"""BatchOrder: an order in which every batch has the same share of synthetic images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from torch.utils.data import BatchSampler, Sampler

from ganaug.errors import ConfigError
from ganaug.mixing.epochs.epoch import SharedEpoch, check_epoch, find_ranks
from ganaug.mixing.epochs.streams import SAMPLINGS, Rows, Stream, number_parts
from ganaug.mixing.real.real_set import RealSet
from ganaug.spelling import suggest


class Sizes(NamedTuple):
    """Numbers of real and of synthetic images, in a batch or in a set."""

    real: int
    synthetic: int = 0


class BatchOrder(Sampler[int]):
    """Items in an order whose batches have the same numbers of real and synthetic ones.

    Neither kind repeats an image before all others of it had their turn, also over the
    end of a pass. A pass is as many whole batches as the real images fill, and one at
    least. Each process of a distributed training has an order of its own.

    Args:
        items: numbers of images in the set, real ones first.
        batch: numbers of images in a batch.
        parts: (real,) number of the part of each real image, of which all come equally
            often; None for all images equally often.
        seed: decides the order.
        epoch: the epoch of the items, which each pass moves on; None without one.
        last_phase: first epoch of real images only, None for never.

    Example:
        >>> order = BatchOrder(Sizes(4, 2), Sizes(2, 1))
        >>> [sorted(i >= 4 for i in list(order)[k : k + 3]) for k in (0, 3)]
        [[False, False, True], [False, False, True]]
    """

    def __init__(
        self,
        items: Sizes,
        batch: Sizes,
        *,
        parts: Rows | None = None,
        seed: int = 0,
        epoch: SharedEpoch | None = None,
        last_phase: int | None = None,
    ) -> None:
        self._items, self._batch, self._parts = items, batch, parts
        self._seed, self._epoch, self._last_phase = seed, epoch, last_phase
        self._batches = max(1, items.real // max(1, batch.real))
        self._streams: tuple[Stream, Stream] | None = None

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next pass, as Lightning and Accelerate do."""
        if self._epoch is not None:
            self._epoch.set(check_epoch(epoch), last_phase=self._last_phase)

    def __len__(self) -> int:
        return self._batches * sum(self._batch)

    def __iter__(self) -> Iterator[int]:
        if self._epoch is not None:
            self._epoch.begin(self._epoch.find_next(), last_phase=self._last_phase)
        if self._streams is None:  # the rank is known now
            self._streams = self._make_streams()
        real, synthetic = self._streams
        rows = [
            np.concatenate(
                [
                    real.take(self._batch.real),
                    self._items.real + synthetic.take(self._batch.synthetic),
                ]
            )
            for _ in range(self._batches)
        ]
        return iter(np.concatenate(rows).tolist())

    def _make_streams(self) -> tuple[Stream, Stream]:
        rng = np.random.default_rng([self._seed, find_ranks()[0]])
        real, synthetic = self._items
        return Stream(real, self._parts, rng), Stream(synthetic, None, rng)


def plan_batches(
    real: RealSet,
    synthetic: int,
    batch: Sizes,
    *,
    sampling: str,
    seed: int = 0,
    epoch: SharedEpoch | None = None,
    last_phase: int | None = None,
) -> BatchSampler:
    """Return the batches of such an order, for a DataLoader's `batch_sampler`.

    Args:
        real: the real images.
        synthetic: number of synthetic ones in an epoch.
        batch: numbers of images in a batch.
        sampling: how often real images come, see `number_parts`.
        seed, epoch, last_phase: see `BatchOrder`.

    Raises:
        ConfigError: a number or word is not allowed.
    """
    if sampling not in SAMPLINGS:
        hint = suggest(sampling, SAMPLINGS)
        raise ConfigError(
            f"sampling={sampling!r}{hint} is not one of {', '.join(SAMPLINGS)}"
        )
    items = Sizes(len(real.targets), synthetic)
    order = BatchOrder(
        items, check_batch(items, batch), seed=seed, epoch=epoch,
        parts=number_parts(real.numbers, real.domains, sampling),
        last_phase=last_phase,
    )  # fmt: skip
    return BatchSampler(order, sum(batch), drop_last=False)


def check_batch(items: Sizes, batch: Sizes) -> Sizes:
    """Return the numbers of images in a batch.

    Raises:
        ConfigError: they are not allowed, or there are no images to take.

    Example:
        >>> check_batch(Sizes(9, 3), Sizes(6, 2))
        Sizes(real=6, synthetic=2)
    """
    if min(batch) < 0 or not sum(batch):
        raise ConfigError(
            f"a batch of {batch.real} real and {batch.synthetic} synthetic images is "
            "not allowed; give numbers from 0 up, one of them above 0"
        )
    if batch.synthetic and not items.synthetic:
        raise ConfigError(
            f"a batch of {batch.synthetic} synthetic images needs some, and this set "
            "has none; give it a share above 0"
        )
    return batch

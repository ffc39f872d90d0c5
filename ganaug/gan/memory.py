"""Memory: what a training step needs at a grid, and whether this machine has it."""

from __future__ import annotations

from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from ganaug import engine
from ganaug.config import ResolvedConfig
from ganaug.data.resize import fit_inside
from ganaug.errors import ConfigError
from ganaug.gan.grids import SIDES, list_builds
from ganaug.gan.inputs.grouping import group_size
from ganaug.gan.timing import make_trial
from ganaug.training.weights import count_bytes

LIGHT = 96 * 96 * 64  # pixels of a batch; for these, r3 needs about 1 GB
MEASURED_SIDE = 64  # pixels; of larger grids, the need is that times their area
FEWEST = 8  # images of a measured step: with fewer, weights hide what images need
COPIES = 5  # of the weights: gradients, two moments of the optimiser, the average
MARGIN = 1.3  # for what the libraries need beside the tensors
GIGA = 1e9


class PeakMeter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of the tensors that are made while it is entered.

    Attributes:
        peak: most bytes that were alive at once.

    Example:
        >>> with PeakMeter() as meter:
        ...     _ = torch.zeros(1000) + 1  # while both live
        >>> meter.peak
        8000
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = self._now = 0
        self._alive: dict[int, tuple[StorageWeakRef, int]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_iter(out):
            if isinstance(tensor, torch.Tensor):
                self._add(tensor.untyped_storage())
        return out

    def _add(self, storage: torch.UntypedStorage) -> None:
        known, n = self._alive.get(storage._cdata), storage.nbytes()
        if known is not None and not _is_gone(known[0]):
            return
        self._now += n - (known[1] if known is not None else 0)
        self._alive[storage._cdata] = _refer_to(storage), n
        if self._now > self.peak:
            gone = [key for key, (ref, _) in self._alive.items() if _is_gone(ref)]
            self._now -= sum(self._alive.pop(key)[1] for key in gone)
            self.peak = max(self.peak, self._now)


def refuse_too_large(
    config: ResolvedConfig, classes: int, device: torch.device, *, images: int = 0
) -> None:
    """Raise ConfigError where a training needs more memory than the device has free.

    Small grids and batches are not measured.

    Args:
        config: configuration to train with.
        classes: number of classes.
        device: device to train on.
        images: number of training images, which lie in memory too.
    """
    area = config.height * config.width
    if area * config.batch <= LIGHT:
        return
    free = engine.find_free_bytes(device)
    if free is None:
        return
    weights = COPIES * count_bytes(*list_builds(config, classes))
    kept = images * area * config.channels
    each = MARGIN * measure_image_bytes(config, classes)
    need = weights + kept + each * config.batch
    if need <= free:
        return
    group, cures = group_size(config), []
    batch = int((free - weights - kept) / max(1.0, each)) // group * group
    sides = [side for side in SIDES if side < max(config.height, config.width)]
    for side in reversed(sides):
        height, width = fit_inside((config.height, config.width), side)
        if weights + (need - weights) * height * width / area <= free:
            cures.append(f"--grid {side}")
            break
    if max(2, group) <= batch < config.batch:
        cures.append(f"--set batch={batch}")
    raise ConfigError(
        f"{config.batch} images of {config.height}×{config.width} pixels a step need "
        f"about {need / GIGA:.1f} GB of memory, and {free / GIGA:.1f} GB are free; "
        + (f"give {' or '.join(cures)}" if cures else "close other programs")
    )


def measure_image_bytes(config: ResolvedConfig, classes: int) -> float:
    """Measure the bytes that a step needs for each image of its batch.

    Two short steps are made on the CPU, at a grid of at most `MEASURED_SIDE` pixels.
    """
    height, width = fit_inside((config.height, config.width), MEASURED_SIDE)
    scale = config.height * config.width / (height * width)
    step = max(FEWEST, group_size(config))
    less, more = (
        _measure_peak(config.replace(height=height, width=width, batch=n), classes)
        for n in (step, 2 * step)
    )
    return max(0.0, scale * (more - less) / step)


def _measure_peak(config: ResolvedConfig, classes: int) -> int:
    meter = PeakMeter()
    with meter:
        trial = make_trial(config, classes, torch.device("cpu"))
        trial.step()  # with penalties
        trial.step()
    return meter.peak


def _refer_to(storage: torch.UntypedStorage) -> StorageWeakRef:
    return StorageWeakRef(storage)  # type: ignore[no-untyped-call]


def _is_gone(ref: StorageWeakRef) -> bool:
    return bool(ref.expired())  # type: ignore[no-untyped-call]

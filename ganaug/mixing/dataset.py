"""SyntheticDataset: real and synthetic images as one torch Dataset."""

from __future__ import annotations

import logging
from enum import Enum
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError
from ganaug.mixing.auto_share import resolve_auto_share
from ganaug.mixing.image_format import convert_image
from ganaug.mixing.pool import StorePool, fill_pool, open_source
from ganaug.mixing.real_set import (
    Transform,
    call_transform,
    is_albumentations,
    open_real,
    shape_label,
)
from ganaug.mixing.resolution import coarsen, enlarge, is_coarser
from ganaug.mixing.schedule import (
    Schedule,
    SharedEpoch,
    check_real_only_after,
    check_share,
    is_real_only,
    plan_stand_ins,
)
from ganaug.mixing.targets import one_hot, read_targets, read_weights
from ganaug.recipe import TEACHER_SHARE
from ganaug.spelling import suggest

logger = logging.getLogger(__name__)

Size = tuple[int, int]  # (height, width)


class Borrow(Enum):
    """Stands for the real set's own transform."""

    BORROW = "borrow"


BORROW = Borrow.BORROW


class SyntheticDataset(Dataset[tuple[Any, ...]]):
    """Every real image once per epoch, and synthetic ones beside them.

    Real images come first, synthetic ones after them; shuffle with a sampler. Classes
    are matched by name and labels are the real set's; a store may lack classes. Call
    `set_epoch` before each epoch: it changes which synthetic images come, also in
    persistent workers.

    Args:
        real: a Dataset of (image, label), LabelledImages or (images, labels) arrays.
        synthetic: a store or a run, or its folder. From a run, images for some epochs
            are drawn into memory at once.
        share: share of synthetic images in an epoch: round(n·s/(1−s)) of them come
            beside n real ones. None takes the whole store once, 0 none. `auto` follows
            the recipe of a store written with `ganaug synth DATA --recipe GAIN`: its
            share and its `real_only_after` where the verdict is that synthetic images
            help; otherwise none, and the log says why.
        classes: `natural` gives the synthetic images the real class frequencies,
            `balanced` spreads them evenly over the classes that have some.
        transform: a torchvision callable or an albumentations Compose, for real and
            synthetic images alike; by default the real set's own. A real set without
            one yields its images as they are, and synthetic ones in the same format.
        target_transform: the same for labels.
        targets: `soft` gives each image a distribution over `classes` in place of its
            label: the teacher's for synthetic ones (in a store written with soft
            labels), a one-hot vector for real ones. `half` gives synthetic ones the
            mean of both.
        weights: True adds a third item, the weight of the image's loss: 1 for real
            images, the teacher's probability of the class for synthetic ones; a number
            is the weight of every synthetic image.
        seed: decides which synthetic images come in which epoch.
        match_resolution: where the GAN's grid is smaller than the real images, reduce
            and enlarge these as the synthetic ones are, so that sharpness does not
            tell them apart. They stay as they are where no synthetic image is mixed
            in: with a share of 0, and in epochs of real images only.
        real_only_after: a share of the epochs, in (0, 1]: after it other real images
            of the same class stand in the places of synthetic ones, until the end.
            Needs `set_epoch(epoch, of=epochs)`.

    Attributes:
        classes, class_to_idx, targets: as ImageFolder has them.
        transform, target_transform: transforms of images and of labels, or None.

    Raises:
        ConfigError: an argument is not allowed.
        DataError: the real set cannot be used, or the recipe is for other data.
        StoreError: there are no synthetic images, some of a class that is not real,
            or no recipe for `auto`.

    Example:
        >>> real = (np.zeros((6, 8, 8), np.uint8), list("001122"))
        >>> mixed = SyntheticDataset(real, "digits-synthetic")  # doctest: +SKIP
        >>> len(mixed), mixed[7][0].shape  # doctest: +SKIP
        (8, (8, 8))
    """

    def __init__(
        self,
        real: Any,
        synthetic: Any,
        share: float | Literal["auto"] | None = 0.25,
        *,
        classes: Literal["natural", "balanced"] = "natural",
        transform: Transform | Borrow | None = BORROW,
        target_transform: Transform | Borrow | None = BORROW,
        targets: Literal["hard", "soft", "half"] = "hard",
        weights: bool | float = False,
        seed: int = 0,
        match_resolution: bool = True,
        real_only_after: float | None = None,
    ) -> None:
        part = 0.0 if share == "auto" else check_share(share)
        self._after = check_real_only_after(real_only_after)
        _check_word("targets", targets, tuple(TEACHER_SHARE))
        _check_word("classes", classes, ("natural", "balanced"))
        self._real = open_real(real, as_pil=_takes_pil(transform))
        self.transform = _choose(transform, self._real.transform)
        self.target_transform = _choose(target_transform, self._real.target_transform)
        source = open_source(synthetic)
        if share == "auto":
            part, after = resolve_auto_share(
                source,
                self._real.counts,
                targets=targets,
                weights=weights,
                classes=classes,
                digest=digest_set(real) if isinstance(real, LabelledImages) else None,
            )
            self._after = self._after or after
        balanced = classes == "balanced"
        self._pool, counts = fill_pool(
            source, self._real.counts, part, balanced=balanced, seed=seed
        )
        self._plan_epochs(counts, seed % 2**63)
        self._name_targets(counts)
        self._read_labels(TEACHER_SHARE[targets], weights)
        self._size = self._find_size()
        coarser = is_coarser(self._pool.grid, self._size)
        self._coarse = match_resolution and coarser and any(counts.values())
        self._warn(counts)

    def _plan_epochs(self, counts: dict[str, int], seed: int) -> None:
        """Plan which synthetic images come, and which real images replace them."""
        real = self._real
        self._schedules = [Schedule(self._pool.rows, counts, seed)]
        if self._after is not None:
            stand_ins = plan_stand_ins(real.targets, real.label_of, counts, seed)
            self._schedules.append(stand_ins)
        self._epoch = SharedEpoch()
        self._picked: tuple[tuple[int, bool], NDArray[np.int64]] | None = None

    def _name_targets(self, counts: dict[str, int]) -> None:
        """Set `classes`, `class_to_idx` and `targets`."""
        real = self._real
        self.classes = list(real.classes)
        self.class_to_idx = {
            name: label if isinstance(label, int) else k
            for k, (name, label) in enumerate(real.label_of.items())
        }
        labels = [real.label_of[name] for name, n in counts.items() for _ in range(n)]
        self.targets = [*real.targets, *labels]

    def _read_labels(self, part: float, weights: bool | float) -> None:
        """Read soft labels, if the teacher has a part in targets, and weights."""
        self._soft, self._part = None, part
        if part:
            self._soft = read_targets(self._pool, self.classes)
            self._hard = one_hot(self.targets, self._real.label_of)
        self._weights = read_weights(self._pool, weights)

    def set_epoch(self, epoch: int, *, of: int | None = None) -> None:
        """Choose the synthetic images of that epoch, here and in all workers.

        Args:
            epoch: from 0 up.
            of: number of epochs; only `real_only_after` needs it.

        Raises:
            ConfigError: `of` is needed, and not given.
        """
        self._epoch.set(epoch, real_only=is_real_only(epoch, of, self._after))

    @property
    def is_synthetic(self) -> NDArray[np.bool_]:
        """Which images of this epoch are synthetic, (length,)."""
        _, real_only = self._epoch.get()
        real = len(self) if real_only else len(self._real.targets)
        return np.arange(len(self)) >= real

    @property
    def samples(self) -> list[tuple[str, int | str]]:
        """Path and label of each image in this epoch, where all are files."""
        if not isinstance(self._pool, StorePool):
            raise AttributeError("images drawn from a run have no files")
        items: Any = self._real.items
        real: list[tuple[str, int | str]] = list(items.samples)
        rows, real_only = self._rows()
        if real_only:
            return real + [real[row] for row in rows]
        labels = self.targets[len(real) :]
        paths = [self._pool.path(row) for row in rows]
        return real + list(zip(paths, labels, strict=True))

    imgs = samples

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        i = int(i)
        if not -len(self) <= i < len(self):
            raise IndexError(f"there is no image {i} among {len(self)}")
        place, row = self._locate(i % len(self))
        image, label = self._read(place, row)
        if self.transform is not None:
            image = call_transform(self.transform, image)
        if self._soft is not None:
            label = self._target(place, row)
        elif self.target_transform is not None:
            label = self.target_transform(label)
        if self._weights is None:
            return image, label
        return image, label, self._weigh(row)

    def _locate(self, i: int) -> tuple[int, int | None]:
        """Find the i-th item's place in `targets`, and its row of the pool or None."""
        real = len(self._real.targets)
        if i < real:
            return i, None
        rows, real_only = self._rows()
        row = int(rows[i - real])
        return (row, None) if real_only else (i, row)

    def _read(self, place: int, row: int | None) -> tuple[Any, Any]:
        """Read the image before its transform, and its label."""
        real = self._real
        if row is None:
            image, label = real.items[place]
            coarse = self._coarse and not self._epoch.get()[1]
            return coarsen(image, self._pool.grid) if coarse else image, label
        synthetic = enlarge(self._pool.pil_image(row), self._size)
        label = shape_label(self.targets[place], real.label)
        return convert_image(synthetic, real.image_format), label

    def _target(self, place: int, row: int | None) -> torch.Tensor:
        """Mix the one-hot vector with the teacher's distribution, (k,) float32."""
        assert self._soft is not None, "called for soft targets"
        vector = self._hard[place].copy()
        if row is not None:
            vector = (1 - self._part) * vector + self._part * self._soft[row]
        return torch.from_numpy(vector)

    def _weigh(self, row: int | None) -> torch.Tensor:
        assert self._weights is not None, "called for weights"
        return torch.tensor(1.0 if row is None else float(self._weights[row]))

    def _rows(self) -> tuple[NDArray[np.int64], bool]:
        """Return this epoch's rows, and whether they are rows of the real images.

        They are rows of the pool until the phase of real images only.
        """
        now = self._epoch.get()
        if self._picked is None or self._picked[0] != now:
            epoch, real_only = now
            self._picked = now, self._schedules[real_only].pick(epoch)
        return self._picked[1], now[1]

    def _find_size(self) -> Size:
        """Find the size of synthetic images; real PIL images may differ in size."""
        found = self._real.image_format
        return self._pool.data_size if found.container == "pil" else found.size

    def _warn(self, counts: dict[str, int]) -> None:
        if self._coarse:
            (h, w), (height, width) = self._pool.grid, self._size
            logger.warning(
                f"the GAN draws {h}×{w} and the real images have {height}×{width}: "
                f"real ones are reduced to {h}×{w} and enlarged again, as synthetic "
                "ones are (match_resolution=False leaves them)"
            )
        few = [name for name, n in counts.items() if n > len(self._pool.rows[name])]
        if few:
            logger.warning(
                f"an epoch takes more synthetic images of {', '.join(few)} than there "
                "are, so some come more than once"
            )


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        hint = suggest(value, allowed)
        raise ConfigError(f"{name}={value!r}{hint} is not one of {', '.join(allowed)}")


def _takes_pil(transform: object) -> bool:
    return callable(transform) and not is_albumentations(transform)


def _choose(
    given: Transform | Borrow | None, own: Transform | None
) -> Transform | None:
    return own if isinstance(given, Borrow) else given

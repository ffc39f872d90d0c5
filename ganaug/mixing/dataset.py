"""SyntheticDataset: real and synthetic images as one torch Dataset."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import BatchSampler, Dataset

from ganaug.data.fingerprint import digest_set
from ganaug.data.images import LabelledImages
from ganaug.display.words import count
from ganaug.errors import ConfigError
from ganaug.mixing.auto_share import resolve_auto_share
from ganaug.mixing.epochs.batch_order import Sizes, plan_batches
from ganaug.mixing.epochs.epoch import check_epoch
from ganaug.mixing.epochs.reads import Reads
from ganaug.mixing.epochs.sampler import EpochSampler
from ganaug.mixing.epochs.split_watch import find_reader
from ganaug.mixing.items import Transform, build_item, find_trained_size
from ganaug.mixing.lineup import plan_lineup
from ganaug.mixing.mixed_images import MixedImages
from ganaug.mixing.pool import (
    fill_pool,
    open_source,
    warn_of_domains,
    warn_of_repeats,
)
from ganaug.mixing.real.own_range import find_own_range
from ganaug.mixing.real.probe import check_outputs, warn_of_own_work
from ganaug.mixing.real.real_set import RealSet, open_real
from ganaug.mixing.real.transforms import BORROW, Borrow, choose_transform, takes_pil
from ganaug.mixing.real_only import RealOnly
from ganaug.mixing.schedule import (
    Schedule,
    check_real_only_after,
    check_share,
    find_last_phase,
    spread_over_cells,
)
from ganaug.mixing.seen import divide_real, read_seen
from ganaug.mixing.targets import Targets, one_hot, read_targets, read_weights
from ganaug.recipe import DRAWS, TEACHER_SHARE
from ganaug.scalars import to_plain
from ganaug.spelling import suggest
from ganaug.synth.store.store import Store

ONE_HOT = "one-hot"  # word for targets that are vectors, without a teacher


class SyntheticDataset(Dataset[Any]):
    """Every real image once per epoch, and synthetic ones beside them.

    Real images come first, synthetic ones after them; shuffle with a sampler. Classes
    are matched by name and labels are the real set's; a store may lack classes. Where
    the GAN's images were read with `scale`, synthetic images come in the real set's own
    range, such as masks of 0 and 1.

    Each epoch has other synthetic images. Call `set_epoch` before it, or give the
    DataLoader `sampler=data.sampler()`, and they depend on the seed and the epoch
    alone. Without either, an item moves on to its next epoch each time that a
    DataLoader reads it.

    Args:
        real: a Dataset of (image, label) or of dicts with an image and a label, as
            Hugging Face's; LabelledImages; or (images, labels) arrays. Items have the
            same form as the real set's, and of a dict's keys these two.
        synthetic: a store or a run, or its folder. From a run, images for some epochs
            are drawn into memory at once.
        share: share of synthetic images in an epoch: round(n·s/(1−s)) of them come
            beside n real ones. None takes the whole store once, 0 none. `auto` follows
            the recipe of a store written with `ganaug synth DATA --recipe GAIN`: its
            share and its `real_only_after` where the verdict is that synthetic images
            help; otherwise none, and the log says why.
        classes: `natural` gives the synthetic images the real class frequencies,
            `balanced` spreads them evenly over the classes that have some, `cells` over
            the classes in each domain, and `inverse` gives most to rare classes. With
            `cells`, `sampler()` draws the real images evenly over cells too, where they
            are LabelledImages with domains.
        transform: a torchvision callable or an albumentations Compose, for real and
            synthetic images alike; by default the real set's own. A real set without
            one yields its images as they are, and synthetic ones in the same format.
        target_transform: the same for labels.
        targets: `soft` gives each image a distribution over `classes` in place of its
            label: the teacher's for synthetic ones (in a store written with soft
            labels), a one-hot vector for real ones. `half` gives synthetic ones the
            mean of both, `one-hot` the vector of the class that they were drawn for.
        weights: True adds a third part, the weight of the image's loss (`weight` in a
            dict): 1 for real images, the teacher's probability of the class for
            synthetic ones; a number is the weight of every synthetic image.
        seed: decides which synthetic images come in which epoch.
        match_resolution: where the GAN's grid is smaller than the real images, True
            reduces and enlarges these as the synthetic ones are, so that sharpness
            does not tell them apart. Test images must then be as coarse: on sharp ones
            accuracy may fall. Real images stay as they are by default, with a share of
            0, and in epochs of real images only.
        real_only_after: a share of the epochs, in (0, 1]: after it other real images
            of the same class stand in the places of synthetic ones, until the end.
            Needs `set_epoch(epoch, of=epochs)`.
        hold_out: True leaves out the real images that the GAN did not see, and
            `validation()` yields them.

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
        classes: Literal["natural", "balanced", "cells", "inverse"] = "natural",
        transform: Transform | Borrow | None = BORROW,
        target_transform: Transform | Borrow | None = BORROW,
        targets: Literal["hard", "soft", "half", "one-hot"] = "hard",
        weights: bool | float = False,
        seed: int = 0,
        match_resolution: bool = False,
        real_only_after: float | None = None,
        hold_out: bool = False,
    ) -> None:
        part = 0.0 if share == "auto" else check_share(share)
        self._after = check_real_only_after(real_only_after)
        _check_word("targets", targets, (*TEACHER_SHARE, ONE_HOT))
        _check_word("classes", classes, tuple(DRAWS))
        hold_out = _check_flag("hold_out", hold_out)
        coarse = _check_flag("match_resolution", match_resolution)
        self._whole = open_real(real, as_pil=takes_pil(transform))
        own = self._whole.transform, self._whole.target_transform
        self.transform = choose_transform(transform, own[0])
        self.target_transform = choose_transform(target_transform, own[1])
        source = open_source(synthetic)
        seen = read_seen(source if isinstance(source, Store) else synthetic)
        self._real, self._unseen = divide_real(self._whole, seen, hold_out=hold_out)
        if share == "auto":
            part, after = resolve_auto_share(
                source, self._whole.counts, targets=targets, weights=weights,
                classes=classes, digest=_digest(real), size=self._find_trained_size(),
            )  # fmt: skip
            self._after = self._after or after
        self._pool, counts = fill_pool(
            source, self._real, part, draw=classes, seed=seed
        )
        self._seed = operator.index(seed) % 2**63
        self._cells = classes == "cells"
        if self._cells:
            warn_of_domains(self._real, self._pool)
        self._name_targets(counts)
        self._plan_epochs(counts)
        self._vectors = targets != "hard"
        self._read_labels(TEACHER_SHARE.get(targets, 0.0), weights)
        coarse = coarse and any(counts.values())
        levels = None
        if seen is not None and any(counts.values()):
            levels = find_own_range(real, self._whole, seen.scale)
        self._images = MixedImages(
            self._real, self._pool, coarse=coarse, own_range=levels
        )
        warn_of_repeats(self._pool, counts)
        if any(counts.values()):
            warn_of_own_work(real, self._whole, lent=isinstance(transform, Borrow))
            self._check_outputs()

    def _check_outputs(self) -> None:
        """Refuse synthetic items that would not fit into a batch of real ones."""
        real, n = len(self._real.targets), len(self)
        check_outputs(
            self._build, {0, real // 2, real - 1}, {real, n - 1},
            transform=self.transform,
        )  # fmt: skip

    def _find_trained_size(self) -> tuple[int, int] | None:
        """Find the (height, width) of the first real image after its transform."""
        form, first = self._real.form, self._real.read(0)
        return find_trained_size(form, *first, transform=self.transform)

    def _name_targets(self, counts: dict[str, int]) -> None:
        """Set `classes`, `class_to_idx` and `targets`."""
        real = self._real
        self.classes, self.class_to_idx = list(real.classes), real.class_to_idx
        labels = [real.label_of[name] for name, n in counts.items() for _ in range(n)]
        self.targets = [*real.targets, *labels]

    def _plan_epochs(self, counts: dict[str, int]) -> None:
        """Plan which images come in which epoch, and count the epochs."""
        real = self._real
        self._lineup, self._epoch = plan_lineup(
            self._pool.rows, counts, real.targets, real.label_of,
            domains=self._pool.domains if self._cells else None, seed=self._seed,
            stand_ins=self._after is not None,
        )  # fmt: skip
        self._of: int | None = None
        self._reads = Reads(self._epoch, len(real.targets), len(self), self._after)

    def _read_labels(self, part: float, weights: bool | float) -> None:
        """Read soft labels, if the teacher has a part in targets, and weights."""
        self._targets = Targets(
            hard=one_hot(self.targets, self._real.label_of),
            soft=read_targets(self._pool, self.classes) if part else None,
            part=part,
            weights=read_weights(self._pool, weights),
        )

    def set_epoch(self, epoch: int, *, of: int | None = None) -> None:
        """Choose the synthetic images of that epoch, here and in all workers.

        Args:
            epoch: from 0 up.
            of: number of epochs; only `real_only_after` needs it, in the first call.

        Raises:
            ConfigError: `of` is needed, and not given.
        """
        self._of = self._of if of is None else of
        self._epoch.set(
            check_epoch(epoch), last_phase=find_last_phase(self._of, self._after)
        )

    def sampler(
        self, *, shuffle: bool = True, epochs: int | None = None
    ) -> EpochSampler:
        """Return a sampler for a DataLoader that begins a new epoch at each pass.

        Lightning and Accelerate call its `set_epoch`. The order depends on the seed
        and the epoch alone.

        Args:
            shuffle: whether items come in random order.
            epochs: number of epochs; only `real_only_after` needs it.

        Raises:
            ConfigError: `epochs` is needed, and not given.

        Example:
            >>> DataLoader(data, 32, sampler=data.sampler())  # doctest: +SKIP
        """
        last_phase = find_last_phase(epochs, self._after)
        return EpochSampler(
            self._epoch, len(self), self._seed, shuffle=shuffle, last_phase=last_phase,
            real=self._spread_real(),
        )  # fmt: skip

    def _spread_real(self) -> Schedule | None:
        """Plan real images evenly over cells, where that was asked for."""
        if not self._cells or self._real.domains is None:
            return None
        return spread_over_cells(self._real.numbers, self._real.domains, self._seed)

    def batch_sampler(
        self,
        real: int,
        synthetic: int | None = None,
        *,
        sampling: Literal["natural", "balanced", "cells"] = "natural",
        epochs: int | None = None,
    ) -> BatchSampler:
        """Return batches that all have the same number of synthetic images.

        Each pass begins a new epoch, as with `sampler()`. It has as many whole batches
        as the real images fill; the rest come first in the next.

        Args:
            real, synthetic: numbers of images in a batch; as many synthetic ones beside
                them as in an epoch by default.
            sampling: `balanced` draws real images of each class equally often, `cells`
                those of each class in each domain.
            epochs: number of epochs; only `real_only_after` needs it.

        Raises:
            ConfigError: a number is not allowed, or `epochs` is needed and not given.
        """
        n = len(self._real.targets)
        if synthetic is None:
            synthetic = round(real * (len(self) - n) / n)
        return plan_batches(
            self._real, len(self) - n, Sizes(real, synthetic), sampling=sampling,
            seed=self._seed, epoch=self._epoch,
            last_phase=find_last_phase(epochs, self._after),
        )  # fmt: skip

    @property
    def real_set(self) -> RealSet:
        """The real images that are trained on as they are read, before transforms."""
        return self._real

    def real_only(self, *, transform: Transform | Borrow | None = BORROW) -> RealOnly:
        """Return the real images that are trained on, and none that are synthetic.

        Args:
            transform: for images; by default the one of this set.

        Returns:
            A Dataset of (image, label), as the real set yields them: without soft
            labels and weights.
        """
        return self._part(self._real, range(len(self._real.targets)), transform)

    def validation(self, *, transform: Transform | Borrow | None = BORROW) -> RealOnly:
        """Return the real images that neither the GAN nor this set trains on.

        They are the ones that the run held out, which the store's split.json names:
        15 % of each class, none of classes under 10 images. The filters' thresholds
        were set on them, so test on other images.

        Args:
            transform: for images; by default the one of this set. Give one without
                augmentation.

        Returns:
            A Dataset of (image, label), as the real set yields them.

        Raises:
            ConfigError: the set was made without `hold_out=True`.
        """
        if not self._unseen:
            raise ConfigError(
                "validation() needs SyntheticDataset(…, hold_out=True), which keeps "
                "the real images that the GAN did not see out of training"
            )
        return self._part(self._whole, self._unseen, transform)

    def _part(
        self, real: RealSet, rows: Sequence[int], transform: Transform | Borrow | None
    ) -> RealOnly:
        return RealOnly(
            real,
            rows,
            transform=choose_transform(transform, self.transform),
            target_transform=self.target_transform,
        )

    @property
    def is_synthetic(self) -> NDArray[np.bool_]:
        """Which images of this epoch are synthetic, (length,)."""
        spots = map(self._lineup.find, range(len(self)))
        return np.array([spot.row is not None for spot in spots], bool)

    @property
    def samples(self) -> list[tuple[str, int | str]]:
        """Path and label of each image in this epoch, where all are files."""
        spots = [self._lineup.find(i) for i in range(len(self))]
        paths = self._images.list_paths(spots)
        labels = [self.targets[spot.place] for spot in spots]
        return list(zip(paths, labels, strict=True))

    imgs = samples

    def __len__(self) -> int:
        return len(self.targets)

    def __repr__(self) -> str:
        real = len(self._real.targets)
        synthetic = count(len(self) - real, "synthetic image")
        classes = count(len(self.classes), "class")
        return f"SyntheticDataset({real:,} real and {synthetic} of {classes})"

    def __getitems__(self, indices: list[int]) -> list[Any]:
        """Read a batch, as only a DataLoader does."""
        with self._reads.batch(find_reader(1)):
            return [self[i] for i in indices]

    def __getitem__(self, i: int) -> Any:
        i = operator.index(i)
        if not -len(self) <= i < len(self):
            raise IndexError(f"there is no image {i} among {len(self)}")
        self._reads.note(i % len(self), find_reader(1))
        return self._build(i % len(self), self.transform)

    def _build(self, i: int, transform: Transform | None) -> Any:
        """Read an item and transform it."""
        spot = self._lineup.find(i)
        image, label = self._images.read(spot, self.targets[spot.place])
        if self._vectors:
            label = self._targets.mix(spot.place, spot.row)
        elif self.target_transform is not None:
            label = self.target_transform(label)
        weighs = self._targets.weights is not None
        return build_item(
            self._real.form,
            image,
            label,
            transform=transform,
            weight=self._targets.weigh(spot.row) if weighs else None,
        )


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        hint = suggest(value, allowed)
        raise ConfigError(f"{name}={value!r}{hint} is not one of {', '.join(allowed)}")


def _check_flag(name: str, value: Any) -> bool:
    plain = to_plain(value)
    if not isinstance(plain, bool):
        raise ConfigError(
            f"{name}={value!r} is not True or False; leave it out for False"
        )
    return plain


def _digest(real: Any) -> str | None:
    return digest_set(real) if isinstance(real, LabelledImages) else None

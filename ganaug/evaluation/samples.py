"""Samples: the synthetic and real images that `evaluate` compares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.data.recorded.reading import load_like
from ganaug.data.split import make_folds
from ganaug.errors import DataError, StoreError
from ganaug.gan.generators import MERGED
from ganaug.gan.inputs.training_set import to_grid
from ganaug.synth.real_images import RealImages
from ganaug.synth.store.store import Store

MOST_OF_CLASS = 500  # most images of a class

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Samples:
    """Three samples with the same classes, all on the GAN's grid.

    Attributes:
        synthetic: up to 500 synthetic images of each class.
        training: all training images of the GAN.
        floor: indices of training images: for each synthetic image one of its class.
        reference: real images that both are compared with.
        within: indices of the reference in `training`, or None if it is no part of it.
        note: the reference images in words.
    """

    synthetic: LabelledImages
    training: LabelledImages
    floor: Indices
    reference: LabelledImages
    within: Indices | None
    note: str

    @property
    def apart(self) -> bool:
        """Whether the reference was held out from the GAN."""
        return self.within is None


def draw_samples(
    store: Store, real: RealImages, test: Any = None, *, seed: int = 0
) -> Samples:
    """Choose the images to compare.

    The reference is the test set, or else the held-out images. Without either, half of
    the training images are the reference for the other half.

    Args:
        store: synthetic images.
        real: real images of the store's run.
        test: further real images in any form that `load_images` takes, or None.
        seed: seed for the choice of images.

    Raises:
        DataError: the test set has other classes or channels than the real images.
        StoreError: the store is empty, has classes that are not real, or is damaged.
    """
    config = store.meta.training_config
    images = replace(real.images, images=to_grid(real.images.images, config))
    classes = images.classes
    if store.classes in MERGED:
        images, classes = _merge(images, store.classes), store.classes
    training, pool = images.subset(real.train), np.arange(len(real.train))
    within, note = None, real.note
    if test is not None:
        reference = _read_test(test, real.images, images, config=config)
        note = f"{len(reference):,} test images given"
    elif len(real.held):
        reference = images.subset(real.held)
    else:
        # another seed than that of classifiers' folds, which would be the same halves
        halves = make_folds(training.labels, training.groups, folds=2, seed=seed + 1)
        within, pool = np.flatnonzero(halves == 0), np.flatnonzero(halves == 1)
        reference = training.subset(within)
        note = f"{len(within):,} of the {real.note}"
    rng = np.random.default_rng(seed)
    labels = _match_labels(store, classes)
    rows, floor = _pick_equal(
        labels, training.labels, pool, n_classes=len(classes), rng=rng
    )
    synthetic = _read_synthetic(
        store, rows, labels[rows], training=training, config=config
    )
    return Samples(
        synthetic=synthetic,
        training=training,
        floor=floor,
        reference=reference,
        within=within,
        note=note,
    )


def _merge(images: LabelledImages, classes: tuple[str, ...]) -> LabelledImages:
    """Put all images into one class, as an unconditional GAN saw them."""
    return replace(images, labels=np.zeros_like(images.labels), classes=classes)


def _read_test(
    test: Any, real: LabelledImages, images: LabelledImages, *, config: TrainConfig
) -> LabelledImages:
    """Read the test set with the labels of `images`, on the grid."""
    found = load_like(test, real)
    unknown = [name for name in found.classes if name not in real.classes]
    if unknown:
        raise DataError(
            f"the test set has a class {unknown[0]!r}, but the real classes are "
            f"{', '.join(real.classes)}"
        )
    if found.channels != real.channels:
        raise DataError(
            f"the test images have {found.channels} channels and the real ones "
            f"{real.channels}; convert them first"
        )
    numbers = np.array([real.classes.index(name) for name in found.classes], np.int64)
    moved = replace(
        found,
        images=to_grid(found.images, config),
        labels=numbers[found.labels],
        classes=real.classes,
    )
    return _merge(moved, images.classes) if images.classes in MERGED else moved


def _match_labels(store: Store, classes: tuple[str, ...]) -> Indices:
    """Return the label, among those classes, of each image of the store."""
    if not len(store):
        raise StoreError(f"{store.path} has no images; run ganaug synth")
    unknown = [name for name in store.classes if name not in classes]
    if unknown:
        raise StoreError(
            f"{store.path} has a class {unknown[0]!r}, but the real classes are "
            f"{', '.join(classes)}; give the data that it was made from"
        )
    numbers = np.array([classes.index(name) for name in store.classes], np.int64)
    return np.asarray(numbers[store.labels])


def _pick_equal(
    synthetic: Indices,
    training: Indices,
    pool: Indices,
    *,
    n_classes: int,
    rng: np.random.Generator,
) -> tuple[Indices, Indices]:
    """Pick rows of both, from each class as many as both have."""
    rows, floor = [], []
    for label in range(n_classes):
        ours = rng.permutation(np.flatnonzero(synthetic == label))
        theirs = rng.permutation(pool[training[pool] == label])
        n = min(len(ours), len(theirs), MOST_OF_CLASS)
        rows.append(np.sort(ours[:n]))
        floor.append(np.sort(theirs[:n]))
    return np.concatenate(rows), np.concatenate(floor)


def _read_synthetic(
    store: Store,
    rows: Indices,
    labels: Indices,
    *,
    training: LabelledImages,
    config: TrainConfig,
) -> LabelledImages:
    shape = (0, *training.images.shape[1:])
    images = np.empty(shape, np.uint8)
    if len(rows):
        images = to_grid(np.stack([store.image(int(i)) for i in rows]), config)
    return LabelledImages(images, labels, training.classes)

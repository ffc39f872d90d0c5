"""TrainingSet: the images of a training, split and resized once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.limits.pixel_storage import gather_pixels
from ganaug.data.resize import resize_images
from ganaug.data.split import hold_out
from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.captions import Captions, Encode, gather_captions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.source_images import SourceImages
from ganaug.gan.inputs.value_range import Span, measure_span

Pixels = NDArray[np.uint8]  # (n, h, w, c)
Indices = NDArray[np.int64]  # (n,)
Split = dict[str, list[str]]  # hashes of the images under "train" and "held_out"


class Rows(NamedTuple):
    """Some images of a training set, with their labels and numbers.

    Attributes:
        images: (n, h, w, c) uint8 at the GAN's grid.
        labels: (n,) classes of the images; 0 where the networks get no condition.
        numbers: (n,) numbers of the conditions: classes, or captions.
    """

    images: Pixels
    labels: Indices
    numbers: Indices


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """The user's images, split and resized for one training.

    Attributes:
        data: the images as they were read.
        config: configuration of the training.
        kept: rows of the images that the GAN sees.
        held_out: rows of the held-out images, which the GAN does not see.
        captions: captions of the images that the GAN sees; None where it reads none.
    """

    data: LabelledImages
    config: ResolvedConfig
    kept: Indices
    held_out: Indices
    captions: Captions | None = None

    @property
    def split(self) -> Split:
        """Hashes of the user's own pixels, for training images and held-out ones."""
        return {
            "train": [self.hashes[i] for i in self.kept],
            "held_out": [self.hashes[i] for i in self.held_out],
        }

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """Hash of the user's own pixels of each image."""
        return self.data.hash_images()

    @cached_property
    def images(self) -> Pixels:
        """All images at the GAN's grid."""
        return to_grid(self.data.images, self.config)

    @cached_property
    def unseen(self) -> Indices:
        """Rows of the held-out images, without copies of images that the GAN sees."""
        hashes: Sequence[str] = self.hashes
        if self.images.shape != self.data.images.shape:
            hashes = [hash_pixels(image) for image in self.images]
        return omit_copies(hashes, self.held_out, self.kept)

    @cached_property
    def span(self) -> Span:
        """Grey levels that the networks' -1 and 1 stand for."""
        return measure_span(self.images, self.config.stretch, rows=self.kept)

    @cached_property
    def sources(self) -> SourceImages | None:
        """Source images for the generator's file; None where it needs none."""
        if not find_conditioning(self.config.conditioning).sources:
            return None
        return SourceImages(
            torch.from_numpy(self.images[self.kept]),
            torch.from_numpy(self.data.labels[self.kept]),
            tuple(self.split["train"]),
        )

    @cached_property
    def labels(self) -> Indices:
        """Classes (n,) of all images; 0 where the networks get no condition."""
        labels = self.data.labels
        conditioned = find_conditioning(self.config.conditioning).conditioned
        return labels if conditioned else np.zeros_like(labels)

    @cached_property
    def numbers(self) -> Indices:
        """Numbers (n,) of the images' conditions: their classes or captions."""
        if self.captions is None:
            return self.labels
        return self.captions.number(self.data.captions or ())

    def take(self, rows: Indices) -> Rows:
        """Return some of the images, with their labels and numbers."""
        images = gather_pixels(self.images, rows)
        return Rows(images, self.labels[rows], self.numbers[rows])


def build_training_set(
    images: LabelledImages, config: ResolvedConfig, *, encode: Encode | None = None
) -> TrainingSet:
    """Split the images, and gather their captions where the config wants them.

    Args:
        images: the images as they were read.
        config: configuration of the training.
        encode: captions → (n, d) numbers, in place of the encoder trained with the GAN.

    Raises:
        DataError: the config does not suit the images, or needs more of them.
        ConfigError: there is an encoder, but the networks read no captions.

    Example:
        >>> from ganaug.data.load import load_images
        >>> from ganaug.gan.settings.resolve import resolve_config
        >>> config = resolve_config(TrainConfig(height=8, width=8, channels=1))
        >>> found = build_training_set(load_images("digits"), config)
        >>> len(found.kept), len(found.held_out)
        (1528, 269)
    """
    kept, held_out = split_images(images, config)
    check_images(images, config, kept=kept)
    captions = None
    if find_conditioning(config.conditioning).captions:
        assert images.captions is not None, "check_images refuses that"
        captions = gather_captions(
            [images.captions[i] for i in kept],
            images.labels[kept],
            encode=encode,
            seed=config.seed,
        )
    elif encode is not None:
        raise ConfigError(
            f"encode is for conditioning=caption, not {config.conditioning}; omit it"
        )
    return TrainingSet(images, config, kept, held_out, captions)


def split_images(
    images: LabelledImages, config: TrainConfig
) -> tuple[Indices, Indices]:
    """Return rows of the images that the GAN sees, and of the held-out ones."""
    return hold_out(
        images.labels, images.groups, fraction=config.holdout, seed=config.seed
    )


def check_images(
    images: LabelledImages, config: ResolvedConfig, *, kept: Indices | None = None
) -> None:
    """Raise DataError where the config does not suit the images, or needs more.

    Args:
        images: the images as they were read.
        config: configuration of the training.
        kept: rows of the images that the GAN sees; split here where omitted.
    """
    conditioning = find_conditioning(config.conditioning)
    if config.channels != images.channels:
        raise DataError(
            f"channels={config.channels} does not suit these images, which have "
            f"{images.channels}; omit it, or convert them"
        )
    if conditioning.captions and images.captions is None:
        raise DataError(
            f"conditioning={config.conditioning} needs captions, and these images have "
            "none; give a CSV file with a column named caption"
        )
    empty = [n for n, k in zip(images.classes, images.counts, strict=True) if not k]
    if empty and conditioning.all_classes:
        raise DataError(
            f"class {empty[0]} has no images, and conditioning={config.conditioning} "
            "needs some of each; remove it from the classes"
        )
    if conditioning.check is not None:
        kept = split_images(images, config)[0] if kept is None else kept
        conditioning.check(images.labels[kept])


def omit_copies(hashes: Sequence[str], held: Indices, kept: Indices) -> Indices:
    """Return the held-out rows, without exact copies of images that the GAN sees.

    Args:
        hashes: (n,) hashes of the pixels of all images.
        held, kept: rows of the held-out images, and of those that the GAN sees.

    Example:
        >>> omit_copies(["a", "b", "b", "c"], np.array([2, 3]), np.array([0, 1]))
        array([3])
    """
    seen = {hashes[i] for i in kept}
    return np.array([i for i in held if hashes[i] not in seen], np.int64)


def to_grid(images: Pixels, config: TrainConfig) -> Pixels:
    """Resize images (n, h, w, c) uint8 to the config's grid."""
    return resize_images(images, (config.height, config.width))

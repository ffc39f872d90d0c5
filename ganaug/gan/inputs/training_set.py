"""What a GAN sees of a set: which of the images, whether they suffice, at what size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages, hash_pixels
from ganaug.data.resize import resize_images
from ganaug.data.split import hold_out
from ganaug.errors import DataError
from ganaug.gan.inputs.conditions import find_conditioning


def split_images(
    images: LabelledImages, config: TrainConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the images that the GAN sees, and of those kept from it."""
    return hold_out(
        images.labels, images.groups, fraction=config.holdout, seed=config.seed
    )


def leave_copies_out(
    pixels: NDArray[np.uint8], held: NDArray[np.int64], kept: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The held-out images whose pixels no kept image has: the GAN saw the others.

    Args:
        pixels: (n, h, w, c) at the grid.
        held, kept: rows of it.

    Example:
        >>> x = np.arange(3, dtype=np.uint8)[[0, 1, 1, 2]].reshape(4, 1, 1, 1)
        >>> leave_copies_out(x, np.array([2, 3]), np.array([0, 1]))
        array([3])
    """
    seen = {hash_pixels(pixels[i]) for i in kept}
    return np.array([i for i in held if hash_pixels(pixels[i]) not in seen], np.int64)


def check_images(images: LabelledImages, config: TrainConfig) -> None:
    """Raise DataError where the config does not suit the images, or needs more."""
    if config.channels != images.channels:
        raise DataError(
            f"channels={config.channels} does not suit these images, which have "
            f"{images.channels}; leave it out, or convert them"
        )
    conditioning = find_conditioning(config.conditioning)
    if conditioning.captions and images.captions is None:
        raise DataError(
            f"conditioning={config.conditioning} needs captions, and these images have "
            "none; give a CSV with the column caption"
        )
    empty = [n for n, k in zip(images.classes, images.counts, strict=True) if not k]
    if empty and conditioning.all_classes:
        raise DataError(
            f"class {empty[0]} has no images, and conditioning={config.conditioning} "
            "needs some of each; leave it out of the classes"
        )
    kept, _ = split_images(images, config)
    conditioning.check(images.labels[kept])


def to_grid(images: NDArray[np.uint8], config: TrainConfig) -> NDArray[np.uint8]:
    """Resize images (n, h, w, c) uint8 to the config's grid."""
    return resize_images(images, (config.height, config.width))

"""Source images that a user gives: checked, and brought to the generator's grid."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.config import TrainConfig
from ganaug.data.resize import resize_images
from ganaug.errors import ConfigError, DataError
from ganaug.gan.inputs.conditions import find_conditioning


def fit_source_images(
    sources: NDArray[np.uint8], config: TrainConfig, labels: int | None
) -> Tensor:
    """Bring source images (n, h, w, c) uint8 of any size to the generator's grid.

    Args:
        sources: the images as the user gave them.
        config: the generator's.
        labels: how many there must be, None for any number.

    Raises:
        ConfigError: the generator draws from no source images.
        DataError: they have another shape, number or type.

    Example:
        >>> config = TrainConfig(height=8, width=8, conditioning="image")
        >>> fit_source_images(np.zeros((2, 20, 30, 3), np.uint8), config, 2).shape
        torch.Size([2, 8, 8, 3])
    """
    if not find_conditioning(config.conditioning).sources:
        raise ConfigError(
            f"this generator (conditioning={config.conditioning}) draws from no source "
            "images; omit sources=, or train one with conditioning=image"
        )
    sources = np.asarray(sources)
    known = sources.ndim == 4 and sources.shape[3] == config.channels
    if not known or sources.dtype != np.uint8 or labels not in (None, len(sources)):
        raise DataError(
            f"sources must be (n, h, w, {config.channels}) uint8, one for each label, "
            f"not {sources.shape} {sources.dtype}"
        )
    grid = resize_images(sources, (config.height, config.width))
    return torch.tensor(grid)

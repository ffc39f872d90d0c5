"""Sources that a user gives: checked, and brought to the generator's grid."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.config import TrainConfig
from ganaug.data.resize import resize_images
from ganaug.errors import DataError
from ganaug.gan.inputs.conditions import find_conditioning


def fit_sources(
    sources: NDArray[np.uint8], config: TrainConfig, labels: int | None
) -> Tensor:
    """Images (n, h, w, c) uint8 of any size → at the grid of the config.

    Args:
        sources: as the user gave them.
        config: of the generator.
        labels: how many there must be, None for any number.

    Raises:
        DataError: they don't fit, or the generator has no use for them.

    Example:
        >>> config = TrainConfig(height=8, width=8, conditioning="image")
        >>> fit_sources(np.zeros((2, 20, 30, 3), np.uint8), config, 2).shape
        torch.Size([2, 8, 8, 3])
    """
    if not find_conditioning(config.conditioning).sources:
        raise DataError(
            f"this generator (conditioning={config.conditioning}) draws from classes "
            "alone; leave sources away, or train with conditioning=image"
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

"""What is measured: sizes, networks, and images that need no download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ganaug.config import PRESETS, ResolvedConfig, TrainConfig
from ganaug.data.load import load_images
from ganaug.data.resize import resize_images
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.trainer import Trainer

SIZES = {
    "28×28 grey": (28, 28, 1),
    "32×32 RGB": (32, 32, 3),
    "64×64 RGB": (64, 64, 3),
}
# the plan's pair on a CPU, and the residual one
NETWORKS: dict[str, dict[str, Any]] = {
    "dcgan 64": {"network": "dcgan", "base_channels": 64, "norm": "batch"},
    "r3 small": {"network": "r3", **PRESETS["small"]},
}
CLASSES = 10


def make_config(size: tuple[int, int, int], network: dict[str, Any]) -> ResolvedConfig:
    height, width, channels = size
    config = TrainConfig(height=height, width=width, channels=channels, **network)
    return resolve_config(config)


def make_trainer(
    config: ResolvedConfig,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    device: torch.device | None = None,
) -> Trainer:
    tensors = torch.from_numpy(images), torch.from_numpy(labels)
    return Trainer(config, *tensors, CLASSES, device or torch.device("cpu"))


def draw_images(
    n: int, size: tuple[int, int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw scikit-learn's digits at a size, (n, h, w, c) uint8, repeated if need be.

    They compress like photographs of simple things, not like noise; with three
    channels each has a tint.
    """
    digits = load_images("digits")
    height, width, channels = size
    chosen = np.arange(n) % len(digits.images)
    images = resize_images(digits.images, (height, width), rows=chosen)
    if channels > 1:
        tints = np.random.default_rng(0).uniform(0.4, 1, (n, 1, 1, channels))
        images = (images * tints).astype(np.uint8)
    return images, digits.labels[chosen]


def save_folder(
    folder: Path, images: NDArray[np.uint8], labels: NDArray[np.int64]
) -> None:
    """Save one PNG per image, in a folder per class."""
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / str(label) / f"{i:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(path)

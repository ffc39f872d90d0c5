"""Images and settings of trainings that take a second, and a way to cut them."""

import numpy as np
import pytest
import torch

from ganaug.data.images import LabelledImages
from ganaug.gan.training import train

TINY = {
    "height": 8, "width": 8, "channels": 1, "base_channels": 16, "max_channels": 16,
    "latent": 8, "batch": 16, "images": 640, "snapshots": 2, "checkpoint_minutes": 0.01,
}  # fmt: skip


def tensors_of(trainer):
    """Return the tensors of a trainer's state."""
    state = trainer.state_dict()
    return {name: t for name, t in state.items() if isinstance(t, torch.Tensor)}


def tiny_images(n=40, classes=("a", "b"), seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(classes)
    images = rng.integers(0, 256, (n, 8, 8, 1), np.uint8)
    return LabelledImages(images, labels, tuple(classes), data_size=(8, 8))


def cut_training(seen, *args, **options):
    """Train until `seen` images are seen, and end there as a second Ctrl-C does."""

    def stop(status):
        if status.seen >= seen:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.training.progress.TICK_SECONDS", 0.0)
        with pytest.raises(KeyboardInterrupt):
            train(*args, progress=stop, **options)

"""Quality of a generator in the middle of its training, against held-out images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ganaug.classify.random_net import random_features
from ganaug.config import TrainConfig
from ganaug.gan.draws import mix_seed
from ganaug.gan.signal import Span
from ganaug.metrics.diversity import within_class_diversity
from ganaug.metrics.kernel import kernel_distance

CLASSES = 20  # judged and shown at most, the first ones
PER_CLASS = 48
COLUMNS = 12
CHUNK = 32


@dataclass(frozen=True)
class Quality:
    """Two figures of one snapshot, both in features of a fixed random network.

    Attributes:
        diversity: mean distance within a class, synthetic over real, averaged over
            classes; 1 is as various as the real ones, near 0 is a collapse.
        distance: kernel distance to real images, averaged over classes; lower is
            better; None where no class has enough real images.
    """

    diversity: float | None
    distance: float | None


class QualityWatch:
    """Draws the same latents at every snapshot and compares them with real images.

    Args:
        config: of the training.
        real: (n, h, w, c) uint8 at the grid: held-out images, or training images
            where none are held out.
        labels: (n,) their classes.
        classes: number of classes that images are judged by, at least 1.
        kinds: for each class, what the generator gets to draw its images, by turns;
            by default the class itself.
    """

    def __init__(
        self,
        config: TrainConfig,
        real: NDArray[np.uint8],
        labels: NDArray[np.int64],
        classes: int,
        kinds: Sequence[Sequence[int]] | None = None,
    ) -> None:
        shown = min(classes, CLASSES)
        keep = labels < shown
        self.labels = labels[keep]
        self.features = random_features(real[keep])
        self.real_diversity = within_class_diversity(self.features, self.labels)
        self.y = torch.arange(shown).repeat_interleave(PER_CLASS)
        self.kinds = self.y
        if kinds is not None:
            turns = [np.resize(own, PER_CLASS) for own in kinds[:shown]]
            self.kinds = torch.from_numpy(np.concatenate(turns))
        generator = torch.Generator().manual_seed(mix_seed("watch", config.seed))
        self.z = torch.randn(len(self.y), config.latent, generator=generator)

    def draw(
        self, network: nn.Module, device: torch.device, span: Span
    ) -> NDArray[np.uint8]:
        """(classes·PER_CLASS, h, w, c) uint8, sorted by class."""
        with torch.inference_mode():
            pieces = [
                span.to_pixels(network(z.to(device), y.to(device))).cpu()
                for z, y in zip(
                    torch.split(self.z, CHUNK),
                    torch.split(self.kinds, CHUNK),
                    strict=True,
                )
            ]
        return torch.cat(pieces).numpy()

    def judge(self, images: NDArray[np.uint8]) -> Quality:
        """Figures of what `draw` gave."""
        features, labels = random_features(images), self.y.numpy()
        fake = within_class_diversity(features, labels)
        ratios = [fake[k] / d for k, d in self.real_diversity.items() if d > 0]
        distances = [
            kernel_distance(features[labels == k], self.features[self.labels == k])
            for k in fake
            if (self.labels == k).sum() >= 2
        ]
        return Quality(_mean(ratios), _mean(distances))

    def show(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The first COLUMNS images of each class, for a sample grid."""
        return images.reshape(-1, PER_CLASS, *images.shape[1:])[:, :COLUMNS].reshape(
            -1, *images.shape[1:]
        )


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None

"""Quality of a generator during its training, compared with held-out images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.random_net import random_features
from ganaug.config import ResolvedConfig
from ganaug.gan.inputs.conditioners import ClassConditioner, Conditioner
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.gan.inputs.value_range import Span
from ganaug.gan.networks.embedding import Generator
from ganaug.metrics.diversity import within_class_diversity
from ganaug.metrics.jackknife import average_influences
from ganaug.metrics.kernel import kernel_distance, kernel_influence
from ganaug.metrics.thinning import thin

JUDGED_CLASSES = 20  # classes that are judged and shown at most: the first ones
DRAWN_PER_CLASS = 48
MOST_REAL = 1000  # real images of a class that are compared; memory goes as its square
KNOWN_PER_CLASS = 100  # training images of a class that tell how much real ones differ
GRID_COLUMNS = 12
DRAWN_AT_ONCE = 32
FEWEST_FOR_ERROR = 3  # real images of a class; the jackknife omits one at a time


@dataclass(frozen=True)
class Quality:
    """Figures of one snapshot, all in features of a fixed random network.

    Attributes:
        diversity: mean distance between synthetic images of a class, divided by that
            between real ones, averaged over classes; near 0 in a collapse.
        distance: kernel distance to real images, averaged over classes; lower is
            better; None where no class has enough real images.
        error: jackknife standard error of the distance; None where no class has three
            real images, and the distance is that of classes with two.
    """

    diversity: float | None = None
    distance: float | None = None
    error: float | None = None

    @property
    def figures(self) -> dict[str, float]:
        """Figures that could be measured, by name."""
        return {k: v for k, v in asdict(self).items() if v is not None}


class QualityWatch:
    """Draws the same latents at every snapshot and compares them with real images.

    Args:
        config: settings of the training.
        real: (n, h, w, c) uint8 at the GAN's grid: held-out images, or training images
            where too few are held out; at most MOST_REAL of each class are used.
        labels: (n,) classes of the real images.
        classes: number of classes, at least 1.
        known: further real images and their classes, to measure how much real images
            of a class differ; a few held-out ones do not tell.
        numbers: for each class, numbers y of its conditions, used in turn; by default
            those that the conditioner gives.
        conditioner: object that turns numbers y into the networks' conditions; by
            default y itself is the condition.
    """

    def __init__(
        self,
        config: ResolvedConfig,
        real: NDArray[np.uint8],
        labels: NDArray[np.int64],
        classes: int,
        numbers: Sequence[Sequence[int]] | None = None,
        conditioner: Conditioner | None = None,
        known: tuple[NDArray[np.uint8], NDArray[np.int64]] | None = None,
    ) -> None:
        self.conditioner = conditioner or ClassConditioner()
        self.classes = shown = min(classes, JUDGED_CLASSES)
        few = [thin(np.flatnonzero(labels == k), MOST_REAL) for k in range(shown)]
        keep = np.sort(np.concatenate(few))
        self.labels = labels[keep]
        self.features = random_features(real[keep])
        self.real_diversity = self._measure_real(known)
        self.y = self.labels_of(DRAWN_PER_CLASS)
        self.numbers = numbers
        generator = torch.Generator().manual_seed(mix_seed("watch", config.seed))
        self.z = torch.randn(len(self.y), config.latent, generator=generator)

    def labels_of(self, per_class: int) -> Tensor:
        """Return labels (classes·per_class,), sorted."""
        return torch.arange(self.classes).repeat_interleave(per_class)

    def numbers_of(self, per_class: int) -> Tensor:
        """Return numbers y (classes·per_class,) of conditions, sorted by class."""
        if self.numbers is None:
            return self.conditioner.number(self.labels_of(per_class))
        turns = [np.resize(own, per_class) for own in self.numbers[: self.classes]]
        return torch.from_numpy(np.concatenate(turns))

    def generate(
        self, network: Generator, device: torch.device, per_class: int = DRAWN_PER_CLASS
    ) -> Tensor:
        """Draw images (classes·per_class, c, h, w) in [-1, 1], sorted by class."""
        z = self.z.view(self.classes, DRAWN_PER_CLASS, -1)[:, :per_class].flatten(0, 1)
        pieces = (
            torch.split(z, DRAWN_AT_ONCE),
            torch.split(self.numbers_of(per_class), DRAWN_AT_ONCE),
        )
        with torch.inference_mode():
            drawn = []
            for z, y in zip(*pieces, strict=True):
                condition = self.conditioner.for_generator(y.to(device))
                drawn.append(network(z.to(device), network.embed(condition)))
            return torch.cat(drawn)

    def draw(
        self, network: Generator, device: torch.device, span: Span
    ) -> NDArray[np.uint8]:
        """Draw (classes·DRAWN_PER_CLASS, h, w, c) uint8 images, sorted by class."""
        return span.to_pixels(self.generate(network, device)).cpu().numpy()

    def judge(self, images: NDArray[np.uint8]) -> Quality:
        """Return the figures of images that `draw` gave."""
        features, labels = random_features(images), self.y.numpy()
        counts = np.bincount(self.labels, minlength=self.classes)
        pairs = {
            k: (features[labels == k], self.features[self.labels == k])
            for k in range(self.classes)
        }
        diversity = _mean(list(self._compare(features, labels).values()))
        several = [pairs[k] for k in pairs if counts[k] >= FEWEST_FOR_ERROR]
        if several:
            mean = average_influences([kernel_influence(*pair) for pair in several])
            return Quality(diversity, mean.value, mean.error)
        two = [kernel_distance(*pairs[k]) for k in pairs if counts[k] == 2]
        return Quality(diversity, _mean(two))

    def compare_diversity(
        self, images: NDArray[np.uint8], per_class: int
    ) -> dict[int, float]:
        """Return class → its diversity, for images (classes·per_class, …) by class.

        Classes without two different real images are omitted.
        """
        return self._compare(random_features(images), self.labels_of(per_class).numpy())

    def _compare(
        self, features: NDArray[np.float32], labels: NDArray[np.int64]
    ) -> dict[int, float]:
        fake = within_class_diversity(features, labels)
        return {k: fake[k] / d for k, d in self.real_diversity.items() if d > 0}

    def _measure_real(
        self, known: tuple[NDArray[np.uint8], NDArray[np.int64]] | None
    ) -> dict[int, float]:
        """Measure the mean distance between real images of each class."""
        features, labels = [self.features], [self.labels]
        if known is not None:
            images, classes = known
            for k in range(self.classes):
                own = thin(np.flatnonzero(classes == k), KNOWN_PER_CLASS)
                features.append(random_features(images[own]))
                labels.append(np.full(len(own), k))
        return within_class_diversity(np.concatenate(features), np.concatenate(labels))

    def show(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the first GRID_COLUMNS images of each class, for a sample grid."""
        return images.reshape(-1, DRAWN_PER_CLASS, *images.shape[1:])[
            :, :GRID_COLUMNS
        ].reshape(-1, *images.shape[1:])


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None

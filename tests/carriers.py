"""Images with domains, and a translator that needs no training."""

from dataclasses import dataclass, field

import numpy as np
import torch

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import digest_images
from ganaug.data.images import LabelledImages
from ganaug.synth.real_images import RealImages

DOMAINS = ("dark", "bright")
SHIFT = 90  # grey levels between the domains


def draw_domains(counts, *, side=12, seed=0):
    """Draw shapes, one per class, in each domain as often as counts (k, d) say."""
    rng = np.random.default_rng(seed)
    images, labels, domains = [], [], []
    for label, row in enumerate(counts):
        for domain, n in enumerate(row):
            for _ in range(n):
                images.append(_draw_shape(label, domain, side, rng))
            labels += [label] * n
            domains += [domain] * n
    pixels = np.stack(images)[..., None]
    classes = tuple(f"shape {k}" for k in range(len(counts)))
    return LabelledImages(
        pixels, np.array(labels), classes, domains=np.array(domains),
        domain_names=DOMAINS,
    )  # fmt: skip


def _draw_shape(label, domain, side, rng):
    image = rng.normal(30 + SHIFT * domain, 6, (side, side))
    start = rng.integers(1, 4, 2)
    rows, columns = ((7, 2), (2, 7), (5, 5))[label]
    image[start[0] : start[0] + rows, start[1] : start[1] + columns] += 60
    return image.clip(0, 255).astype(np.uint8)


def hold_all(data):
    """Return real images of which all were trained on."""
    every = np.arange(len(data))
    return RealImages(data, every, every[:0], "")


@dataclass
class Lamp:
    """Carries images between `dark` and `bright` by adding light.

    Attributes:
        data: images that it counts as trained on.
        dim: share of the light that it really adds.
        calls: numbers of images that it was given.
    """

    data: LabelledImages
    dim: float = 1.0
    calls: list = field(default_factory=list)
    domains = DOMAINS
    device = torch.device("cpu")

    @property
    def classes(self):
        return self.data.classes

    @property
    def data_size(self):
        return self.data.size

    @property
    def data_digest(self):
        return digest_images(self.data, self.data.hash_images())

    @property
    def config(self):
        height, width = self.data.size
        return TrainConfig(height=height, width=width, channels=1)

    def translate(self, images, domain, seed=0, indices=None):
        self.calls.append(len(images))
        light = np.median(images, axis=(1, 2, 3)) > 30 + SHIFT / 2
        step = self.dim * SHIFT * (np.asarray(domain) - light)
        noise = [
            np.random.default_rng([seed, int(i)]).normal(0, 4, images.shape[1:])
            for i in indices
        ]
        moved = images + step[:, None, None, None] + np.stack(noise)
        return moved.clip(0, 255).astype(np.uint8)


class Swapper(Lamp):
    """Turns images that it carries, so that shapes 0 and 1 change places, and back."""

    def translate(self, images, domain, seed=0, indices=None):
        light = np.median(images, axis=(1, 2, 3)) > 30 + SHIFT / 2
        away = (light != np.asarray(domain))[:, None, None, None]
        turned = np.where(away, images.swapaxes(1, 2), images)
        return super().translate(turned, domain, seed, indices)

"""All random numbers of a training step, drawn from (seed, images seen)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.gan.inputs.grouping import Groups
from ganaug.gan.objective.diffaugment import UNIFORMS
from ganaug.spelling import suggest


class Draws(NamedTuple):
    """Random numbers of one step; everything else in a step is deterministic.

    Attributes:
        picked: (n,) int64 indices into the training images.
        y: (n,) classes of these images.
        y_wrong: (n,) classes that differ from `y`.
        z: (n, latent) standard normal numbers.
        u_real, u_fake: (n, UNIFORMS) uniform numbers for the augmentation of real and
            fake images while D is trained.
        u_real_g, u_fake_g: the same while G is trained.
        u_between: (n,) uniform numbers for points between real and fake images.
    """

    picked: Tensor
    y: Tensor
    y_wrong: Tensor
    z: Tensor
    u_real: Tensor
    u_fake: Tensor
    u_real_g: Tensor
    u_fake_g: Tensor
    u_between: Tensor

    def take(self, rows: slice) -> Draws:
        """Return the draws of some of the n images."""
        return Draws(*(t[rows] for t in self))

    def to(self, device: torch.device) -> Draws:
        return Draws(*(t.to(device, non_blocking=True) for t in self))


class Sampler:
    """Draws batches of images in which classes have the chosen frequencies.

    Args:
        labels: (n,) int64 class of each training image.
        frequencies: `natural`, `sqrt` (of the counts) or `uniform`.
        batch: images per step.
        latent: size of z.
        seed: seed that decides every draw, together with the images seen.
        group: images of one class side by side; divides the batch.

    Example:
        >>> sampler = Sampler(torch.tensor([0, 0, 1]), "uniform", 4, 8, seed=0)
        >>> sampler.draw(640).z.shape
        torch.Size([4, 8])
    """

    def __init__(
        self,
        labels: Tensor,
        frequencies: str,
        batch: int,
        latent: int,
        *,
        seed: int,
        group: int = 1,
    ) -> None:
        self.labels, self.batch, self.latent, self.seed = labels, batch, latent, seed
        self.classes = int(labels.max()) + 1
        self.group, self.groups = group, Groups(labels.numpy())
        self.cumulative = np.cumsum(self.weigh_images(frequencies))

    def weigh_images(self, frequencies: str) -> NDArray[np.float64]:
        """Return the weight (n,) with which each image is drawn."""
        return image_weights(self.labels.numpy(), frequencies)

    def draw(self, seen: int) -> Draws:
        """Return the random numbers of the step that begins after `seen` images."""
        generator = torch.Generator().manual_seed(mix_seed("step", self.seed, seen))
        n = self.batch
        index = self._pick(torch.rand(n, generator=generator).double())
        uniforms = torch.rand(4, n, UNIFORMS, generator=generator)
        z = torch.randn(n, self.latent, generator=generator)
        y = self.labels[index]
        shift = 1 + torch.rand(n, generator=generator) * (self.classes - 1)
        y_wrong = (y + shift.long()) % self.classes
        between = torch.rand(n, generator=generator)
        return Draws._make([index, y, y_wrong, z, *uniforms, between])

    def _pick(self, u: Tensor) -> Tensor:
        """Turn uniform numbers (n,) into indices (n,) of images."""
        k = len(u) // self.group
        # one stratified draw per 1/k of the total weight: even, without replacement
        # for batches smaller than the data, and a pure function of (seed, seen)
        strata = (torch.arange(k) + u[:k]) / k
        place = np.searchsorted(self.cumulative, strata.numpy() * self.cumulative[-1])
        anchors = np.minimum(place, len(self.cumulative) - 1)
        rest = u[k:].numpy().reshape(k, self.group - 1)
        return torch.from_numpy(self.groups.fill(anchors, rest).reshape(-1))


def image_weights(labels: NDArray[np.int64], frequencies: str) -> NDArray[np.float64]:
    """Return sampling weights (n,) with which classes have these frequencies."""
    check_frequencies(frequencies)
    counts = np.bincount(labels).astype(np.float64)
    return counts[labels] ** (POWERS[frequencies] - 1)


def check_frequencies(frequencies: str) -> None:
    """Raise ConfigError unless the frequencies are one of POWERS."""
    if frequencies not in POWERS:
        raise ConfigError(
            f"class_sampling={frequencies}{suggest(frequencies, POWERS)} is not "
            f"allowed; choose one of {', '.join(POWERS)}"
        )


def mix_seed(*parts: object) -> int:
    """Make a 63-bit seed from any plain values, the same on every machine."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


# the frequency of a class with m images is proportional to m to this power
POWERS = {"natural": 1.0, "sqrt": 0.5, "uniform": 0.0}

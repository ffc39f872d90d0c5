"""Patches: is the fine structure of an image that of real ones, or noise?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ganaug.classify.chunks import IMAGES_AT_ONCE, map_chunks
from ganaug.metrics.thinning import thin

SIDE = 5  # pixels of a patch
SMALL = 12  # pixels of the shorter side up to which a patch is nearly the whole image
MOST_IMAGES = 1_000  # from which the covariance is learned
INVISIBLE = 8.0  # grey levels of noise that nobody would mind


@dataclass(frozen=True, eq=False)
class Patches:
    """The covariance of small patches of real images.

    Real images are smooth or repeat themselves, so few directions hold most of a
    patch's variance; noise has as much in all others.

    Attributes:
        mean: (c · side²,) mean patch.
        whitening: (c · side², c, side, side) filters that make the values of real
            patches uncorrelated, with a variance of about 1 at most.
    """

    mean: Tensor
    whitening: Tensor

    def roughness(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Measure the mean square of a whitened patch, its median (n,) over patches.

        For real images it is about 1.

        Args:
            images: (n, h, w, c) uint8 of the size that it was learned from.

        Example:
            >>> rng = np.random.default_rng(0)
            >>> ramp = np.arange(12, dtype=np.uint8)[:, None, None] * 9
            >>> real = ramp + rng.integers(0, 99, (40, 1, 1, 1), np.uint8)
            >>> noise = rng.integers(0, 256, (3, 12, 12, 1), np.uint8)
            >>> patches = learn_patches(real)
            >>> bool(patches.roughness(real).max() < 1 < patches.roughness(noise).min())
            True
        """
        bias = -(self.whitening.flatten(1) @ self.mean)

        def measure(chunk: NDArray[np.uint8]) -> Tensor:
            white = F.conv2d(_to_tensor(chunk), self.whitening, bias)
            return white.square().mean(dim=1).flatten(1).median(dim=1).values[:, None]

        return map_chunks(images, measure)[:, 0]


def learn_patches(images: NDArray[np.uint8]) -> Patches:
    """Learn the covariance of all patches of images (n, h, w, c).

    Small images are one patch, as they have too few others.
    """
    x = _to_tensor(thin(images, MOST_IMAGES))
    shortest = min(x.shape[2:])
    side = shortest if shortest <= SMALL else SIDE
    size = x.shape[1] * side**2
    total, mean = torch.zeros(size, size).double(), torch.zeros(size).double()
    for chunk in torch.split(x, IMAGES_AT_ONCE):
        patches = F.unfold(chunk, side).transpose(1, 2).flatten(0, 1).double()
        weight = len(chunk) / len(x)
        mean += weight * patches.mean(dim=0)
        total += weight * patches.T @ patches / len(patches)
    values, vectors = torch.linalg.eigh(total - mean.outer(mean))
    scales = (values.clamp(min=0) + INVISIBLE**2).rsqrt()
    whitening = (vectors * scales).T.reshape(-1, x.shape[1], side, side)
    return Patches(mean.float(), whitening.float())


def _to_tensor(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float()

"""Batch mixing: each image and its target become a blend with another one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ganaug.classify.learning import Batch

MIXUP_ALPHA, CUTMIX_ALPHA, LISA_ALPHA = 0.2, 1.0, 2.0
LISA_PLAIN = 0.5  # share of batches that LISA leaves as they are


def mix_nothing(batch: Batch, rng: np.random.Generator) -> Batch:
    """Return the batch itself."""
    return batch


def mixup(batch: Batch, rng: np.random.Generator) -> Batch:
    """Blend each image with another one (Zhang et al., 2018), with one λ for all.

    Args:
        batch: images, targets and weights.
        rng: generator of all random numbers.

    Example:
        >>> x, y = torch.eye(2).view(2, 1, 1, 2), torch.eye(2)
        >>> mixed = mixup(Batch(x, y, torch.ones(2)), np.random.default_rng(0))
        >>> torch.allclose(mixed.images.flatten(1), mixed.targets)
        True
    """
    share = float(rng.beta(MIXUP_ALPHA, MIXUP_ALPHA))
    other = torch.from_numpy(rng.permutation(len(batch.images)))
    images = torch.lerp(batch.images[other], batch.images, share)
    return _blend(batch, other, images, share)


def cutmix(batch: Batch, rng: np.random.Generator) -> Batch:
    """Replace a rectangle of each image by another one's (Yun et al., 2019).

    Targets are blended by the area that is left. Arguments as for `mixup`.

    Example:
        >>> x = torch.zeros(2, 1, 8, 8)
        >>> x[1] = 1
        >>> batch = Batch(x, torch.eye(2), torch.ones(2))
        >>> mixed = cutmix(batch, np.random.default_rng(1))
        >>> torch.allclose(mixed.images.mean(dim=(1, 2, 3)), mixed.targets[:, 1])
        True
    """
    side = float(np.sqrt(1 - rng.beta(CUTMIX_ALPHA, CUTMIX_ALPHA)))
    height, width = batch.images.shape[2:]
    rows, columns = (_draw_span(length, side, rng) for length in (height, width))
    other = torch.from_numpy(rng.permutation(len(batch.images)))
    images = batch.images.clone()
    images[:, :, rows, columns] = batch.images[other][:, :, rows, columns]
    cut = (rows.stop - rows.start) * (columns.stop - columns.start)
    return _blend(batch, other, images, 1 - cut / (height * width))


def lisa(batch: Batch, rng: np.random.Generator) -> Batch:
    """Blend each image with one of the same class from another domain.

    Yao et al., "Improving Out-of-Distribution Robustness via Selective Augmentation"
    (2022), mixing within labels. Every second batch stays as it is, or else classes
    that many domains show would never be seen unblended. So do images without such a
    partner, and batches without domains. Arguments as for `mixup`.

    Example:
        >>> x = torch.tensor([0.0, 1, 5]).view(3, 1, 1, 1)
        >>> y, d = torch.eye(2)[[0, 0, 1]], torch.tensor([0, 1, 1])
        >>> mixed = lisa(Batch(x, y, torch.ones(3), d), np.random.default_rng(0))
        >>> [float(v) in (0, 1, 5) for v in mixed.images]
        [False, False, True]
    """
    if batch.domains is None or rng.random() < LISA_PLAIN:
        return batch
    labels = batch.targets.argmax(dim=1).numpy()
    domains = batch.domains.numpy()
    other = np.arange(len(labels))
    for i in range(len(labels)):
        fits = (labels == labels[i]) & (domains != domains[i]) & (domains >= 0)
        if domains[i] >= 0 and fits.any():
            other[i] = rng.choice(np.flatnonzero(fits))
    share = float(rng.beta(LISA_ALPHA, LISA_ALPHA))
    partner = torch.from_numpy(other)
    images = torch.lerp(batch.images[partner], batch.images, share)
    return _blend(batch, partner, images, share)


def _draw_span(length: int, share: float, rng: np.random.Generator) -> slice:
    """Draw a part of a side, cut off where it would leave the image."""
    middle, half = rng.random() * length, share * length / 2
    return slice(max(0, round(middle - half)), min(length, round(middle + half)))


def _blend(batch: Batch, other: Tensor, images: Tensor, share: float) -> Batch:
    _, targets, weights, domains = batch
    if domains is not None and share < 0.5:
        domains = domains[other]
    return Batch(
        images,
        torch.lerp(targets[other], targets, share),
        torch.lerp(weights[other], weights, share),
        domains,
    )


Mix = Callable[[Batch, np.random.Generator], Batch]
MIXES: dict[str, Mix] = {
    "none": mix_nothing,
    "mixup": mixup,
    "cutmix": cutmix,
    "lisa": lisa,
}

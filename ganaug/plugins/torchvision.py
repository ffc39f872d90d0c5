"""Transforms for torchvision: batches in the collate function, as CutMix and MixUp."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganaug.errors import ConfigError, DataError
from ganaug.mixing.dataset import ONE_HOT
from ganaug.mixing.real.image_format import convert_image, find_format
from ganaug.mixing.resolution import enlarge
from ganaug.plugins.styles import StyleSource
from ganaug.plugins.synthetic_source import MOST_PICKS, SyntheticSource, check_blend
from ganaug.recipe import TEACHER_SHARE
from ganaug.spelling import suggest


class StyleMix(nn.Module):
    """Give images of a batch the look of random styles; their labels stay.

    Args:
        run: folder that `StyleTransfer.fit` or `ganaug style` trained in, such as
            photos-styled.run.
        alpha_range: share of the style's look, drawn evenly from this range in [0, 1].
        p: probability for each image.
        device: where the generator draws.

    Raises:
        RunError, CheckpointError: there is no style generator.
        ConfigError: the range is not allowed.

    Example:
        >>> mix = StyleMix("photos-styled.run", p=0.5)  # doctest: +SKIP
        >>> def collate(items):  # doctest: +SKIP
        ...     return mix(*torch.utils.data.default_collate(items))
    """

    def __init__(
        self,
        run: str | os.PathLike[str],
        alpha_range: tuple[float, float] = (0.5, 1.0),
        p: float = 0.5,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ConfigError(f"p={p} must lie in [0, 1]")
        self.alpha_range, self.p = alpha_range, p
        self.source = StyleSource(str(run), alpha_range, device)

    def forward(self, images: Tensor, labels: Any) -> tuple[Tensor, Any]:
        """Return the batch with some images in other styles.

        torch's random numbers decide which.

        Args:
            images: (n, c, h, w) uint8, or float in [0, 1], before they are normalised.
            labels: whatever belongs to them; it is returned.

        Raises:
            DataError: the images have another form.
        """
        drawn = (torch.rand(len(images)) < self.p).nonzero().flatten()
        styles = torch.randint(len(self.source.transfer.styles), (len(drawn),))
        low, high = self.alpha_range
        shares = low + (high - low) * torch.rand(len(drawn))
        if not len(drawn):
            return images, labels
        _check_values(images, "StyleMix")
        pixels = _to_pixels(images[drawn])
        made = self.source.transfer.apply(
            pixels.permute(0, 2, 3, 1).cpu().numpy(),
            styles.numpy(),
            alpha=shares.clamp(0, 1).numpy(),
        )
        changed = torch.from_numpy(made).permute(0, 3, 1, 2).to(images.device)
        if images.dtype != torch.uint8:
            changed = changed.to(images.dtype) / 255
        mixed = images.clone()
        mixed[drawn.to(images.device)] = changed
        return mixed, labels

    def extra_repr(self) -> str:
        return f"{self.source.run}, alpha_range={self.alpha_range}, p={self.p}"


class SyntheticBatchMix(nn.Module):
    """Replace images of a batch by synthetic ones of their classes, or blend them.

    It stands in the collate function, as CutMix and MixUp do and before them, or in the
    training loop, where a run's generator draws on the device.

    Args:
        source: folder of a store, or of a run whose generator draws the images.
        p: probability for each image.
        blend_range: share of the synthetic image, drawn evenly from this range in
            [0, 1]; at 1 it replaces the real one.
        classes: names of the classes in the order of the labels, as ImageFolder's
            `classes`; by default the source's own.
        targets: `hard` returns the labels as they came; `one-hot` distributions over
            the classes; `soft` and `half` the teacher's share in those of synthetic
            images too, see `SyntheticDataset`.
        device: where a run draws: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        StoreError, RunError, CheckpointError: there is no store and no run.
        ConfigError: an argument is not allowed.

    Example:
        >>> mix = SyntheticBatchMix("photos-synthetic", p=0.25)  # doctest: +SKIP
        >>> def collate(items):  # doctest: +SKIP
        ...     return mix(*torch.utils.data.default_collate(items))
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        p: float = 0.5,
        *,
        blend_range: tuple[float, float] = (1.0, 1.0),
        classes: Sequence[str] | None = None,
        targets: str = "hard",
        device: str = "cpu",
    ) -> None:
        super().__init__()
        self.p, self.blend_range = p, check_blend(blend_range, p)
        words = (*TEACHER_SHARE, ONE_HOT)
        if targets not in words:
            raise ConfigError(
                f"targets={targets!r}{suggest(targets, words)} is not one of "
                f"{', '.join(words)}"
            )
        self.targets = targets
        self.source = SyntheticSource(os.fspath(source), classes, device)

    def forward(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the batch with some images and targets changed.

        torch's random numbers decide which.

        Args:
            images: (n, c, h, w) uint8, or float in [0, 1], before they are normalised.
            labels: (n,) numbers of classes, or (n, k) distributions over them, of which
                the largest says the class.

        Raises:
            DataError: images or labels have another form.
        """
        _check_values(images, "SyntheticBatchMix")
        hard = self._find_labels(labels)
        targets = labels
        if self.targets != "hard" and labels.ndim == 1:
            targets = F.one_hot(labels.long(), len(self.source.names)).float()
        there = torch.tensor([self.source.has(k) for k in hard.tolist()])
        drawn = ((torch.rand(len(images)) < self.p) & there).nonzero().flatten()
        picks = torch.randint(MOST_PICKS, (len(drawn),)).numpy()
        low, high = self.blend_range
        shares = low + (high - low) * torch.rand(len(drawn))
        if not len(drawn):
            return images, targets
        numbers, where = hard[drawn].numpy(), drawn.to(images.device)
        made = self._draw(numbers, picks, images)
        mixed = images.clone()
        mixed[where] = _blend(images[where], made, shares.to(images.device))
        part = TEACHER_SHARE.get(self.targets, 0.0)
        if part:
            soft = torch.from_numpy(self.source.read_soft(numbers, picks))
            each = (part * shares)[:, None].to(targets)
            targets = targets.clone()
            targets[where] = torch.lerp(targets[where], soft.to(targets), each)
        return mixed, targets

    def _find_labels(self, labels: Tensor) -> Tensor:
        """Return the number of each label's class, (n,), on the CPU."""
        hard = (labels if labels.ndim == 1 else labels.argmax(dim=1)).cpu()
        return torch.tensor([self.source.find_class(k) for k in hard.tolist()])

    def _draw(self, numbers: Any, picks: Any, images: Tensor) -> Tensor:
        """Draw images in the format of those of a batch."""
        form = find_format(images[0])
        drawn = self.source.draw(numbers, picks)
        made = [convert_image(enlarge(image, form.size), form) for image in drawn]
        return torch.stack(made).to(images.device)

    def extra_repr(self) -> str:
        return f"{self.source.path}, p={self.p}, blend_range={self.blend_range}"


def _blend(real: Tensor, synthetic: Tensor, shares: Tensor) -> Tensor:
    """Blend images; bytes are rounded."""
    mixed = torch.lerp(real.float(), synthetic.float(), shares[:, None, None, None])
    return (mixed if real.is_floating_point() else mixed.round()).to(real.dtype)


def _to_pixels(images: Tensor) -> Tensor:
    if images.dtype == torch.uint8:
        return images
    return (images * 255).round().to(torch.uint8)


def _check_values(images: Tensor, name: str) -> None:
    """Raise DataError unless a batch has bytes, or floats in [0, 1]."""
    if images.dtype == torch.uint8:
        return
    low, high = float(images.min()), float(images.max())
    if not images.is_floating_point() or low < 0 or high > 1:
        raise DataError(
            f"{name} got images of {images.dtype} from {low:g} to {high:g}; give "
            "uint8, or float in [0, 1], and normalise afterwards"
        )

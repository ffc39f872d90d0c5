"""Transforms for torchvision: batches in the collate function, as CutMix and MixUp."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn

from ganaug.errors import ConfigError, DataError
from ganaug.plugins.styles import StyleSource


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


def _to_pixels(images: Tensor) -> Tensor:
    if images.dtype == torch.uint8:
        return images
    low, high = float(images.min()), float(images.max())
    if not images.is_floating_point() or low < 0 or high > 1:
        raise DataError(
            f"StyleMix got images of {images.dtype} from {low:g} to {high:g}; give "
            "uint8, or float in [0, 1], and normalise afterwards"
        )
    return (images * 255).round().to(torch.uint8)

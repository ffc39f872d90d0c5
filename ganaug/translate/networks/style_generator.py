"""The style generator: a content and the statistics of a style → the styled image.

Statistics of features carry a style: those of the content are replaced by the style's
(Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
Normalization", 2017, equation 8). It is done to the pixels, which changes colour and
contrast, and to learned features of what this gives. From how these change, a decoder
draws what is to be added: strokes and textures. With alpha 0 the content comes back.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.translate.networks.generator import (
    FIRST_CHANGE,
    STYLE,
    StyledBlock,
    pad_to_multiple,
    spread_kernels,
)

FAINT = 1e-2  # variance that is added, so that a flat style does not blow up noise


class StyleGenerator(nn.Module):
    """Contents (n, c, h, w), codes (n, code) and alpha (n,) → images (n, c, h, w).

    Any height and width works.

    Args:
        channels: channels of the images.
        features: channels of the features.
        blocks: number of residual blocks of the decoder.
        step: pixels along a side that are joined into one place of the features.

    Attributes:
        code: numbers that describe a style.

    Example:
        >>> network = StyleGenerator(1, features=8)
        >>> content, style = torch.rand(2, 1, 9, 7), torch.rand(2, 1, 5, 5)
        >>> alpha = torch.tensor([0.0, 1.0])
        >>> made = network(content, network.describe(style), alpha)
        >>> made.shape, torch.equal(made[0], content[0])
        (torch.Size([2, 1, 9, 7]), True)
    """

    def __init__(
        self, channels: int, *, features: int, blocks: int = 3, step: int = 2
    ) -> None:
        super().__init__()
        self.channels, self.step = channels, step
        self.code = 2 * (channels + features)
        joined = channels * step**2
        self.stem = nn.Conv2d(joined, features, 3, padding=1)
        self.deepen = nn.Conv2d(features, features, 3, padding=1)
        self.merge = nn.Conv2d(2 * features, features, 1)
        self.wish = nn.Linear(4 * features, STYLE)
        self.blocks = nn.ModuleList(StyledBlock(features) for _ in range(blocks))
        self.out = nn.Conv2d(features, joined, 3, padding=1)
        with torch.no_grad():
            self.out.weight.mul_(FIRST_CHANGE).copy_(spread_kernels(self.out, step))
            assert self.out.bias is not None
            self.out.bias.zero_()

    def describe(self, style: Tensor) -> Tensor:
        """Return the codes (m, code) of styles (m, c, h, w): means and deviations."""
        seen = (style, self._encode(style))
        return torch.cat([torch.cat(measure(x), dim=1).flatten(1) for x in seen], dim=1)

    def forward(self, content: Tensor, code: Tensor, alpha: Tensor) -> Tensor:
        """Draw each content in the style that its code describes."""
        share = alpha[:, None, None, None]
        pixels = code[:, : 2 * self.channels, None, None]
        features = code[:, 2 * self.channels :, None, None]
        first = torch.lerp(content, restyle(content, pixels), share)
        seen = self._encode(first)
        own = torch.cat(measure(seen), dim=1)
        change = share * (restyle(seen, features) - seen)
        x = self.merge(torch.cat([seen, change], dim=1))
        wanted = torch.cat([share * (features - own), own], dim=1)
        wish = self.wish(wanted.flatten(1))
        for block in self.blocks:
            x = block(x, wish)
        added = F.pixel_shuffle(self.out(F.relu(x)), self.step)
        h, w = content.shape[2:]
        return first + share * added[:, :, :h, :w]

    def _encode(self, x: Tensor) -> Tensor:
        joined = F.pixel_unshuffle(pad_to_multiple(x, self.step), self.step)
        seen: Tensor = self.deepen(F.relu(self.stem(joined)))
        return seen


def restyle(x: Tensor, wanted: Tensor) -> Tensor:
    """Give x (n, c, h, w) the means and deviations (n, 2c, 1, 1) that are wanted.

    Example:
        >>> x = torch.tensor([0.0, 2.0]).view(1, 1, 1, 2)
        >>> wanted = torch.tensor([5.0, 1.0]).view(1, 2, 1, 1)
        >>> [round(v, 1) for v in restyle(x, wanted).flatten().tolist()]
        [4.0, 6.0]
    """
    mean, deviation = measure(x)
    new_mean, new_deviation = wanted.chunk(2, dim=1)
    return (x - mean) * (new_deviation / deviation) + new_mean


def measure(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and deviation over an image, (n, c, 1, 1) each."""
    variance, mean = torch.var_mean(x, dim=(2, 3), keepdim=True, correction=0)
    return mean, (variance + FAINT).sqrt()

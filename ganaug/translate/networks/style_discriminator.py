"""The style discriminator: is this a real image, and are its patches of this style?"""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.translate.networks.discriminator import SLOPE, down, start_weights

PHI = 64  # numbers that describe a patch
FIRST_WISH = 0.1  # factor on first weights: styles begin alike


class StyleDiscriminator(nn.Module):
    """Images (n, c, h, w) and what their styles show (n, code) → logits (n,).

    Small patches are judged, after Isola et al., "Image-to-Image Translation with
    Conditional Adversarial Networks" (2017): they show strokes and textures, but not
    what the image is of. The style enters by projection (Miyato and Koyama, 2018), so
    quality and style are judged together.

    Args:
        channels: channels of the images.
        code: numbers that describe a style.
        features: channels after the first convolution.

    Example:
        >>> import torch
        >>> network = StyleDiscriminator(3, code=5, features=8)
        >>> network(torch.zeros(2, 3, 9, 7), torch.zeros(2, 5)).shape
        torch.Size([2])
    """

    def __init__(self, channels: int, *, code: int, features: int) -> None:
        super().__init__()
        widths = [channels, features, 2 * features, 4 * features]
        self.layers = nn.ModuleList(down(*pair) for pair in pairwise(widths))
        self.patch = nn.Conv2d(widths[-1], PHI, 1)
        self.logit = nn.Conv2d(PHI, 1, 1)
        self.wish = nn.Linear(code, PHI)
        start_weights(self)
        nn.init.normal_(self.wish.weight, 0.0, FIRST_WISH / math.sqrt(code))

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Return how real each image is, and how well it fits its style."""
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
        phi = F.leaky_relu(self.patch(x), SLOPE)
        wanted = self.wish(code)[:, :, None, None]
        fit = (phi * wanted).sum(dim=1) / math.sqrt(PHI)
        logits: Tensor = (self.logit(phi).squeeze(1) + fit).mean(dim=(1, 2))
        return logits

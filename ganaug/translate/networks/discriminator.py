"""The translator's discriminator: does this image belong to this cell, or domain?

It judges twice. Small patches are judged by the domain alone (after the patches of
Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", 2017):
they show texture, strokes and light, but not which class an image is of. Whole images
are judged by domain and class, by projection (Miyato and Koyama, 2018). Where no class
is given, a judgement of whole images would ask for the classes which the domain happens
to show, and classes would be carried into each other; so there it counts little.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.networks.stages import Size

SLOPE = 0.2  # of the leaky ReLU below 0
PHI = 128  # numbers that describe a whole image
PHI_PATCH = 64  # numbers that describe a patch
LAST = 4  # the last grid's shorter side is at most this
FIRST_EMBEDDING = 0.1  # factor on first weights: classes and domains begin alike


class Place(NamedTuple):
    """Where an image shall belong: its class and domain (n,), whether the class counts.

    `classed` is (n,) float, 1 or 0; where it is 0, `label` may be any class.
    """

    label: Tensor
    domain: Tensor
    classed: Tensor

    def twice(self) -> Place:
        """Return the places of real and of fake images, one after the other."""
        return Place(*(torch.cat([t, t]) for t in self))


class DomainDiscriminator(nn.Module):
    """Images (n, c, h, w) and their places → logits (n,).

    Args:
        channels: channels of the images.
        size: (h, w) of the images, at least 4×4.
        classes, domains: numbers of classes and domains.
        features: channels after the first convolution.
        local: weight of the judgement of patches.
        whole: weight of the judgement of whole images without a class.

    Example:
        >>> network = DomainDiscriminator(
        ...     3, (8, 8), classes=2, domains=2, features=8, local=1.0, whole=0.3
        ... )
        >>> y = torch.tensor([0, 1])
        >>> network(torch.zeros(2, 3, 8, 8), Place(y, y, y.float())).shape
        torch.Size([2])
    """

    def __init__(
        self,
        channels: int,
        size: Size,
        *,
        classes: int,
        domains: int,
        features: int,
        local: float,
        whole: float,
    ) -> None:
        super().__init__()
        self.local, self.whole = local, whole
        widths = [channels, features, 2 * features]
        self.near = nn.ModuleList(down(*pair) for pair in pairwise(widths))
        size, width = _halve(_halve(size)), 2 * features
        far: list[nn.Module] = []
        while not far or min(size) > LAST:
            far.append(down(width, 2 * width))
            width, size = 2 * width, _halve(size)
        self.far = nn.ModuleList(far)
        self.patch = nn.Conv2d(2 * features, PHI_PATCH, 1)
        self.patch_logit = nn.Conv2d(PHI_PATCH, 1, 1)
        self.patch_domain = nn.Embedding(domains, PHI_PATCH)
        self.read = nn.Linear(width * size[0] * size[1], PHI)
        self.logit = nn.Linear(PHI, 1)
        self.label, self.domain = nn.Embedding(classes, PHI), nn.Embedding(domains, PHI)
        start_weights(self)

    def forward(self, x: Tensor, place: Place) -> Tensor:
        """Return how well each image fits its place."""
        for layer in self.near:
            x = F.leaky_relu(layer(x), SLOPE)
        logits: Tensor = self._judge_whole(x, place)
        if not self.local:
            return logits
        share = place.classed + (1 - place.classed) * self.whole
        return self.local * self._judge_patches(x, place.domain) + share * logits

    def _judge_patches(self, x: Tensor, domain: Tensor) -> Tensor:
        phi = F.leaky_relu(self.patch(x), SLOPE)
        wanted = self.patch_domain(domain)[:, :, None, None]
        term = (phi * wanted).sum(dim=1) / math.sqrt(PHI_PATCH)
        logits: Tensor = (self.patch_logit(phi).squeeze(1) + term).mean(dim=(1, 2))
        return logits

    def _judge_whole(self, x: Tensor, place: Place) -> Tensor:
        for layer in self.far:
            x = F.leaky_relu(layer(x), SLOPE)
        # channels last, the order in memory, so that nothing is copied
        phi = F.leaky_relu(self.read(x.permute(0, 2, 3, 1).flatten(1)), SLOPE)
        wanted = self.domain(place.domain)
        wanted = wanted + place.classed[:, None] * self.label(place.label)
        term = (phi * wanted).sum(dim=1) / math.sqrt(PHI)
        logits: Tensor = self.logit(phi).squeeze(1) + term
        return logits


def down(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride=2, padding=1)


def _halve(size: Size) -> Size:
    return -(-size[0] // 2), -(-size[1] // 2)


def start_weights(network: nn.Module) -> None:
    """Draw the weights of convolutions as He et al. (2015) do, those of words small."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, a=SLOPE)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, 0.0, FIRST_EMBEDDING)

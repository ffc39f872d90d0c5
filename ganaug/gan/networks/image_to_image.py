"""Networks of image conditioning: G changes a source image, D sees it beside the image.

After Antoniou, Storkey and Edwards, "Data Augmentation Generative Adversarial Networks"
(2017): the generator encodes a source image and joins z; the discriminator sees it
beside another image, real or drawn. Here the network that `TrainConfig.network` names
judges the pair in the same way as a pack, and pairs of two classes count as fakes too.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.inputs.conditioners import SourceAndClass
from ganaug.gan.networks.embedding import LEAKY_SLOPE, Discriminator, Generator
from ganaug.gan.networks.stages import Size
from ganaug.gan.networks.warp import (
    largest_shift,
    light_images,
    spline_matrix,
    spread_smoothly,
    warp_images,
)

SPLINE_CELLS = 4  # intervals of a warp's splines along a side
MASK_SCALE = 4.0  # log-odds of showing the drawing, for a mask of 1
LARGEST_TURN = 0.2  # largest entry of the affine part: 20 % of size, or about 11°
FIRST_WEIGHTS = 0.1  # factor on the first weights of the layers that choose the warp
LARGEST_MOVE = 0.15  # largest shift of the affine part, in half sides
LARGEST_LIGHT = 1.0  # largest change of a brightness's log-odds


class SourceEncoder(nn.Module):
    """Source images (n, channels, h, w) → features (n, width, …) of the smallest grid.

    Args:
        channels: channels of the image.
        halvings: number of strided convolutions, each halving the sides, rounded up.
        base: channels after the first convolution; doubled up to `width`.
        width: channels of the features.
        norm: whether batch norm follows each convolution.
        slope: slope of the leaky ReLU below 0.
    """

    def __init__(
        self, channels: int, *, halvings: int, base: int, width: int, norm: bool,
        slope: float = LEAKY_SLOPE,
    ) -> None:  # fmt: skip
        super().__init__()
        widths = [min(width, base * 2**k) for k in range(max(0, halvings - 1))]
        strides = [2] * halvings + [1]
        layers = []
        for (before, after), stride in zip(
            pairwise([channels, *widths, *[width] * (len(strides) - len(widths))]),
            strides,
            strict=True,
        ):
            layers += [
                _conv(before, after, stride),
                nn.BatchNorm2d(after) if norm else nn.Identity(),
                nn.LeakyReLU(slope),
            ]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.layers(x)
        return features


class SourceInput(nn.Module):
    """z (n, latent) and a source image's features → the generator's first grid.

    It is used in place of `LatentInput`, with the source image in place of the class.
    One residual convolution lets z decide how the image's features are used.

    Args:
        encoder: source images (n, c, h, w) → features (n, width, h, w).
        latent: size of z.
        width: channels of the grid.
        size: (h, w) of the grid.
        slope: slope of the leaky ReLU below 0.
    """

    def __init__(
        self,
        encoder: SourceEncoder,
        latent: int,
        width: int,
        size: Size,
        slope: float = LEAKY_SLOPE,
    ) -> None:
        super().__init__()
        self.encoder, self.slope = encoder, slope
        self.grow = nn.Linear(latent, width * size[0] * size[1])
        self.mix = _conv(width, width, 1)
        self.shape = (size[0], size[1], width)
        with torch.no_grad():
            self.grow.weight.normal_().mul_(1 / math.sqrt(latent))
            self.grow.bias.zero_()

    def embed(self, source: Tensor) -> Tensor:
        features: Tensor = self.encoder(source)
        return features

    def forward(self, z: Tensor, features: Tensor) -> Tensor:
        grid = self.grow(z).view(len(z), *self.shape).permute(0, 3, 1, 2)
        x = features + grid
        mixed: Tensor = x + self.mix(F.leaky_relu(x, self.slope))
        return mixed


class WarpGenerator(Generator):
    """z (n, latent), source images (n, c, h, w) → the same, bent and relit.

    The network chooses an affine map, a displacement, and a change of light for each
    channel. All are bounded; the last two are cubic splines. Neither map can fold the
    image, so that nothing in it appears twice and the label stays. Light changes grey
    levels but not black and white, so that a black background stays black. In the
    beginning all changes are small.

    Args:
        encoder: source images → features.
        latent: size of z.
        features: numbers that the encoder gives for one image.
        channels: channels of the image.
        size: (h, w) of the image.
        hidden: width of the layers after the encoder.
        slope: slope of the leaky ReLU below 0.
    """

    rows: Tensor
    columns: Tensor
    reach: Tensor
    bounds: Tensor

    def __init__(
        self,
        encoder: SourceEncoder,
        *,
        latent: int,
        features: int,
        channels: int,
        size: Size,
        hidden: int = 256,
        slope: float = LEAKY_SLOPE,
    ) -> None:
        super().__init__()
        self.encoder, self.channels, self.slope = encoder, channels, slope
        self.read = nn.Linear(features, hidden)
        self.layers = nn.Sequential(
            nn.Linear(hidden + latent, hidden),
            nn.LeakyReLU(slope),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(slope),
        )
        self.fields = nn.Linear(hidden, (2 + channels) * (SPLINE_CELLS + 3) ** 2)
        self.frame = nn.Linear(hidden, 6)
        with torch.no_grad():
            for layer in (self.fields, self.frame):
                layer.weight.mul_(FIRST_WEIGHTS)
                layer.bias.zero_()
        # computed from the size, so not saved in weight files
        self.register_buffer(
            "rows", spline_matrix(size[0], SPLINE_CELLS), persistent=False
        )
        self.register_buffer(
            "columns", spline_matrix(size[1], SPLINE_CELLS), persistent=False
        )
        reach = torch.tensor(largest_shift(size, SPLINE_CELLS))[:, None, None]
        self.register_buffer("reach", reach, persistent=False)
        bounds = torch.tensor([LARGEST_TURN, LARGEST_TURN, LARGEST_MOVE])
        self.register_buffer("bounds", bounds, persistent=False)

    def embed(self, source: Tensor) -> Tensor:
        return source

    def forward(self, z: Tensor, source: Tensor) -> Tensor:
        features = self.read(self.encoder(source).flatten(1))
        choice = self.layers(torch.cat([F.leaky_relu(features, self.slope), z], dim=1))
        # positions of pixels need full precision
        with torch.autocast(source.device.type, enabled=False):
            choice = choice.float()
            coarse = torch.tanh(self.fields(choice))
            coarse = coarse.view(len(z), -1, SPLINE_CELLS + 3, SPLINE_CELLS + 3)
            fields = spread_smoothly(coarse, self.rows, self.columns)
            shift, light = torch.split(fields, [2, self.channels], dim=1)
            frame = torch.tanh(self.frame(choice)).view(-1, 2, 3) * self.bounds
            x = warp_images(source.float(), shift * self.reach, frame)
            return light_images(x, LARGEST_LIGHT * light)


class RedrawGenerator(Generator):
    """z (n, latent), source images (n, c, h, w) → the same, bent and partly redrawn.

    x = m·drawn + (1 - m)·warped, with a mask m (n, 1, h, w) that the drawing network
    outputs beside its image, like the attention mask of Pumarola et al., "GANimation"
    (2018), equation 1. The mask takes the place of the skip connections between the
    layers of DAGAN's U-Net: from few images, G learns to change a source image sooner
    than to draw a whole one. The mask is smoothed, so that no single drawn pixels are
    scattered over the image.

    Args:
        warp: generator that bends and relights source images.
        draw: generator of (n, c + 1, h, w), whose last channel is the mask's logits.
    """

    def __init__(self, warp: WarpGenerator, draw: Generator) -> None:
        super().__init__()
        self.warp, self.draw = warp, draw

    def embed(self, source: Tensor) -> Tensor:
        return source

    def forward(self, z: Tensor, source: Tensor) -> Tensor:
        both = self.draw(z, self.draw.embed(source))
        drawn, mask = both.split([source.shape[1], 1], dim=1)
        warped = self.warp(z, source)
        reach = min(source.shape[2:]) // 12
        for _ in range(2):
            mask = F.avg_pool2d(mask, 2 * reach + 1, 1, reach, count_include_pad=False)
        m = torch.sigmoid(MASK_SCALE * mask - 1)  # in the beginning about a quarter
        mixed: Tensor = warped + m * (drawn - warped)
        return mixed


class PairDiscriminator(Discriminator):
    """Images (n, c, h, w), a source image for each and its class → logits (n,).

    With k source images for each image, logits are (n, k). DAGAN's D gets the pair
    alone. With few images per class it learns too little about each class, and G drifts
    away from it; here D gets the class too, and G still does not.

    Args:
        inner: class-conditional discriminator of images joined with their source
            images, along the channels.
    """

    def __init__(self, inner: Discriminator) -> None:
        super().__init__()
        self.inner = inner

    def judge(
        self, x: Tensor, y: SourceAndClass, class_weight: Tensor | float = 1.0
    ) -> tuple[Tensor, Tensor]:
        single = y.label.ndim == 1
        several = y.source[:, None] if single else y.source
        # all images with their first source, then the second, …: groups stay together
        pairs = [torch.cat([x, source], dim=1) for source in several.unbind(dim=1)]
        joined = torch.cat(pairs).contiguous(memory_format=torch.channels_last)
        labels = y.label.T.flatten() if not single else y.label
        logits, phi = self.inner.judge(joined, labels, class_weight)
        if single:
            return logits, phi
        return logits.view(len(pairs), len(x)).T, phi[: len(x)]


def _conv(before: int, after: int, stride: int) -> nn.Conv2d:
    layer = nn.Conv2d(before, after, 3, stride=stride, padding=1)
    with torch.no_grad():
        layer.weight.normal_().mul_(math.sqrt(2 / (9 * before)))
        assert layer.bias is not None
        layer.bias.zero_()
    return layer

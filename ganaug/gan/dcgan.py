"""The `dcgan` pair: transposed convolutions up, strided convolutions down.

Radford et al., "Unsupervised Representation Learning with Deep Convolutional GANs"
(2016), figure 1: at 64×64 RGB and width 128 a fully connected 4×4×1024, then 512, 256,
128 and 3 channels with 4×4 kernels and stride 2. Other sizes have more or fewer stages
and crop the row or column that doubling made too many.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganaug.gan.conditioning import LatentInput, ProjectionHead
from ganaug.gan.grid import Size

SLOPE = 0.2


class DCGANGenerator(nn.Module):
    """z (n, latent), y (n,) → images (n, channels, h, w) in (-1, 1).

    Args:
        sizes: the stages' grids, smallest first (see `stage_sizes`).
        channels: of the image.
        latent: size of z.
        classes: number of classes; 0 for an unconditional generator.
        width: channels before the last layer; doubled towards the smaller grids.
    """

    def __init__(
        self,
        sizes: Sequence[Size],
        *,
        channels: int,
        latent: int,
        classes: int,
        width: int,
        norm: str = 'batch',
    ) -> None:
        super().__init__()
        ups = len(sizes) - 1
        # the first grid has twice the width of the first transposed convolution's output
        widths = [width * 2 ** (ups - 1 - k) for k in range(ups)] + [channels]
        self.sizes = tuple(sizes)
        self.input = LatentInput(latent, classes, widths[0], sizes[0])
        N = nn.BatchNorm2d if norm=='batch' else (lambda c: nn.Identity())
        self.first = N(widths[0])
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=k == ups - 1)
            for k, (before, after) in enumerate(zip(widths, widths[1:], strict=False))
        )
        self.norm = nn.ModuleList(N(c) for c in widths[1:-1])
        self.apply(_normal_weights if norm=='batch' else _he)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        x = F.leaky_relu(self.first(self.input(z, y)),.2)
        for k, (layer, (h, w)) in enumerate(zip(self.up, self.sizes[1:], strict=True)):
            x = layer(x)[:, :, :h, :w]
            if k < len(self.norm):
                x = F.leaky_relu(self.norm[k](x),.2)
        return torch.tanh(x)


class DCGANDiscriminator(nn.Module):
    """Images (n, channels, h, w), y (n,) → one logit per image (n,), at every size.

    Strided 4×4 convolutions to `width`, 2·`width`, 4·`width`, … end on twice the
    generator's smallest grid (8×8); the head weighs that whole grid, so there is
    exactly one logit. No batch norm: the gradient penalties need each logit to depend
    on its own image only.
    """

    def __init__(
        self, sizes: Sequence[Size], *, channels: int, classes: int, width: int
    ) -> None:
        super().__init__()
        downs = max(1, len(sizes) - 2)
        widths = [channels] + [width * 2**k for k in range(downs)]
        self.down = nn.ModuleList(
            nn.Conv2d(before, after, 4, stride=2, padding=1)
            for before, after in zip(widths, widths[1:], strict=False)
        )
        self.head = ProjectionHead(
            widths[-1], _after(sizes[-1], downs), classes, widths[-1]
        )
        import os; self.down.apply(_normal_weights if not os.environ.get('DHE') else _heD)

    def forward(self, x: Tensor, y: Tensor, class_weight: Tensor | float = 1.0) -> Tensor:
        for layer in self.down:
            x = F.leaky_relu(layer(x), SLOPE, inplace=True)
        return self.head(x, y, class_weight)


def _after(size: Size, downs: int) -> Size:
    h, w = size
    for _ in range(downs):
        h, w = max(1, h // 2), max(1, w // 2)
    return h, w


def _normal_weights(module: nn.Module) -> None:
    """Weights from N(0, 0.02²), as the paper's section 4 has them."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _he(m):
    if isinstance(m,nn.ConvTranspose2d):
        nn.init.normal_(m.weight,0,(2/(m.in_channels*4))**.5)
        if m.bias is not None: nn.init.zeros_(m.bias)
def _heD(m):
    if isinstance(m,nn.Conv2d):
        nn.init.normal_(m.weight,0,(2/(m.in_channels*16))**.5); nn.init.zeros_(m.bias)

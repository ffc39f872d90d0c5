"""A first guess of a translation: the image, moved and scaled, in other light."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LOOK, HIDDEN = 8, 64  # places along a side that are looked at; hidden numbers
MAP = 6  # numbers of an affine map


class FirstGuess(nn.Module):
    """Moves, scales and relights each image, as its look and its target ask for.

    Cameras and scanners also differ in what part of the picture the object fills, which
    convolutions cannot change; and an inverted image is far from where other layers
    begin. The affine map is that of Jaderberg et al., "Spatial Transformer Networks"
    (2015); light is a factor and an offset per channel. In the beginning nothing
    changes, see `ganaug.translate.start`.

    Args:
        channels: channels of the images.
        style: numbers that describe the look that is wanted.
        framing: largest change of an entry of the affine map.
        light: largest change of a factor, and largest offset.
    """

    reach: Tensor

    def __init__(
        self, channels: int, style: int, *, framing: float, light: float
    ) -> None:
        super().__init__()
        self.channels = channels
        self.look = nn.Linear(channels * LOOK**2, HIDDEN)
        self.wish = nn.Linear(style, HIDDEN)
        self.choose = nn.Linear(HIDDEN, MAP + 2 * channels)
        with torch.no_grad():
            self.choose.weight.zero_()
            self.choose.bias.zero_()
        reach = torch.tensor([framing] * MAP + [light] * 2 * channels)
        self.register_buffer("reach", reach, persistent=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        # positions of pixels need full precision
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            change = self.choose_change(x, style.float())
            lit = relight_images(move_images(x, change[:, :MAP]), change[:, MAP:])
        return lit.contiguous(memory_format=torch.channels_last)

    def choose_change(self, x: Tensor, style: Tensor) -> Tensor:
        """Return map, factors and offsets (n, MAP + 2c), as changes from none."""
        seen = F.adaptive_avg_pool2d(x, LOOK).flatten(1)
        choice = self.choose(F.relu(self.look(seen) + self.wish(style)))
        return self.reach * torch.tanh(choice)


def relight_images(x: Tensor, change: Tensor) -> Tensor:
    """Apply factors and offsets (n, 2c), given as changes from none, to (n, c, h, w).

    Example:
        >>> change = torch.tensor([[-2.0, 0.5]])
        >>> relight_images(torch.ones(1, 1, 2, 2), change)[0, 0, 0].tolist()
        [-0.5, -0.5]
    """
    factor, offset = change[:, :, None, None].chunk(2, dim=1)
    return x * (1 + factor) + offset


def move_images(x: Tensor, change: Tensor) -> Tensor:
    """Apply affine maps (n, MAP), given as differences from leaving images as is.

    What lies outside an image has its ground, the median of its border.
    """
    ground = find_ground(x)
    still = torch.eye(2, 3, device=x.device)
    maps = still + change.view(-1, 2, 3)
    where = F.affine_grid(maps, list(x.shape), align_corners=False)
    return F.grid_sample(x - ground, where, align_corners=False) + ground


def find_ground(x: Tensor) -> Tensor:
    """Return the median (n, c, 1, 1) of the border's pixels.

    Example:
        >>> x = torch.zeros(1, 1, 4, 4)
        >>> x[:, :, 1, 1], x[:, :, 0, 0] = 5, 7
        >>> find_ground(x).item()
        0.0
    """
    rows, columns = x[:, :, [0, -1]].flatten(2), x[:, :, :, [0, -1]].flatten(2)
    return torch.cat([rows, columns], dim=2).median(dim=2).values[:, :, None, None]

"""DiffAugment: random changes of real and fake images before D sees them.

Zhao et al., "Differentiable Augmentation for Data-Efficient GAN Training" (2020). The
random numbers are an argument, one row per image; shifts are products with one-hot
matrices, so that a whole batch takes few operations.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ganaug.errors import ConfigError
from ganaug.spelling import suggest

UNIFORMS = 12  # random numbers in [0, 1) for the augmentation of one image
LARGEST_SHIFT = 1 / 8  # share of a side
HOLE_SIDE = 1 / 2  # share of a side

Operation = Callable[[Tensor, Tensor, float], Tensor]


def augment(x: Tensor, u: Tensor, operations: tuple[str, ...], p: float) -> Tensor:
    """Change images by the operations, each image by its own random numbers.

    Args:
        x: (n, c, h, w) images in [-1, 1].
        u: (n, UNIFORMS) uniform random numbers in [0, 1).
        operations: names in `OPERATIONS`, applied in that table's order.
        p: probability of each operation for one image; for flips it is ½.

    Example:
        >>> x = torch.zeros(2, 3, 8, 8)
        >>> augment(x, torch.rand(2, UNIFORMS), ("translation",), 0.8).shape
        torch.Size([2, 3, 8, 8])
    """
    for name, operation in OPERATIONS.items():
        if name in operations:
            x = operation(x, u, p)
    return x


def parse_operations(text: str | None) -> tuple[str, ...]:
    """Read the operations in a comma-separated text; unknown ones raise ConfigError."""
    names = tuple(word.strip() for word in (text or "").split(",") if word.strip())
    for name in names:
        if name not in OPERATIONS:
            raise ConfigError(
                f"augment={text} is not allowed: there is no operation {name!r}"
                f"{suggest(name, OPERATIONS)}; choose from {', '.join(OPERATIONS)}"
            )
    return names


def _colour(x: Tensor, u: Tensor, p: float) -> Tensor:
    """Change brightness by ±0.5, saturation ×[0, 2), contrast ×[0.5, 1.5)."""
    on = (u[:, 0] < p).to(x)[:, None, None, None]
    brightness, saturation, contrast = (u[:, k, None, None, None] for k in (1, 2, 3))
    x = x + on * (brightness - 0.5)
    if x.shape[1] >= 3:
        grey = x[:, :3].mean(dim=1, keepdim=True)
        # an alpha channel keeps its value: only the first three move towards grey
        factor = 1 + on * (saturation * 2 - 1)
        colour = grey + (x[:, :3] - grey) * factor
        x = torch.cat([colour, x[:, 3:]], dim=1) if x.shape[1] > 3 else colour
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (x - mean) * (1 + on * (contrast - 0.5))


def _mirror_x(x: Tensor, u: Tensor, p: float) -> Tensor:
    return torch.where(_half(u[:, 4]), x.flip(3), x)


def _mirror_y(x: Tensor, u: Tensor, p: float) -> Tensor:
    return torch.where(_half(u[:, 5]), x.flip(2), x)


def _half(u: Tensor) -> Tensor:
    return (u < 0.5)[:, None, None, None]


def _translation(x: Tensor, u: Tensor, p: float) -> Tensor:
    """Shift by whole pixels, up to 1/8 of each side; empty borders become grey (0)."""
    on = u[:, 6] < p
    rows = _shift_matrix(u[:, 7], on, x.shape[2]).to(x)
    columns = _shift_matrix(u[:, 8], on, x.shape[3]).to(x)
    return rows[:, None] @ x @ columns[:, None].transpose(2, 3)


def _shift_matrix(u: Tensor, on: Tensor, size: int) -> Tensor:
    reach = int(size * LARGEST_SHIFT + 0.5)
    shift = (u * (2 * reach + 1)).floor().to(torch.int64) - reach
    at = torch.arange(size, device=u.device)
    source = at[None, :] - (shift * on)[:, None]  # (n, size)
    return source[:, :, None] == at[None, None, :]


def _cutout(x: Tensor, u: Tensor, p: float) -> Tensor:
    """Cut a hole with half the height and width, which may overlap the border."""
    on = (u[:, 9] < p).to(x)
    rows = _inside(u[:, 10], x.shape[2]).to(x)
    columns = _inside(u[:, 11], x.shape[3]).to(x)
    hole = rows[:, :, None] * columns[:, None, :] * on[:, None, None]
    return x * (1 - hole)[:, None]


def _inside(u: Tensor, size: int) -> Tensor:
    length = int(size * HOLE_SIDE + 0.5)
    start = (u * (size + 1 - length % 2)).floor() - length // 2
    at = torch.arange(size, device=u.device)[None, :]
    return (at >= start[:, None]) & (at < start[:, None] + length)


OPERATIONS: dict[str, Operation] = {
    "colour": _colour,
    "hflip": _mirror_x,
    "vflip": _mirror_y,
    "translation": _translation,
    "cutout": _cutout,
}

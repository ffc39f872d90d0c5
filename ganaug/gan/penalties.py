"""Gradient penalties of the discriminator, each at its own points."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Points = Callable[[Tensor, Tensor], Tensor]


def squared_gradient(logits: Tensor, x: Tensor) -> Tensor:
    """‖∇ₓ logits‖² per image (n,), differentiable in the discriminator's weights.

    Zero-centred penalty of Mescheder et al., "Which Training Methods for GANs do
    actually Converge?" (2018), equation 9: R1 at real images, R2 at fake ones.

    Args:
        logits: (n,), each a function of its own image only.
        x: the points that the logits came from, (n, c, h, w), requiring a gradient.

    Example:
        >>> x = torch.ones(2, 1, 2, 2, requires_grad=True)
        >>> squared_gradient((3 * x).sum(dim=(1, 2, 3)), x).tolist()
        [36.0, 36.0]
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(dim=1)


PENALTIES: dict[str, Points] = {
    "r1": lambda real, fake: real,
    "r2": lambda real, fake: fake,
}

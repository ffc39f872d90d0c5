"""Gradient penalties of the discriminator, each at its own points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ganaug.gan.settings.field_names import parse_names

Points = Callable[[Tensor, Tensor, Tensor], Tensor]
Measure = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Penalty:
    """Where D's gradient is taken, and what it is asked to be there.

    Attributes:
        points: (real, fake (n, c, h, w), u (n,) uniform in [0, 1)) → (n, c, h, w)
            that require a gradient.
        measure: (logits (n,), points) → penalty per image (n,).
        slope: the norm of the gradient at which it is 0.
    """

    points: Points
    measure: Measure
    slope: float


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


def excess_gradient(logits: Tensor, x: Tensor) -> Tensor:
    """(‖∇ₓ logits‖ − 1)² per image (n,), the norm over all of its pixels.

    Gulrajani et al., "Improved Training of Wasserstein GANs" (2017), equation 3; their
    λ is γ/2 here.

    Example:
        >>> x = torch.ones(1, 1, 2, 2, requires_grad=True)
        >>> excess_gradient((3 * x).sum(dim=(1, 2, 3)), x).tolist()
        [25.0]
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    # vector_norm has a gradient at 0 too
    norm: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (norm - 1).square()


def mix_images(real: Tensor, fake: Tensor, u: Tensor) -> Tensor:
    """u·real + (1 − u)·fake, one u (n,) per image; Gulrajani et al., algorithm 1."""
    mixed = fake + u[:, None, None, None] * (real - fake)
    return mixed.detach().requires_grad_()


def parse_penalties(text: str | None, gamma: float) -> tuple[str, ...]:
    """Names of the penalties in use; γ = 0 uses none. Unknown ones raise ConfigError.

    Example:
        >>> parse_penalties("r1,r2", 20.0), parse_penalties("r1", 0.0)
        (('r1', 'r2'), ())
    """
    names = parse_names("penalties", text, PENALTIES)
    return names if gamma > 0 else ()


PENALTIES: dict[str, Penalty] = {
    "r1": Penalty(lambda real, fake, u: real, squared_gradient, slope=0.0),
    "r2": Penalty(lambda real, fake, u: fake, squared_gradient, slope=0.0),
    "gp": Penalty(mix_images, excess_gradient, slope=1.0),
}

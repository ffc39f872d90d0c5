"""Gradient penalties, which keep the discriminator's slope from growing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ganaug.gan.field_names import parse_names

Place = Literal["real", "fake", "between"]
Measure = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Penalty:
    """The images at which D's gradient is taken, and the penalty for its norm.

    Attributes:
        at: `real` images, `fake` ones, or images `between` them, see `mix_images`.
        measure: function of logits (n,) and their images (n, c, h, w) that returns the
            penalty of each image (n,).
        slope: norm of the gradient at which the penalty is 0.
    """

    at: Place
    measure: Measure
    slope: float


def squared_gradient(logits: Tensor, x: Tensor) -> Tensor:
    """Punish any slope: ‖∇ₓ logits‖² per image (n,), with a graph for D's weights.

    The zero-centred penalty of Mescheder et al., "Which Training Methods for GANs do
    actually Converge?" (2018), equation 9: R1 at real images, R2 at fake ones.

    Args:
        logits: (n,), each a function of its own image only.
        x: (n, c, h, w) images that the logits were computed from, requiring a gradient.

    Example:
        >>> x = torch.ones(2, 1, 2, 2, requires_grad=True)
        >>> squared_gradient((3 * x).sum(dim=(1, 2, 3)), x).tolist()
        [36.0, 36.0]
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(dim=1)


def excess_gradient(logits: Tensor, x: Tensor) -> Tensor:
    """Punish slopes other than 1: (‖∇ₓ logits‖ − 1)² per image (n,).

    The norm is over all pixels of an image. Gulrajani et al., "Improved Training of
    Wasserstein GANs" (2017), equation 3; their λ is γ/2 here.

    Example:
        >>> x = torch.ones(1, 1, 2, 2, requires_grad=True)
        >>> excess_gradient((3 * x).sum(dim=(1, 2, 3)), x).tolist()
        [25.0]
    """
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    # vector_norm has a gradient even at 0
    norm: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
    return (norm - 1).square()


def mix_images(real: Tensor, fake: Tensor, u: Tensor) -> Tensor:
    """Return images between real and fake ones: u·real + (1 − u)·fake.

    Each image has its own u in [0, 1): Gulrajani et al., algorithm 1. The result
    requires a gradient.
    """
    mixed = fake + u[:, None, None, None] * (real - fake)
    return mixed.detach().requires_grad_()


def parse_penalties(text: str | None, gamma: float) -> tuple[str, ...]:
    """Return the names of the penalties in a text; none where γ is 0.

    Raises:
        ConfigError: a name is unknown.

    Example:
        >>> parse_penalties("r1,r2", 20.0), parse_penalties("r1", 0.0)
        (('r1', 'r2'), ())
    """
    names = parse_names("penalties", text, PENALTIES)
    return names if gamma > 0 else ()


PENALTIES: dict[str, Penalty] = {
    "r1": Penalty(at="real", measure=squared_gradient, slope=0.0),
    "r2": Penalty(at="fake", measure=squared_gradient, slope=0.0),
    "gp": Penalty(at="between", measure=excess_gradient, slope=1.0),
}

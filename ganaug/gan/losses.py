"""Adversarial losses as records: the training step never asks which one it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

from ganaug.errors import ConfigError

Term = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """One adversarial game.

    Attributes:
        discriminator: (real logits (n,), fake logits (n,)) → loss per pair (n,).
        generator: the same arguments → loss per pair (n,).
        paired: whether the generator's term reads the real logits; where it doesn't,
            the step doesn't compute them.
        penalties: names of the penalties it is used with, see
            `ganaug.gan.penalties.PENALTIES`.

    Example:
        >>> import torch
        >>> loss = LOSSES["relativistic"]
        >>> real, fake = torch.tensor([2.0]), torch.tensor([-2.0])
        >>> round(float(loss.discriminator(real, fake)), 3)
        0.018
    """

    discriminator: Term
    generator: Term
    paired: bool
    penalties: tuple[str, ...] = ()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """softplus(D(fake) − D(real)); Jolicoeur-Martineau (2018), R3GAN equation 2."""
    return F.softplus(fake - real)


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """softplus(D(real) − D(fake)): the discriminator's game with roles exchanged."""
    return F.softplus(real - fake)


def bce_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """−log σ(D(real)) − log(1 − σ(D(fake))); Goodfellow et al. (2014), equation 1."""
    return F.softplus(-real) + F.softplus(fake)


def nonsaturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """−log σ(D(fake)); Goodfellow et al. (2014), section 3."""
    return F.softplus(-fake)


LOSSES: dict[str, Loss] = {
    "relativistic": Loss(
        relativistic_discriminator, relativistic_generator, True, ("r1", "r2")
    ),
    "bce-ns": Loss(bce_discriminator, nonsaturating_generator, False, ("r1",)),
}


def find_loss(loss: str | Loss) -> Loss:
    """The record of that name, or the record itself."""
    if isinstance(loss, Loss):
        return loss
    if loss not in LOSSES:
        raise ConfigError(
            f"there is no loss {loss!r}; choose one of {', '.join(LOSSES)}"
        )
    return LOSSES[loss]

"""Adversarial losses as records, all of them used in the same way by a step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug.config import Named
from ganaug.errors import ConfigError
from ganaug.spelling import suggest

Term = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """One adversarial loss for each network, and the settings that suit it.

    A `TrainConfig` takes these settings where its own are `auto`.

    Attributes:
        discriminator: function of real logits (n,) and fake logits (n,) that returns
            the loss of each pair (n,).
        generator: function of the same logits that returns the loss of each pair (n,).
        paired: whether the generator's loss reads the real logits; otherwise the step
            does not compute them.
        penalties: names of its usual penalties, see
            `ganaug.gan.objective.penalties.PENALTIES`.
        gamma: weight of the penalties; each is multiplied by γ/2.
        penalty_every: discriminator steps from one penalty to the next.
        critic_steps: discriminator steps for each generator step.
        clip: largest magnitude of the discriminator's weights; None for no limit.
        beta1, beta2: Adam's decay rates.
        unbounded: whether D could lower its loss without end by scaling its logits up,
            so that something else must bound its slope.
        name: its name in files; your own loss needs a new name.

    Example:
        >>> import torch
        >>> loss = LOSSES["relativistic"]
        >>> real, fake = torch.tensor([2.0]), torch.tensor([-2.0])
        >>> round(float(loss.discriminator(real, fake)), 3)
        0.018
    """

    discriminator: Term
    generator: Term
    paired: bool = False
    penalties: tuple[str, ...] = ()
    gamma: float = 20.0
    penalty_every: int = 4
    critic_steps: int = 1
    clip: float | None = None
    beta1: float = 0.0
    beta2: float = 0.99
    unbounded: bool = False
    name: str = "own"


def find_loss(loss: str | Named) -> Loss:
    """Return the loss of that name, or the given record.

    Raises:
        ConfigError: there is no such loss; or the record has another loss's name, or a
            generator's loss from which G cannot learn.
    """
    if isinstance(loss, Loss):
        if LOSSES.get(loss.name, loss) != loss:
            raise ConfigError(
                f"there is another loss called {loss.name!r}; give yours a new name"
            )
        _check_generator(loss)
        return loss
    if not isinstance(loss, str) or loss not in LOSSES:
        raise ConfigError(
            f"there is no loss {loss!r}{suggest(loss, LOSSES)}; choose one of "
            f"{', '.join(LOSSES)}, or give a Loss in Python (also to resume a run that "
            "was started with one)"
        )
    return LOSSES[loss]


def _check_generator(loss: Loss) -> None:
    """Check that the generator's loss reads the logits that it gets.

    Refuse one that needs real logits without paired=True, or ignores the fake ones.
    """
    fake = torch.zeros(1, requires_grad=True)
    with torch.enable_grad():
        unread = loss.generator(torch.full((1,), math.nan), fake)
        read = loss.generator(torch.zeros(1), fake)
    if not loss.paired and not bool(torch.isfinite(unread).all()):
        raise ConfigError(
            f"the generator's part of loss {loss.name!r} reads the real logits; set "
            "its paired=True"
        )
    if not read.requires_grad:
        raise ConfigError(
            f"the generator's part of loss {loss.name!r} does not depend on the fake "
            "logits, so G would learn nothing; use its second argument: (real, fake)"
        )


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Reward real logits above fake ones: softplus(D(fake) − D(real)).

    Jolicoeur-Martineau (2018); R3GAN, equation 2.
    """
    return F.softplus(fake - real)


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Reward fake logits above real ones: softplus(D(real) − D(fake))."""
    return F.softplus(real - fake)


def bce_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Classify real and fake: −log σ(D(real)) − log(1 − σ(D(fake))).

    Goodfellow et al. (2014), equation 1.
    """
    return F.softplus(-real) + F.softplus(fake)


def saturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Make D less sure that an image is fake: log(1 − σ(D(fake))) = log σ(−D(fake)).

    The gradient vanishes where D is sure. Goodfellow et al. (2014), equation 1.
    """
    return F.logsigmoid(-fake)


def nonsaturating_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Make D take fakes for real: −log σ(D(fake)).

    Goodfellow et al. (2014), section 3.
    """
    return F.softplus(-fake)


def least_squares_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Pull real logits to 1 and fake ones to 0: ½(D(real) − 1)² + ½ D(fake)².

    Mao et al. (2017), equation 9.
    """
    return ((real - 1).square() + fake.square()) / 2


def least_squares_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Pull fake logits to 1: ½(D(fake) − 1)²; Mao et al. (2017), equation 9."""
    return (fake - 1).square() / 2


def hinge_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Push logits beyond ±1: max(0, 1 − D(real)) + max(0, 1 + D(fake)).

    Miyato et al. (2018), equation 16.
    """
    return F.relu(1 - real) + F.relu(1 + fake)


def critic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """Push real logits above fake ones without bound: D(fake) − D(real).

    Its mean estimates −W₁; Arjovsky et al. (2017), equation 2.
    """
    return fake - real


def critic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """Raise fake logits: −D(fake); Arjovsky et al. (2017)."""
    return -fake


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss(
            relativistic_discriminator, relativistic_generator, paired=True,
            penalties=("r1", "r2"), name="relativistic",
        ),
        Loss(
            bce_discriminator, saturating_generator,
            beta1=0.5, beta2=0.999, name="bce",
        ),
        Loss(
            bce_discriminator, nonsaturating_generator,
            penalties=("r1",), name="bce-ns",
        ),
        Loss(
            least_squares_discriminator, least_squares_generator,
            beta1=0.5, beta2=0.999, name="lsgan",
        ),
        Loss(
            hinge_discriminator, critic_generator,
            beta1=0.0, beta2=0.9, name="hinge",
        ),
        Loss(
            critic_discriminator, critic_generator, unbounded=True,
            clip=0.01, critic_steps=5, name="wgan",
        ),
        Loss(
            critic_discriminator, critic_generator, unbounded=True,
            penalties=("gp",), penalty_every=1, critic_steps=5, beta2=0.9,
            name="wgan-gp",
        ),
    )
}  # fmt: skip

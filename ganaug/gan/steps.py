"""One training step of each network, without a branch per method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganaug.config import TrainConfig
from ganaug.gan.clipping import leave, make_clip
from ganaug.gan.diffaugment import augment, parse_operations
from ganaug.gan.draws import Draws
from ganaug.gan.losses import Loss, find_loss
from ganaug.gan.penalties import PENALTIES, Penalty, parse_penalties
from ganaug.gan.settling import settle


@dataclass(frozen=True)
class Game:
    """What the two steps share: networks, loss, penalties and augmentation.

    Attributes:
        generator, discriminator: the networks in training.
        loss: the adversarial loss.
        penalties: gradient penalties of the discriminator.
        gamma: their weight; each adds γ/2 · its mean.
        bound: what is done to D after each of its updates.
        operations: DiffAugment's operations.
        p: probability of each operation for one image.
        judged_as: draws → classes (n, k) under which D judges real images: their own,
            then those that make further fakes of them.
        mismatch: weight of these fakes.
    """

    generator: nn.Module
    discriminator: nn.Module
    loss: Loss
    penalties: tuple[Penalty, ...]
    gamma: float
    bound: Callable[[nn.Module], None]
    operations: tuple[str, ...]
    p: float
    judged_as: Callable[[Draws], Tensor]
    mismatch: float


def set_up_game(
    config: TrainConfig, generator: nn.Module, discriminator: nn.Module, classes: int
) -> Game:
    """The game that a config describes, between these networks of so many classes.

    Raises:
        ConfigError: settings that cannot go together, or an unknown name.
    """
    config = settle(config)
    gamma, clip = float(config.gamma), config.clip
    mismatched = config.mismatch > 0 and classes > 1
    return Game(
        generator,
        discriminator,
        find_loss(config.loss),
        tuple(PENALTIES[name] for name in parse_penalties(config.penalties, gamma)),
        gamma,
        leave if clip is None else make_clip(float(clip)),
        parse_operations(config.augment),
        config.augment_p,
        own_and_wrong_class if mismatched else own_class,
        config.mismatch,
    )


def own_class(draws: Draws) -> Tensor:
    """(n, 1): no further fakes."""
    return draws.y[:, None]


def own_and_wrong_class(draws: Draws) -> Tensor:
    """(n, 2): the wrong class makes fakes of real images."""
    return torch.stack([draws.y, draws.y_wrong], dim=1)


def discriminator_loss(
    game: Game,
    real: Tensor,
    fake: Tensor,
    draws: Draws,
    class_weight: Tensor,
    penalty_weight: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Adversarial loss of D plus its penalties, and the share that penalties have.

    The penalties are taken at D's own, augmented inputs and share its forward pass
    where they can. Real images under a wrong class count as fake too, where the game
    has such: the matching-aware discriminator of Reed et al., "Generative Adversarial
    Text to Image Synthesis" (2016), algorithm 1.

    Args:
        game: networks and loss.
        real, fake: (n, c, h, w) in [-1, 1], one class per pair; fake without a graph.
        draws: the step's random numbers.
        class_weight: scalar in [0, 1], ramps the class term in.
        penalty_weight: factor of the penalties beside γ/2; 0 leaves them out.

    Returns:
        Scalar total loss; scalar γ/2 · Σ mean penalty, without the weight.
    """
    penalised = bool(game.penalties) and penalty_weight > 0
    real = augment(real, draws.u_real, game.operations, game.p)
    fake = augment(fake, draws.u_fake, game.operations, game.p)
    real, fake = (x.detach().requires_grad_(penalised) for x in (real, fake))

    def critic(x: Tensor, y: Tensor = draws.y) -> Tensor:
        logits: Tensor = game.discriminator(x, y, class_weight)
        return logits

    # one pass judges real images under all of their classes
    real_logits, *mismatched = critic(real, game.judged_as(draws)).unbind(dim=1)
    fake_logits = critic(fake)
    loss = game.loss.discriminator(real_logits, fake_logits).mean()
    for wrong_logits in mismatched:
        term = game.loss.discriminator(real_logits, wrong_logits).mean()
        loss = loss + game.mismatch * term
    penalty = loss.new_zeros(())
    if penalised:
        known = {id(real): real_logits, id(fake): fake_logits}
        for kind in game.penalties:
            x = kind.points(real, fake, draws.u_between)
            logits = known[id(x)] if id(x) in known else critic(x)
            penalty = penalty + kind.measure(logits, x).mean()
        penalty = penalty * (game.gamma / 2)
        loss = loss + penalty_weight * penalty
    return loss, penalty


def generator_loss(
    game: Game, real: Tensor, fake: Tensor, draws: Draws, class_weight: Tensor
) -> Tensor:
    """Mean adversarial loss of G; `fake` carries G's graph.

    The real logits are constants for G, and only a paired loss reads them.
    """
    fake = augment(fake, draws.u_fake_g, game.operations, game.p)
    fake_logits = game.discriminator(fake, draws.y, class_weight)
    real_logits = fake_logits
    if game.loss.paired:
        with torch.no_grad():
            real = augment(real, draws.u_real_g, game.operations, game.p)
            real_logits = game.discriminator(real, draws.y, class_weight)
    return game.loss.generator(real_logits, fake_logits).mean()

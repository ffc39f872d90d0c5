"""One training step of each network, without a branch per method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganaug.config import TrainConfig
from ganaug.gan.inputs.conditioners import Classes, Teller
from ganaug.gan.inputs.sampling import Draws
from ganaug.gan.networks.embedding import Discriminator, Told
from ganaug.gan.objective.clipping import leave, make_clip
from ganaug.gan.objective.diffaugment import augment, parse_operations
from ganaug.gan.objective.diversity import Fakes, Term, parse_terms
from ganaug.gan.objective.losses import Loss, find_loss
from ganaug.gan.objective.packing import pack_images
from ganaug.gan.objective.penalties import PENALTIES, Penalty, parse_penalties
from ganaug.gan.settings.resolve import settle


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
        pack: images that D judges at once.
        terms: diversity terms of the generator.
        teller: what D is told of an image beside it.
    """

    generator: nn.Module
    discriminator: Discriminator
    loss: Loss
    penalties: tuple[Penalty, ...]
    gamma: float
    bound: Callable[[nn.Module], None]
    operations: tuple[str, ...]
    p: float
    judged_as: Callable[[Draws], Tensor]
    mismatch: float
    pack: int
    terms: tuple[Term, ...]
    teller: Teller

    def show(self, x: Tensor, u: Tensor) -> Tensor:
        """Images (n, c, h, w) as D gets them: augmented by u (n, UNIFORMS), packed."""
        return pack_images(augment(x, u, self.operations, self.p), self.pack)

    def tell(self, y: Tensor, u: Tensor) -> Told:
        """What D is told of images y (n,) or (n, k) that were shown with u."""
        return self.teller.show(
            y[:: self.pack],
            u[:: self.pack],
            lambda x, u: augment(x, u, self.operations, self.p),
        )


def set_up_game(
    config: TrainConfig,
    generator: nn.Module,
    discriminator: Discriminator,
    classes: int,
    teller: Teller | None = None,
) -> Game:
    """The game that a config describes, between these networks of so many classes.

    The networks are told classes, unless `teller` tells them something else.

    Raises:
        ConfigError: settings that cannot go together, or an unknown name.
    """
    config = settle(config)
    gamma, clip = float(config.gamma), config.clip
    mismatch = float(config.mismatch)
    mismatched = mismatch > 0 and classes > 1
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
        mismatch,
        config.pack,
        parse_terms(config.diversity),
        teller or Classes(),
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
    where they can, and leave out what D is told: a source beside an image is no point
    of theirs. Real images under a wrong class count as fake too, where the game has
    such: the matching-aware discriminator of Reed et al., "Generative Adversarial
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
    real = game.show(real, draws.u_real).detach().requires_grad_(penalised)
    fake = game.show(fake, draws.u_fake).detach().requires_grad_(penalised)
    told = game.tell(draws.y, draws.u_fake)

    def critic(x: Tensor, told: Told = told) -> Tensor:
        logits: Tensor = game.discriminator(x, told, class_weight)
        return logits

    # one pass judges real images under all of their classes
    judged = critic(real, game.tell(game.judged_as(draws), draws.u_real))
    real_logits, *mismatched = judged.unbind(dim=1)
    fake_logits = critic(fake)
    loss = game.loss.discriminator(real_logits, fake_logits).mean()
    for wrong_logits in mismatched:
        term = game.loss.discriminator(real_logits, wrong_logits).mean()
        loss = loss + game.mismatch * term
    penalty = loss.new_zeros(())
    if penalised:
        known = {id(real): real_logits, id(fake): fake_logits}
        for kind in game.penalties:
            x = kind.points(real, fake, draws.u_between[:: game.pack])
            logits = known[id(x)] if id(x) in known else critic(x)
            penalty = penalty + kind.measure(logits, x).mean()
        penalty = penalty * (game.gamma / 2)
        loss = loss + penalty_weight * penalty
    return loss, penalty


def generator_loss(
    game: Game, real: Tensor, fake: Tensor, draws: Draws, class_weight: Tensor
) -> tuple[Tensor, Tensor]:
    """Adversarial loss of G plus its diversity terms, and the share that these have.

    `fake` carries G's graph. The real logits are constants for G, and only a paired
    loss reads them.

    Returns:
        Scalar total loss; scalar Σ weight · term.
    """
    y = draws.y[:: game.pack]
    shown = game.show(fake, draws.u_fake_g)
    told = game.tell(draws.y, draws.u_fake_g)
    fake_logits, features = game.discriminator.judge(shown, told, class_weight)
    real_logits = fake_logits
    if game.loss.paired:
        with torch.no_grad():
            real = game.show(real, draws.u_real_g)
            told = game.tell(draws.y, draws.u_real_g)
            real_logits = game.discriminator(real, told, class_weight)
    loss = game.loss.generator(real_logits, fake_logits).mean()
    fakes = Fakes(fake, draws.z, draws.y, features, y)
    terms = loss.new_zeros(())
    for term in game.terms:
        terms = terms + term.weight * term.measure(fakes)
    return loss + terms, terms

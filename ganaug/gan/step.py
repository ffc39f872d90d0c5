"""The losses of D and G in one training step, the same code for every method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganaug.config import ResolvedConfig
from ganaug.gan.inputs.conditioners import (
    ClassConditioner,
    Condition,
    Conditioner,
)
from ganaug.gan.inputs.random_draws import Draws
from ganaug.gan.networks.embedding import Discriminator
from ganaug.gan.objective.clipping import leave, make_clip
from ganaug.gan.objective.diffaugment import augment, parse_operations
from ganaug.gan.objective.diversity import Fakes, Term, parse_terms
from ganaug.gan.objective.losses import Loss, find_loss
from ganaug.gan.objective.packing import pack_images
from ganaug.gan.objective.penalties import (
    PENALTIES,
    Penalty,
    Place,
    mix_images,
    parse_penalties,
)

Judged = dict[Place, tuple[Tensor, Tensor]]  # images and their logits


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What the two networks minimise in a step, and how D sees its images.

    Attributes:
        discriminator: network that judges images.
        loss: adversarial loss.
        penalties: gradient penalties of the discriminator.
        gamma: weight of the penalties; each adds γ/2 · its mean.
        bound: function that limits D's weights after each of its updates.
        operations: names of DiffAugment's operations.
        p: probability of each operation for one image.
        judged_as: function of draws that returns numbers y (n, k) of the conditions
            with which D judges each real image: its own first, then wrong ones.
        mismatch: weight of real images with wrong conditions, which count as fakes.
        pack: images that D judges together.
        terms: diversity terms of the generator.
        conditioner: object that turns y into what D gets beside an image.
    """

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
    conditioner: Conditioner

    def prepare_images(self, x: Tensor, u: Tensor) -> Tensor:
        """Augment images (n, c, h, w) with u (n, UNIFORMS), and pack them for D."""
        return pack_images(augment(x, u, self.operations, self.p), self.pack)

    def prepare_condition(self, y: Tensor, u: Tensor) -> Condition:
        """Return D's condition for y (n,) or (n, k), beside images prepared with u."""
        return self.conditioner.for_discriminator(
            y[:: self.pack],
            u[:: self.pack],
            lambda x, u: augment(x, u, self.operations, self.p),
        )


def build_objective(
    config: ResolvedConfig,
    discriminator: Discriminator,
    classes: int,
    conditioner: Conditioner | None = None,
) -> Objective:
    """Build the objective that a config describes.

    Args:
        config: settings of the training.
        discriminator: network that judges images.
        classes: number of classes, or of captions; 0 for none.
        conditioner: object that turns y into what D gets beside an image; by default D
            gets the class.

    Raises:
        ConfigError: there is no such loss.
    """
    clip = config.clip
    mismatched = config.mismatch > 0 and classes > 1
    names = parse_penalties(config.penalties, config.gamma)
    return Objective(
        discriminator=discriminator,
        loss=find_loss(config.loss),
        penalties=tuple(PENALTIES[name] for name in names),
        gamma=config.gamma,
        bound=leave if clip is None else make_clip(clip),
        operations=parse_operations(config.augment),
        p=config.augment_p,
        judged_as=own_and_wrong_class if mismatched else own_class,
        mismatch=config.mismatch,
        pack=config.pack,
        terms=parse_terms(config.diversity),
        conditioner=conditioner or ClassConditioner(),
    )


def own_class(draws: Draws) -> Tensor:
    """Return y (n, 1): D judges real images with their own condition only."""
    return draws.y[:, None]


def own_and_wrong_class(draws: Draws) -> Tensor:
    """Return y (n, 2): D judges real images with their own and a wrong condition."""
    return torch.stack([draws.y, draws.y_wrong], dim=1)


def discriminator_loss(
    objective: Objective,
    real: Tensor,
    fake: Tensor,
    *,
    draws: Draws,
    class_weight: Tensor,
    penalty_weight: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """Compute D's adversarial loss plus its penalties, and the penalties alone.

    Penalties are taken at the augmented images that D sees, and use the same forward
    pass where they can. They differentiate D by the images, not by the condition.
    With `mismatch`, real images with a wrong condition count as fakes too: the
    matching-aware discriminator of Reed et al., "Generative Adversarial Text to Image
    Synthesis" (2016), algorithm 1.

    Args:
        objective: losses, penalties, and the discriminator.
        real, fake: (n, c, h, w) in [-1, 1], one class per pair; fake without a graph.
        draws: random numbers of the step.
        class_weight: scalar in [0, 1], factor of D's class term.
        penalty_weight: factor of the penalties beside γ/2; 0 omits them.

    Returns:
        Scalar total loss; scalar γ/2 · Σ mean penalty, without the weight.
    """
    penalised = bool(objective.penalties) and penalty_weight > 0
    real = objective.prepare_images(real, draws.u_real)
    fake = objective.prepare_images(fake, draws.u_fake)
    real = real.detach().requires_grad_(penalised)
    fake = fake.detach().requires_grad_(penalised)
    condition = objective.prepare_condition(draws.y, draws.u_fake)

    def critic(x: Tensor, condition: Condition = condition) -> Tensor:
        logits: Tensor = objective.discriminator(x, condition, class_weight)
        return logits

    # one pass judges real images with all of their conditions
    every = objective.prepare_condition(objective.judged_as(draws), draws.u_real)
    real_logits, *mismatched = critic(real, every).unbind(dim=1)
    fake_logits = critic(fake)
    loss = objective.loss.discriminator(real_logits, fake_logits).mean()
    for wrong_logits in mismatched:
        term = objective.loss.discriminator(real_logits, wrong_logits).mean()
        loss = loss + objective.mismatch * term
    if not penalised:
        return loss, loss.new_zeros(())
    judged: Judged = {"real": (real, real_logits), "fake": (fake, fake_logits)}
    u = draws.u_between[:: objective.pack]
    penalty = _measure_penalties(objective, judged, u, critic)
    return loss + penalty_weight * penalty, penalty


def _measure_penalties(
    objective: Objective, judged: Judged, u: Tensor, critic: Callable[[Tensor], Tensor]
) -> Tensor:
    """Compute γ/2 · Σ mean penalty; only images between real and fake need a new pass.

    Args:
        objective: penalties, and their weight γ.
        judged: real and fake images with their logits.
        u: (n,) uniform numbers in [0, 1), for images between them.
        critic: images → logits.
    """
    total = u.new_zeros(())
    for penalty in objective.penalties:
        if penalty.at not in judged:
            between = mix_images(judged["real"][0], judged["fake"][0], u)
            judged = {**judged, "between": (between, critic(between))}
        x, logits = judged[penalty.at]
        total = total + penalty.measure(logits, x).mean()
    return total * (objective.gamma / 2)


def generator_loss(
    objective: Objective,
    real: Tensor,
    fake: Tensor,
    *,
    draws: Draws,
    class_weight: Tensor,
) -> tuple[Tensor, Tensor]:
    """Compute G's adversarial loss plus its diversity terms, and the terms alone.

    Args:
        objective: losses, terms, and the discriminator.
        real: (n, c, h, w); only a paired loss reads its logits, without a gradient.
        fake: (n, c, h, w) with G's graph.
        draws: random numbers of the step.
        class_weight: scalar in [0, 1], factor of D's class term.

    Returns:
        Scalar total loss; scalar Σ weight · term.
    """
    judge = objective.discriminator
    prepared = objective.prepare_images(fake, draws.u_fake_g)
    condition = objective.prepare_condition(draws.y, draws.u_fake_g)
    fake_logits, features = judge.judge(prepared, condition, class_weight)
    real_logits = fake_logits
    if objective.loss.paired:
        with torch.no_grad():
            real = objective.prepare_images(real, draws.u_real_g)
            condition = objective.prepare_condition(draws.y, draws.u_real_g)
            real_logits = judge(real, condition, class_weight)
    loss = objective.loss.generator(real_logits, fake_logits).mean()
    fakes = Fakes(fake, draws.z, draws.y, features, draws.y[:: objective.pack])
    terms = loss.new_zeros(())
    for term in objective.terms:
        terms = terms + term.weight * term.measure(fakes)
    return loss + terms, terms

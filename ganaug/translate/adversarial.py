"""The adversarial part of a step: one pass through the discriminator serves both.

Each logit depends on its own image alone, so the gradient of the generator's loss in a
fake image is the gradient of its logit, times the slope of the loss at this logit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import Tensor, nn

from ganaug import engine
from ganaug.gan.objective.diffaugment import augment
from ganaug.gan.objective.losses import Loss
from ganaug.gan.objective.penalties import Penalty
from ganaug.training.totals import Totals

Judge = Callable[[Tensor], Tensor]  # real images, then fake ones → their logits
SUMS = ("d_loss", "g_loss", "penalty", "penalised_steps", "steps")


class Opposed(Protocol):
    """A configuration of two networks that are trained against each other."""

    @property
    def gamma(self) -> float: ...
    @property
    def penalty_every(self) -> int: ...
    @property
    def augment_p(self) -> float: ...
    @property
    def precision(self) -> str: ...


class Opponents(Protocol):
    """A trainer of them.

    Attributes:
        seen: real images that the discriminator has seen.
    """

    seen: int

    @property
    def config(self) -> Opposed: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def discriminator(self) -> nn.Module: ...
    @property
    def optimisers(self) -> Mapping[str, torch.optim.Adam]: ...
    @property
    def totals(self) -> Totals: ...
    @property
    def loss(self) -> Loss: ...
    @property
    def penalties(self) -> Sequence[Penalty]: ...
    @property
    def operations(self) -> tuple[str, ...]: ...


def teach_discriminator(
    trained: Opponents, real: Tensor, fake: Tensor, u: Tensor, judge: Judge
) -> Tensor:
    """Update D; return the gradient of G's adversarial loss in the fake images.

    Args:
        trained: the trainer.
        real, fake: (n, c, h, w) each; no gradient flows into them.
        u: (2n, UNIFORMS) uniform numbers for their augmentation.
        judge: function of both, augmented, that returns their logits (2n,).

    Returns:
        (n, c, h, w), for the fake images as D saw them.
    """
    config, n = trained.config, len(real)
    penalised = trained.seen // n % config.penalty_every == 0 and trained.penalties
    x = change_images(trained, torch.cat([real, fake]), u).requires_grad_()
    with autocast(trained):
        logits = judge(x).float()
    real_logits, fake_logits = logits.chunk(2)
    loss = trained.loss.discriminator(real_logits, fake_logits).mean()
    (gradient,) = torch.autograd.grad(logits.sum(), x, retain_graph=True)
    slope = _find_slope(trained, real_logits.detach(), fake_logits.detach())
    penalty = torch.zeros_like(loss)
    if penalised:
        penalty = config.gamma / 2 * _measure_penalties(trained.penalties, logits, x)
    weights = [*trained.discriminator.parameters()]
    total = loss + config.penalty_every * penalty
    total.backward(inputs=weights)  # type: ignore[no-untyped-call]
    trained.optimisers["d"].step()
    one = torch.ones_like(loss)
    trained.totals.add(
        {
            "d_loss": loss,
            "penalty": penalty,
            "penalised_steps": one * bool(penalised),
            "steps": one,
        }
    )
    return slope[:, None, None, None] * gradient[n:]


def follow_pull(trained: Opponents, fake: Tensor, u: Tensor, pull: Tensor) -> Tensor:
    """Return a loss of fake images whose gradient is the pull on them as D saw them.

    Args:
        trained: the trainer.
        fake: (n, c, h, w), as G made them.
        u: (n, UNIFORMS) numbers of their augmentation.
        pull: what `teach_discriminator` returned.
    """
    return (change_images(trained, fake, u) * pull).sum()


def change_images(trained: Opponents, x: Tensor, u: Tensor) -> Tensor:
    """Augment images (n, c, h, w) by the numbers (n, UNIFORMS)."""
    changed = augment(x, u, trained.operations, trained.config.augment_p)
    return changed.contiguous(memory_format=torch.channels_last)


def take_means(totals: Totals) -> dict[str, float]:
    """Return mean losses and penalty since the last call."""
    sums = totals.take()
    steps, penalised = sums.pop("steps"), sums.pop("penalised_steps")
    counts = dict.fromkeys(sums, steps) | {"penalty": penalised}
    return {name: total / max(counts[name], 1.0) for name, total in sums.items()}


def autocast(trained: Opponents) -> AbstractContextManager[object]:
    """Return the context in which the networks run at the config's precision."""
    return engine.autocast(trained.device, trained.config.precision)


def _measure_penalties(
    penalties: Sequence[Penalty], logits: Tensor, x: Tensor
) -> Tensor:
    """Sum the mean penalties of real images, the first half, and of fake ones."""
    measures = {penalty.measure for penalty in penalties}
    every = {measure: measure(logits, x).chunk(2) for measure in measures}
    half = {"real": 0, "fake": 1}
    means = [every[p.measure][half[p.at]].mean() for p in penalties]
    return torch.stack(means).sum()


def _find_slope(trained: Opponents, real: Tensor, fake: Tensor) -> Tensor:
    """Return the derivative of G's mean loss by each fake logit (n,)."""
    fake = fake.requires_grad_()
    loss = trained.loss.generator(real, fake).mean()
    trained.totals.add({"g_loss": loss})
    (slope,) = torch.autograd.grad(loss, fake)
    return slope

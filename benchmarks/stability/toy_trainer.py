"""One training of the toy suite: the project's steps on points, many seeds at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from benchmarks.stability.seed_networks import PointDiscriminator, PointGenerator
from ganaug import engine
from ganaug.config import TrainConfig
from ganaug.gan.inputs.random_draws import Draws
from ganaug.gan.objective.diversity import Fakes, Term
from ganaug.gan.settings.resolve import resolve_config
from ganaug.gan.step import build_objective, discriminator_loss, generator_loss
from ganaug.gan.trainer import freeze
from ganaug.training.adversaries import rate_at
from ganaug.training.ema import decay_of, start_average, update_average

Sample = Callable[[int, torch.Generator], Tensor]  # n → real points (n, size)
ONE = torch.ones(())  # weight of a class term, which points do not have
AHEAD = 64  # steps for which random numbers are drawn at once


@dataclass(frozen=True)
class Size:
    """Size of the perceptrons: hidden features and hidden layers."""

    width: int = 64
    depth: int = 3


class ToyTrainer:
    """A pair of networks per seed, trained at once; no seed depends on another.

    The losses are means over all seeds' points; multiplied by the number of seeds, they
    give each seed's weights the gradient that they would get alone.

    Args:
        config: configuration of the training; its grid and augmentation are not read.
        sample: function that draws real points.
        points: numbers in a point.
        seeds: seeds of weights and random numbers.
        size: size of the networks.
    """

    def __init__(
        self, config: TrainConfig, sample: Sample, points: int,
        seeds: Sequence[int], size: Size,
    ) -> None:  # fmt: skip
        engine.prepare(torch.device("cpu"))
        self.config = config = resolve_config(config)
        self.sample, self.size, self.seen = sample, points, 0
        self.random = [torch.Generator().manual_seed(seed) for seed in seeds]
        with engine.seeded(0):
            self.generator = PointGenerator(
                self.random, config.latent, size.width, size.depth,
                outputs=points, norm=config.norm, slope=config.slope,
            )  # fmt: skip
            self.discriminator = PointDiscriminator(
                self.random, points * config.pack, size.width, size.depth,
                norm=config.norm_d, slope=config.slope_d, batch_std=config.batch_std,
            )  # fmt: skip
        self.average = start_average(self.generator)
        objective = build_objective(config, self.discriminator, 1)
        self.objective = replace(
            objective,
            terms=tuple(apart(term, len(seeds)) for term in objective.terms),
        )
        betas = config.beta1, config.beta2
        self.optimisers = {
            network: engine.make_adam(network, config.lr, betas)
            for network in (self.generator, self.discriminator)
        }
        self.drawn: list[tuple[Tensor, ...]] = []

    @property
    def seeds(self) -> int:
        return len(self.random)

    def train(self, until: int | None = None) -> None:
        """Train until each D has seen `until` points (default: the config's images)."""
        config = self.config
        while self.seen < (config.images if until is None else until):
            for optimiser in self.optimisers.values():
                engine.set_rate(optimiser, rate_at(config, self.seen))
            for k in range(config.critic_steps):
                real, draws = self.draw()
                last = k == config.critic_steps - 1
                with torch.set_grad_enabled(last):
                    fake = self.generator(draws.z, draws.y)
                self.teach_discriminator(real, fake.detach(), draws)
            self.teach_generator(real, fake, draws)
            images = config.batch * config.critic_steps
            update_average(
                self.average, self.generator, decay_of(config.ema, self.seen, images)
            )

    def teach_discriminator(self, real: Tensor, fake: Tensor, draws: Draws) -> None:
        """Take a step of D, and count its points as seen."""
        every = self.config.penalty_every
        due = (self.seen // self.config.batch) % every == 0
        loss, _ = discriminator_loss(
            self.objective,
            real,
            fake,
            draws=draws,
            class_weight=ONE,
            penalty_weight=every if due else 0.0,
        )
        self._descend(self.discriminator, loss)
        self.objective.bound(self.discriminator)
        self.seen += self.config.batch

    def teach_generator(self, real: Tensor, fake: Tensor, draws: Draws) -> None:
        freeze(self.discriminator, True)
        loss, _ = generator_loss(
            self.objective, real, fake, draws=draws, class_weight=ONE
        )
        self._descend(self.generator, loss)
        freeze(self.discriminator, False)

    def draw(self) -> tuple[Tensor, Draws]:
        """Draw real points (seeds · batch, size, 1, 1) and the numbers of a step."""
        if not self.drawn:
            self.drawn = self._draw_ahead()
        real, z, between = self.drawn.pop()
        y = torch.zeros(len(z), dtype=torch.int64)
        u = torch.zeros(len(z), 1)  # for an augmentation that does nothing
        return real[:, :, None, None], Draws(y, y, y, z, u, u, u, u, between)

    @torch.inference_mode()
    def sample_average(self, n: int, seed: int = 0) -> Tensor:
        """Draw points (seeds, n, size) of the averaged generators."""
        random = torch.Generator().manual_seed(seed)
        z = torch.randn(n, self.config.latent, generator=random)
        z = z.repeat(self.seeds, 1)
        points: Tensor = self.average(z).reshape(self.seeds, n, self.size)
        return points

    def _draw_ahead(self) -> list[tuple[Tensor, ...]]:
        n, parts = self.config.batch, []
        for random in self.random:
            real = self.sample(AHEAD * n, random)
            z = torch.randn(AHEAD * n, self.config.latent, generator=random)
            between = torch.rand(AHEAD * n, generator=random)
            parts.append((real, z, between))
        columns = [
            torch.stack([c.reshape(AHEAD, n, *c.shape[1:]) for c in column], dim=1)
            for column in zip(*parts, strict=True)
        ]
        return list(zip(*(c.flatten(1, 2) for c in columns), strict=True))

    def _descend(self, network: torch.nn.Module, loss: Tensor) -> None:
        optimiser = self.optimisers[network]
        optimiser.zero_grad()
        (loss * self.seeds).backward()
        optimiser.step()


def apart(term: Term, seeds: int) -> Term:
    """Return a term that is the mean of a diversity term over seeds, each alone."""

    def measure(fakes: Fakes) -> Tensor:
        columns = (column.chunk(seeds) for column in fakes)
        each = [term.measure(Fakes(*part)) for part in zip(*columns, strict=True)]
        return torch.stack(each).mean()

    return replace(term, measure=measure)

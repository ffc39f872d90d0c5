"""Trainer of a GAN on rows: the state of one training and the step that moves it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganaug import engine
from ganaug.gan.inputs.random_draws import Draws
from ganaug.gan.objective.clipping import leave, make_clip
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.gan.step import (
    Objective,
    discriminator_loss,
    generator_loss,
    own_class,
)
from ganaug.gan.trainer import freeze
from ganaug.tables.draws import Labels, RowConditioner, RowPairs, move_rows
from ganaug.tables.networks import PairDiscriminator, RowGenerator, RowLayout
from ganaug.tables.settings import TableConfig
from ganaug.training.adversaries import (
    are_finite,
    collect_state,
    rate_at,
    restore_state,
)
from ganaug.training.ema import decay_of, start_average, update_average
from ganaug.training.state import State
from ganaug.training.totals import Totals


class TableTrainer:
    """Networks, optimisers and counters of a GAN on the rows of one table.

    A step depends on the state, the configuration and the number of rows seen only, so
    that a restored training continues as if never stopped.

    Args:
        config: settings of the training.
        encoder: layout of the rows.
        rows: (n, width) encoded rows.
        labels: (n,) classes from 0, each with a row.
        device: device to train on.

    Attributes:
        seen: real rows that D has seen.
        rate_scale: factor on the learning rate, lowered by a rollback.
    """

    def __init__(
        self,
        config: TableConfig,
        encoder: RowLayout,
        rows: NDArray[np.float32],
        labels: Labels,
        device: torch.device,
    ) -> None:
        engine.prepare(device)
        self.config, self.device = config, device
        self.rows = torch.from_numpy(rows)[:, :, None, None].to(device)
        classes = int(labels.max()) + 1
        self.generator = build_generator(config, encoder, classes).to(device)
        self.discriminator = build_discriminator(config, encoder, classes).to(device)
        self.average = start_average(self.generator)
        betas = (config.beta1, config.beta2)
        self.optimisers = {
            "g": engine.make_adam(self.generator, config.lr, betas),
            "d": engine.make_adam(self.discriminator, config.lr, betas),
        }
        self.conditioner = RowConditioner(
            self.rows, torch.from_numpy(labels).to(device)
        )
        self.objective = _build_objective(config, self.discriminator, self.conditioner)
        self.sampler = RowPairs(
            rows, labels,
            neighbours=config.neighbours, batch=config.batch, pack=config.pack,
            noise=self.generator.noise, borrow=config.borrow,
            frequencies=config.class_sampling, seed=config.seed,
        )  # fmt: skip
        self.whole = torch.ones((), device=device)
        self.seen, self.rate_scale = 0, 1.0
        self.totals = Totals(SUMS, device)

    @property
    def run_length(self) -> int:
        """Real rows that D sees in the whole training."""
        return self.config.images

    @property
    def images_per_step(self) -> int:
        """Real rows that D sees in one `step`."""
        return self.config.batch * self.config.critic_steps

    @property
    def advice(self) -> str:
        """Settings to try if the training diverges twice."""
        return f"a lower lr ({self.config.lr / 4:g})"

    def step(self) -> None:
        """Train D on `critic_steps` batches, G on the last one; move the average."""
        rate = self.rate_scale * rate_at(self.config, self.seen)
        for optimiser in self.optimisers.values():
            engine.set_rate(optimiser, rate)
        steps = self.config.critic_steps
        for k in range(steps):
            draws = self.sampler.draw(self.seen)
            change = self.sampler.lend(draws, self.seen)
            draws, last = draws.to(self.device), k == steps - 1
            real = self._move_rows(draws.y, change)
            with torch.set_grad_enabled(last):
                fake = self._draw_rows(draws)
            self._teach_discriminator(draws, real, fake.detach())
            if last:
                self._teach_generator(draws, real, fake)
            self.seen += self.config.batch
        decay = decay_of(self.config.ema, self.seen, self.images_per_step)
        update_average(self.average, self.generator, decay)

    def take_means(self) -> dict[str, float]:
        """Return mean losses and penalty since the last call."""
        sums = self.totals.take()
        steps = {"g_loss": sums.pop("g_steps"), "penalty": sums.pop("penalised_steps")}
        every = sums.pop("d_steps")
        return {name: x / max(steps.get(name, every), 1.0) for name, x in sums.items()}

    def is_sound(self) -> bool:
        """Whether the losses since `take_means` and all weights are finite."""
        return are_finite(self)

    def state_dict(self) -> State:
        """Return all that training changes, by flat names, without copying it."""
        return collect_state(self)

    def load_state_dict(self, state: State) -> None:
        """Restore, in place, what `state_dict` gave; see `restore_state`."""
        restore_state(self, state, state.get("config"))

    def _draw_rows(self, draws: Draws) -> Tensor:
        """Draw rows from those that a borrowed change leads to."""
        guess = self._move_rows(draws.y, self.sampler.guess(self.seen))
        labels = self.conditioner.labels[draws.y]
        made: Tensor = self.generator(draws.z, guess.flatten(1), labels)
        return made[:, :, None, None]

    def _move_rows(self, y: Tensor, change: tuple[Tensor, Tensor]) -> Tensor:
        start, end = (part.to(self.device) for part in change)
        return move_rows(self.rows, y, (start, end), self.generator.numbers)

    def _teach_discriminator(self, draws: Draws, real: Tensor, fake: Tensor) -> None:
        every = self.config.penalty_every
        penalised = self.seen // self.config.batch % every == 0
        weight = float(every) if penalised else 0.0
        loss, penalty = discriminator_loss(
            self.objective, real, fake,
            draws=draws, class_weight=self.whole, penalty_weight=weight,
        )  # fmt: skip
        self._descend("d", loss)
        self.objective.bound(self.discriminator)
        one = torch.ones_like(loss)
        self.totals.add(
            {
                "d_loss": loss - weight * penalty,
                "penalty": penalty,
                "d_steps": one,
                "penalised_steps": one * penalised,
            }
        )

    def _teach_generator(self, draws: Draws, real: Tensor, fake: Tensor) -> None:
        freeze(self.discriminator, True)
        loss, _ = generator_loss(
            self.objective, real, fake, draws=draws, class_weight=self.whole
        )
        self._descend("g", loss)
        freeze(self.discriminator, False)
        self.totals.add({"g_loss": loss, "g_steps": torch.ones_like(loss)})

    def _descend(self, name: str, loss: Tensor) -> None:
        optimiser = self.optimisers[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def build_generator(
    config: TableConfig, encoder: RowLayout, classes: int
) -> RowGenerator:
    """Build the generator that a config describes, with its seed."""
    with engine.seeded(config.seed):
        return RowGenerator(
            encoder.numbers, encoder.blocks,
            classes=classes, latent=config.latent, features=config.features,
        )  # fmt: skip


def build_discriminator(
    config: TableConfig, encoder: RowLayout, classes: int
) -> PairDiscriminator:
    """Build the discriminator that a config describes, with its seed."""
    with engine.seeded(config.seed + 1):
        return PairDiscriminator(
            encoder.width, pack=config.pack, classes=classes, features=config.features
        )


def _build_objective(
    config: TableConfig, discriminator: PairDiscriminator, conditioner: RowConditioner
) -> Objective:
    loss = find_loss(config.loss)
    names = parse_penalties(config.penalties, config.gamma)
    return Objective(
        discriminator=discriminator,
        loss=loss,
        penalties=tuple(PENALTIES[name] for name in names),
        gamma=config.gamma,
        bound=leave if loss.clip is None else make_clip(loss.clip),
        operations=(),
        p=0.0,
        judged_as=own_class,
        mismatch=0.0,
        pack=config.pack,
        terms=(),
        conditioner=conditioner,
    )


SUMS = ("d_loss", "g_loss", "penalty", "d_steps", "g_steps", "penalised_steps")

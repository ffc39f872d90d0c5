"""Trainer: the state of one training and the step that moves it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from ganaug import engine
from ganaug.config import ResolvedConfig
from ganaug.gan.inputs.conditioners import ConditionSet, count_conditions
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.grouping import group_size
from ganaug.gan.inputs.random_draws import Draws
from ganaug.gan.inputs.value_range import Span, full_span
from ganaug.gan.networks.build import build_discriminator, build_generator
from ganaug.gan.settings.resolve import read_config
from ganaug.gan.step import (
    build_objective,
    discriminator_loss,
    generator_loss,
)
from ganaug.team import ALONE, Team
from ganaug.training.adversaries import (
    are_finite,
    collect_state,
    rate_at,
    restore_state,
)
from ganaug.training.ema import decay_of, start_average, update_average
from ganaug.training.state import State, copy_state
from ganaug.training.totals import Totals

# names of the sums of losses, and of the steps that had them; checkpoints have them in
# this order
SUMS = (
    "d_loss", "penalty", "d_steps", "penalised_steps",
    "g_loss", "diversity_terms", "g_steps",
)  # fmt: skip


class Trainer:
    """Networks, optimisers and counters of one GAN on one device.

    A step is `critic_steps` updates of D, each with its own images and random numbers,
    and one update of G. It depends on the state, the configuration and the number of
    images seen only, so that a restored training continues as if never stopped, on a
    CPU bit for bit.

    Args:
        config: settings of the training.
        images: (n, h, w, c) uint8 at the config's grid, moved to the device once.
        labels: (n,) int64 classes of the images, or numbers of their captions.
        classes: number of classes, 0 to train without conditions; or captions.
        device: device to train on.
        span: grey levels that the networks' -1 and 1 stand for; 0…255 by default.
        team: processes that share each batch; alone by default.

    Attributes:
        seen: real images that D has seen.
        conditioner: object that turns numbers y into the networks' conditions.
        rate_scale: factor on the learning rate, lowered by a rollback.
        totals: sums since `take_means`, see SUMS.
    """

    def __init__(
        self,
        config: ResolvedConfig,
        images: Tensor,
        labels: Tensor,
        classes: ConditionSet,
        device: torch.device,
        span: Span | None = None,
        team: Team = ALONE,
    ) -> None:
        engine.prepare(device)
        self.team = team
        self.config, self.device = config, device
        self.images = images.to(device)
        self.span = (span or full_span(config.channels)).to(device)
        self.generator = build_generator(config, classes).to(device)
        self.discriminator = build_discriminator(config, classes).to(device)
        self.average = start_average(self.generator)
        betas = (config.beta1, config.beta2)
        self.optimisers = {
            "g": engine.make_adam(self.generator, config.lr, betas),
            "d": engine.make_adam(self.discriminator, config.lr, betas),
        }
        conditioning = find_conditioning(config.conditioning)
        self.conditioner = conditioning.conditioner(
            self.images, labels, self.span, classes
        )
        count = count_conditions(classes)
        self.objective = build_objective(
            config, self.discriminator, count, conditioner=self.conditioner
        )
        self.sampler = conditioning.sampler(
            labels.cpu(), config.class_sampling, config.batch, config.latent,
            seed=config.seed, group=group_size(config),
        )  # fmt: skip
        self.seen = 0
        self.rate_scale = 1.0
        self.totals = Totals(SUMS, device)
        self.class_weight = torch.zeros((), device=device)
        self.draws: Draws = self._draw()
        self.captured: dict[tuple[bool, bool], Callable[[], None]] = {}

    @property
    def run_length(self) -> int:
        """Real images that D sees in the whole training."""
        return self.config.images

    @property
    def advice(self) -> str:
        """Settings to try if the training diverges twice."""
        return f"a lower lr or gamma (--set lr={self.config.lr / 4:g})"

    @property
    def images_per_step(self) -> int:
        """Real images that D sees in one `step`."""
        return self.config.batch * self.config.critic_steps

    def step(self) -> None:
        """Train D on `critic_steps` batches, G on the last one; move the average."""
        steps = self.config.critic_steps
        for k in range(steps):
            self._advance(with_generator=k == steps - 1)
        decay = decay_of(self.config.ema, self.seen, self.images_per_step)
        update_average(self.average, self.generator, decay)

    def take_means(self) -> dict[str, float]:
        """Return mean losses and penalty since the last call; waits for the device.

        `d_loss` and `g_loss` are the adversarial losses alone; `diversity_terms` is
        there if the generator has such terms.
        """
        self.team.add(self.totals.tensor)
        sums = self.totals.take()
        d_steps, g_steps = max(sums["d_steps"], 1.0), max(sums["g_steps"], 1.0)
        means = {
            "d_loss": sums["d_loss"] / d_steps,
            "g_loss": sums["g_loss"] / g_steps,
            "penalty": sums["penalty"] / max(sums["penalised_steps"], 1.0),
        }
        if self.objective.terms:
            means["diversity_terms"] = sums["diversity_terms"] / g_steps
        return means

    def is_sound(self) -> bool:
        """Whether the losses since `take_means` and all weights are finite."""
        return are_finite(self)

    def state_dict(self) -> State:
        """Return all that training changes, by flat names, without copying it."""
        return collect_state(self)

    def load_state_dict(self, state: State) -> None:
        """Restore, in place, what `state_dict` gave; see `restore_state`."""
        restore_state(self, state, _read_config(state))
        if not self.team.leads:
            self.totals.tensor.zero_()  # the leader has what was summed before

    def _advance(self, *, with_generator: bool) -> None:
        config = self.config
        self._load_draws(self._draw())
        for optimiser in self.optimisers.values():
            engine.set_rate(optimiser, self.rate_scale * rate_at(config, self.seen))
        self.class_weight.fill_(class_weight_at(config, self.seen))
        steps = self.seen // config.batch
        self._run(steps % config.penalty_every == 0, with_generator)
        self.seen += config.batch

    def _run(self, penalised: bool, with_generator: bool) -> None:
        if self.device.type != "cuda" or self.team.size > 1:
            self._train_networks(penalised, with_generator)
            return
        kind = penalised, with_generator
        if kind not in self.captured:
            self.captured[kind] = self._capture(*kind)
        self.captured[kind]()

    def _capture(self, penalised: bool, with_generator: bool) -> Callable[[], None]:
        # the warm-up steps change the state: restore it afterwards
        before = copy_state(self.state_dict())
        replay = engine.capture(
            lambda: self._train_networks(penalised, with_generator), self.device
        )
        self.load_state_dict(before)
        return replay

    def _train_networks(self, penalised: bool, with_generator: bool) -> None:
        """Update D, and G if requested, with the random numbers in `self.draws`."""
        draws = self.draws
        real = self.span.to_signal(self.images[draws.picked])
        with self._autocast(), torch.set_grad_enabled(with_generator):
            condition = self.conditioner.for_generator(draws.y)
            fake = self.generator(draws.z, self.generator.embed(condition))
        self._teach_discriminator(real, fake.detach(), penalised)
        if with_generator:
            self._teach_generator(real, fake)

    def _teach_discriminator(self, real: Tensor, fake: Tensor, penalised: bool) -> None:
        weight = self.config.penalty_every if penalised else 0.0
        with self._autocast():
            loss, penalty = discriminator_loss(
                self.objective,
                real,
                fake,
                draws=self.draws,
                class_weight=self.class_weight,
                penalty_weight=weight,
            )
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

    def _teach_generator(self, real: Tensor, fake: Tensor) -> None:
        freeze(self.discriminator, True)
        with self._autocast():
            loss, terms = generator_loss(
                self.objective,
                real,
                fake,
                draws=self.draws,
                class_weight=self.class_weight,
            )
        self._descend("g", loss)
        freeze(self.discriminator, False)
        self.totals.add(
            {
                "g_loss": loss - terms,
                "diversity_terms": terms,
                "g_steps": torch.ones_like(loss),
            }
        )

    def _autocast(self) -> AbstractContextManager[object]:
        return engine.autocast(self.device, self.config.precision)

    def _descend(self, name: str, loss: Tensor) -> None:
        optimiser = self.optimisers[name]
        # a captured graph writes gradients to the same memory each time
        optimiser.zero_grad(set_to_none=self.device.type != "cuda")
        loss.backward()  # type: ignore[no-untyped-call]
        self.team.average_gradients(self._networks[name])
        optimiser.step()

    @property
    def _networks(self) -> dict[str, nn.Module]:
        return {"g": self.generator, "d": self.discriminator}

    def _draw(self) -> Draws:
        """Draw the random numbers of this process's part of the next batch."""
        rows = self.team.share(self.config.batch)
        return self.sampler.draw(self.seen).take(rows).to(self.device)

    def _load_draws(self, draws: Draws) -> None:
        if self.device.type != "cuda":
            self.draws = draws
            return
        for mine, new in zip(self.draws, draws, strict=True):
            mine.copy_(new)


def _read_config(state: State) -> dict[str, Any] | None:
    """Return the saved config, with fields that an earlier version did not have."""
    saved = state.get("config")
    return saved and read_config(saved).to_dict()


def class_weight_at(config: ResolvedConfig, seen: int) -> float:
    """Return the class term's weight: it grows from 0 to 1 over `class_ramp`."""
    ramp = config.class_ramp * config.images
    return min(seen / ramp, 1.0) if ramp else 1.0


def freeze(model: nn.Module, frozen: bool) -> None:
    """Switch gradients of the weights off or on: G needs only those of images."""
    for parameter in model.parameters():
        parameter.requires_grad_(not frozen)

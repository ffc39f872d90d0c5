"""Trainer of a style generator: the state of one training, and its step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganaug import engine
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.gan.objective.diffaugment import UNIFORMS, parse_operations
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.training.adversaries import (
    are_finite,
    collect_state,
    rate_at,
    restore_state,
)
from ganaug.training.ema import decay_of, start_average, update_average
from ganaug.training.state import State
from ganaug.training.totals import Totals
from ganaug.translate.adversarial import (
    SUMS,
    autocast,
    follow_pull,
    take_means,
    teach_discriminator,
)
from ganaug.translate.networks.style_discriminator import StyleDiscriminator
from ganaug.translate.networks.style_generator import StyleGenerator
from ganaug.translate.objective.style import (
    content_loss,
    gram_matrix,
    style_loss,
    total_variation,
)
from ganaug.translate.style.features import Look
from ganaug.translate.style.settings import StyleConfig
from ganaug.translate.style.signals import to_signal

JUDGED = 3  # style layers, the first ones, whose means tell D what a style is like


class Draws(NamedTuple):
    """Random numbers of one step; everything else in a step is deterministic.

    Attributes:
        content, style: (n,) rows.
        alpha: (n,) shares of the style that are asked for.
        u: (2n, UNIFORMS) uniform numbers for the augmentation of real and fake images.
    """

    content: Tensor
    style: Tensor
    alpha: Tensor
    u: Tensor


class Targets(NamedTuple):
    """What the losses compare the drawn images with.

    Attributes:
        content: features (n, c', h', w') of the contents.
        grams: Gram matrices to have, by layer.
        shown: (n, code) what the styles show to D.
    """

    content: Tensor
    grams: dict[str, Tensor]
    shown: Tensor


class StyleTrainer:
    """Networks, optimisers and counters of one style generator on one device.

    A step depends on the state, the configuration and the number of images seen only,
    so that a restored training continues as if never stopped, on a CPU bit for bit.

    Args:
        config: settings of the training.
        contents, styles: (n, h, w, c) uint8 at the config's grid.
        look: network whose features the losses see, already levelled.
        device: device to train on.

    Attributes:
        seen: contents that were styled.
        rate_scale: factor on the learning rate, lowered by a rollback.
    """

    def __init__(
        self,
        config: StyleConfig,
        contents: Tensor,
        styles: Tensor,
        look: Look,
        *,
        device: torch.device,
    ) -> None:
        engine.prepare(device)
        self.config, self.device, self.look = config, device, look
        self.contents, self.styles = contents.to(device), styles.to(device)
        self.generator = build_generator(config).to(device)
        code = self._show(self._look_at(to_signal(self.styles[:1]))).shape[1]
        self.discriminator = build_discriminator(config, code).to(device)
        self.average = start_average(self.generator)
        betas = (config.beta1, config.beta2)
        self.optimisers = {
            "g": engine.make_adam(self.generator, config.lr, betas),
            "d": engine.make_adam(self.discriminator, config.lr, betas),
        }
        self.loss = find_loss(config.loss)
        names = parse_penalties(config.penalties, config.gamma)
        self.penalties = tuple(PENALTIES[name] for name in names)
        self.operations = parse_operations(config.augment)
        self.seen, self.rate_scale = 0, 1.0
        self.totals = Totals((*SUMS, "content", "style", "variation"), device)

    @property
    def run_length(self) -> int:
        """Contents that the whole training styles."""
        return self.config.images

    @property
    def images_per_step(self) -> int:
        """Contents that one `step` styles."""
        return self.config.batch

    @property
    def advice(self) -> str:
        """Settings to try if the training diverges twice."""
        return f"a lower lr ({self.config.lr / 4:g})"

    def step(self) -> None:
        """Train both networks on one batch; move the average."""
        config = self.config
        draws = self._draw()
        rate = self.rate_scale * rate_at(config, self.seen)
        for optimiser in self.optimisers.values():
            engine.set_rate(optimiser, rate)
            optimiser.zero_grad(set_to_none=True)
        content = to_signal(self.contents[draws.content])
        style = to_signal(self.styles[draws.style])
        targets = self._aim(content, style, draws.alpha)
        with autocast(self):
            code = self.generator.describe(style)
            fake = self.generator(content, code, draws.alpha).float()
        pull = torch.zeros_like(fake)
        if config.adversarial:
            pull = self._teach_discriminator(style, fake.detach(), draws, targets)
        self._teach_generator(fake, draws, targets, pull)
        self.seen += config.batch
        decay = decay_of(config.ema, self.seen, config.batch)
        update_average(self.average, self.generator, decay)

    def take_means(self) -> dict[str, float]:
        """Return mean losses and penalty since the last call."""
        return take_means(self.totals)

    def is_sound(self) -> bool:
        """Whether the losses since `take_means` and all weights are finite."""
        return are_finite(self)

    def state_dict(self) -> State:
        """Return all that training changes, by flat names, without copying it."""
        return collect_state(self)

    def load_state_dict(self, state: State) -> None:
        """Restore, in place, what `state_dict` gave; see `restore_state`."""
        restore_state(self, state, state.get("config"))

    def _draw(self) -> Draws:
        n, seed = self.config.batch, mix_seed("style", self.config.seed, self.seen)
        random = np.random.default_rng(seed)
        content = random.integers(len(self.contents), size=n)
        style = random.integers(len(self.styles), size=n)
        alpha = np.where(random.random(n) < self.config.whole, 1.0, random.random(n))
        u = random.random((2 * n, UNIFORMS))
        numbers = (content, style, alpha.astype(np.float32), u.astype(np.float32))
        return Draws(*(torch.from_numpy(x).to(self.device) for x in numbers))

    @torch.no_grad()
    def _aim(self, content: Tensor, style: Tensor, alpha: Tensor) -> Targets:
        seen, n = self._look_at(torch.cat([content, style])), len(content)
        grams = {name: gram_matrix(seen[name]) for name in self.look.style_layers}
        share = alpha[:, None, None]
        return Targets(
            seen[self.look.content_layer][:n],
            {k: torch.lerp(gram[:n], gram[n:], share) for k, gram in grams.items()},
            self._show({k: x[n:] for k, x in seen.items()}),
        )

    def _look_at(self, x: Tensor) -> dict[str, Tensor]:
        with autocast(self):
            seen = self.look(x)
        return {name: features.float() for name, features in seen.items()}

    def _show(self, seen: dict[str, Tensor]) -> Tensor:
        layers = self.look.style_layers[:JUDGED]
        return torch.cat([seen[name].mean(dim=(2, 3)) for name in layers], dim=1)

    def _teach_discriminator(
        self, style: Tensor, fake: Tensor, draws: Draws, targets: Targets
    ) -> Tensor:
        shown = torch.cat([targets.shown, targets.shown])
        pull = teach_discriminator(
            self, style, fake, draws.u, lambda x: self.discriminator(x, shown)
        )
        # what asks for a part of the style only need not pass for a real image
        return pull * (draws.alpha == 1)[:, None, None, None]

    def _teach_generator(
        self, fake: Tensor, draws: Draws, targets: Targets, pull: Tensor
    ) -> None:
        config, seen = self.config, self._look_at(fake)
        parts = {
            "content": content_loss(seen[self.look.content_layer], targets.content),
            "style": style_loss(seen, targets.grams),
            "variation": total_variation(fake),
        }
        self.totals.add(parts)
        loss = (
            config.content * parts["content"]
            + config.style * config.strength * parts["style"]
            + config.variation * parts["variation"]
        )
        if config.adversarial:
            u = draws.u[len(fake) :]
            loss = loss + config.adversarial * follow_pull(self, fake, u, pull)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimisers["g"].step()


def build_generator(config: StyleConfig) -> StyleGenerator:
    """Build the generator that a config describes, with its seed."""
    with engine.seeded(config.seed):
        network = StyleGenerator(
            config.channels,
            features=config.features,
            blocks=config.blocks,
            step=config.step,
        )
    return network.to(memory_format=torch.channels_last)


def build_discriminator(config: StyleConfig, code: int) -> StyleDiscriminator:
    """Build the discriminator that a config describes, for codes of that length."""
    with engine.seeded(config.seed + 1):
        network = StyleDiscriminator(
            config.channels, code=code, features=config.features_d
        )
    return network.to(memory_format=torch.channels_last)

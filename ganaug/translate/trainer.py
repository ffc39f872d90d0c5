"""Trainer of a translator: the state of one training and the step that moves it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ganaug import engine
from ganaug.gan.inputs.value_range import Span, full_span
from ganaug.gan.objective.diffaugment import parse_operations
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
from ganaug.translate.inputs.pairs import Draws, Indices, PairSampler
from ganaug.translate.networks.discriminator import DomainDiscriminator
from ganaug.translate.networks.first_guess import FirstGuess
from ganaug.translate.networks.generator import STYLE, DomainGenerator
from ganaug.translate.objective.terms import Pass, Translated, parse_terms
from ganaug.translate.settings import TranslateConfig
from ganaug.translate.start.teaching import teach_first_guess

MEASURED = 4_000  # images from which the generator's first guess is measured


class TranslationTrainer:
    """Networks, optimisers and counters of one translator on one device.

    A step depends on the state, the configuration and the number of images seen only,
    so that a restored training continues as if never stopped, on a CPU bit for bit.

    Args:
        config: settings of the training.
        images: (n, h, w, c) uint8 at the config's grid, moved to the device once.
        labels: (n,) classes, −1 for unlabelled images.
        domains: (n,) domains, −1 for images that are sources only.
        counts: numbers of classes and of domains.
        device: device to train on.
        span: grey levels that the networks' -1 and 1 stand for; 0…255 by default.

    Attributes:
        seen: real images that D has seen.
        rate_scale: factor on the learning rate, lowered by a rollback.
    """

    def __init__(
        self,
        config: TranslateConfig,
        images: Tensor,
        labels: Indices,
        domains: Indices,
        *,
        counts: tuple[int, int],
        device: torch.device,
        span: Span | None = None,
    ) -> None:
        engine.prepare(device)
        self.config, self.device = config, device
        self.images = images.to(device)
        self.domains = torch.from_numpy(domains).to(device)
        self.span = (span or full_span(config.channels)).to(device)
        generator = build_generator(config, counts[1])
        some = np.random.default_rng(config.seed).permutation(len(images))[:MEASURED]
        start = (span or full_span(config.channels)).to_signal(images[some])
        teach_first_guess(
            generator, start, labels[some], domains[some], seed=config.seed
        )
        self.generator = generator.to(device)
        self.discriminator = build_discriminator(config, counts).to(device)
        self.average = start_average(self.generator)
        betas = (config.beta1, config.beta2)
        self.optimisers = {
            "g": engine.make_adam(self.generator, config.lr, betas),
            "d": engine.make_adam(self.discriminator, config.lr, betas),
        }
        self.sampler = PairSampler(
            labels, domains,
            batch=config.batch, latent=config.latent, alone=config.alone,
            seed=config.seed, channels=config.channels,
        )  # fmt: skip
        self.loss, self.terms = find_loss(config.loss), parse_terms(config.terms)
        names = parse_penalties(config.penalties, config.gamma)
        self.penalties = tuple(PENALTIES[name] for name in names)
        self.operations = parse_operations(config.augment)
        self.seen, self.rate_scale = 0, 1.0
        self.totals = Totals((*SUMS, *self.terms), device)

    @property
    def run_length(self) -> int:
        """Real images that D sees in the whole training."""
        return self.config.images

    @property
    def images_per_step(self) -> int:
        """Real images that D sees in one `step`."""
        return self.config.batch

    @property
    def advice(self) -> str:
        """Settings to try if the training diverges twice."""
        return f"a lower lr ({self.config.lr / 4:g})"

    def step(self) -> None:
        """Train both networks on one batch; move the average."""
        draws = self.sampler.draw(self.seen).to(self.device)
        rate = self.rate_scale * rate_at(self.config, self.seen)
        for optimiser in self.optimisers.values():
            engine.set_rate(optimiser, rate)
            optimiser.zero_grad(set_to_none=True)
        real = self._signal(draws.real)
        seen = self._translate(draws, real)
        where = draws.place.twice()
        pull = teach_discriminator(
            self, real, seen.fake.detach(), draws.u,
            lambda x: self.discriminator(x, where),
        )  # fmt: skip
        self._teach_generator(draws, seen, pull)
        self.seen += self.config.batch
        decay = decay_of(self.config.ema, self.seen, self.config.batch)
        update_average(self.average, self.generator, decay)

    def take_means(self) -> dict[str, float]:
        """Return mean losses, terms and penalty since the last call."""
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

    def _signal(self, rows: Tensor) -> Tensor:
        return self.span.to_signal(self.images[rows])

    def _translate(self, draws: Draws, real: Tensor) -> Translated:
        """Carry the sources, and what the terms read; one pass for all but returns.

        With z = 0 the look of an image varies as it did; so these are what a term
        compares with the image itself.
        """
        n, source, z = len(real), self._signal(draws.source), draws.z.clone()
        homes = self.domains[draws.source]
        rows = self._spread((homes >= 0).nonzero().squeeze(1), "return")
        z[rows] = 0
        places = draws.place.domain
        some = self._spread(torch.arange(n, device=self.device), "identity")
        others = self._spread(torch.arange(n, device=self.device), "again")
        with autocast(self):
            made = self.generator(
                torch.cat([source, real[some], source[others]]),
                torch.cat([places, places[some], places[others]]),
                torch.cat([z[:n], torch.zeros_like(z[some]), z[n:][others]]),
            ).float()
        fake, same, again = made.split([n, len(some), len(others)])
        back = fake[:0]
        if len(rows):
            with autocast(self):
                back = self.generator(fake[rows], homes[rows], z[rows]).float()
        return Translated(
            source, fake, own=real[some], same=same, left=source[rows], back=back,
            first=fake[others], again=again, real=real, domain=places,
            filters=draws.filters,
        )  # fmt: skip

    def _spread(self, rows: Tensor, need: Pass) -> Tensor:
        """Return a share of the rows, evenly spread; none where no term reads them."""
        wanted = any(term.needs == need for term in self.terms.values())
        count = math.ceil(self.config.share * len(rows)) if wanted else 0
        places = torch.arange(count, device=rows.device) * len(rows) // max(count, 1)
        return rows[places]

    def _teach_generator(self, draws: Draws, seen: Translated, pull: Tensor) -> None:
        """Update G by the terms and by the pull on the images as D saw them."""
        loss = follow_pull(self, seen.fake, draws.u[len(seen.fake) :], pull)
        for name, term in self.terms.items():
            measured = term.measure(seen)
            self.totals.add({name: measured})
            loss = loss + term.weight * measured
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimisers["g"].step()


def build_generator(config: TranslateConfig, domains: int) -> DomainGenerator:
    """Build the generator that a config describes, with its seed."""
    with engine.seeded(config.seed):
        first = None
        if config.framing or config.light:
            first = FirstGuess(
                config.channels, STYLE, framing=config.framing, light=config.light
            )
        network = DomainGenerator(
            config.channels,
            domains=domains,
            latent=config.latent,
            features=config.features,
            blocks=config.blocks,
            step=config.step,
            first=first,
            position=config.position,
        )
    return network.to(memory_format=torch.channels_last)


def build_discriminator(
    config: TranslateConfig, counts: tuple[int, int]
) -> DomainDiscriminator:
    """Build the discriminator that a config describes, for (classes, domains)."""
    with engine.seeded(config.seed + 1):
        network = DomainDiscriminator(
            config.channels,
            (config.height, config.width),
            classes=counts[0],
            domains=counts[1],
            features=config.features_d,
            local=config.local,
            whole=config.whole,
        )
    return network.to(memory_format=torch.channels_last)

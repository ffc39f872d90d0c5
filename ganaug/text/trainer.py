"""Trainer of the autoencoder: its state, and the step that moves it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from ganaug import engine
from ganaug.errors import CheckpointError
from ganaug.gan.inputs.random_draws import mix_seed
from ganaug.text.autoencoder import Autoencoder, pad_rows, shift_rows
from ganaug.text.settings import TextConfig
from ganaug.text.vocabulary import PAD, UNKNOWN
from ganaug.training.adversaries import rate_at
from ganaug.training.state import State, collect_tensors, restore_tensors
from ganaug.training.totals import Totals

SUMS = ("loss", "steps")


class AutoencoderTrainer:
    """An autoencoder, its optimiser and counters.

    A step depends on the state, the configuration and the number of texts seen only.

    Args:
        config: settings of the training.
        rows: numbers of the tokens of each text.
        tokens: size of the vocabulary.

    Attributes:
        seen: texts read.
        rate_scale: factor on the learning rate, lowered by a rollback.
    """

    def __init__(
        self, config: TextConfig, rows: Sequence[Sequence[int]], tokens: int
    ) -> None:
        self.config, self.rows = config, rows
        self.model = build_autoencoder(config, tokens)
        self.optimiser = engine.make_adam(self.model, config.lr, (0.9, 0.999))
        self.seen, self.rate_scale = 0, 1.0
        self.totals = Totals(SUMS, torch.device("cpu"))

    @property
    def run_length(self) -> int:
        """Texts that the whole training reads."""
        return self.config.images

    @property
    def images_per_step(self) -> int:
        """Texts that one `step` reads."""
        return self.config.batch

    @property
    def advice(self) -> str:
        """Settings to try if the training diverges twice."""
        return f"a lower lr ({self.config.lr / 4:g})"

    def step(self) -> None:
        """Read one batch of damaged texts, and learn to write the whole ones."""
        engine.set_rate(
            self.optimiser, self.rate_scale * rate_at(self.config, self.seen)
        )
        random = torch.Generator().manual_seed(
            mix_seed("texts", self.config.seed, self.seen)
        )
        picked = torch.randint(len(self.rows), (self.config.batch,), generator=random)
        whole = pad_rows([self.rows[k] for k in picked.tolist()])
        loss = self._miss(whole, random)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.totals.add({"loss": loss, "steps": torch.ones(())})
        self.seen += self.config.batch

    def take_means(self) -> dict[str, float]:
        """Return the mean loss, in nats per token, since the last call."""
        sums = self.totals.take()
        return {"loss": sums["loss"] / max(sums["steps"], 1.0)}

    def is_sound(self) -> bool:
        """Whether the losses since `take_means` and all weights are finite."""
        tensors = [self.totals.tensor, *self.model.parameters()]
        return all(bool(t.isfinite().all()) for t in tensors)

    def state_dict(self) -> State:
        """Return all that training changes, by flat names, without copying it."""
        return {
            "config": self.config.to_dict(),
            "seen": self.seen,
            "rate_scale": self.rate_scale,
            "totals": self.totals.tensor,
            **collect_tensors({"model": self.model}, {"model": self.optimiser}),
        }

    def load_state_dict(self, state: State) -> None:
        """Restore, in place, what `state_dict` gave.

        Raises:
            CheckpointError: the state belongs to another configuration.
        """
        if state.get("config") != self.config.to_dict():
            raise CheckpointError(
                "the checkpoint belongs to another configuration than the run's "
                "text.json; restore that file or choose another --out"
            )
        restore_tensors({"model": self.model}, {"model": self.optimiser}, state)
        self.totals.tensor.copy_(state["totals"])
        self.seen = int(state["seen"])
        self.rate_scale = float(state["rate_scale"])

    def _miss(self, whole: Tensor, random: torch.Generator) -> Tensor:
        """Return the mean cross-entropy of whole texts (n, t), read damaged."""
        config = self.config
        latents = self.model.encode(damage(whole, config.blank, config.swap, random))
        noise = torch.randn(latents.shape, generator=random)
        latents = F.normalize(latents + config.blur * noise / config.latent**0.5, dim=1)
        # what the decoder is not told, it must take from the latent
        before = blank_out(shift_rows(whole), config.blank, random)
        logits = self.model(latents, before)
        return F.cross_entropy(logits.flatten(0, 1), whole.flatten(), ignore_index=PAD)


def build_autoencoder(config: TextConfig, tokens: int) -> Autoencoder:
    """Build the autoencoder that a config describes, with its seed."""
    with engine.seeded(config.seed):
        return Autoencoder(tokens, config)


def damage(rows: Tensor, blank: float, swap: float, random: torch.Generator) -> Tensor:
    """Let some neighbouring tokens of rows (n, t) change places, and hide others.

    Padding and the tokens beside it stay.
    """
    order = torch.arange(rows.shape[1]).repeat(len(rows), 1)
    if rows.shape[1] > 2:
        first = torch.rand(len(rows), rows.shape[1] - 1, generator=random) < swap
        first &= rows[:, 1:] > UNKNOWN
        first[:, 1:] &= ~first[:, :-1]
        row, place = first.nonzero(as_tuple=True)
        order[row, place], order[row, place + 1] = place + 1, place
    return blank_out(rows.gather(1, order), blank, random)


def blank_out(rows: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Hide a share of the tokens of rows (n, t); special ones stay."""
    hidden = torch.rand(rows.shape, generator=random) < share
    return torch.where(hidden & (rows > UNKNOWN), UNKNOWN, rows)

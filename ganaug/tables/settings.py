"""TableConfig: everything that decides a training on rows, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ganaug.config import bounded, check_fields
from ganaug.errors import ConfigError
from ganaug.gan.inputs.random_draws import check_frequencies
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import parse_penalties


@dataclass(frozen=True, kw_only=True)
class TableConfig:
    """One training on the rows of a table, described by plain values.

    Attributes:
        latent: size of z, from which a row's change is drawn.
        features: width of both networks' layers.
        neighbours: a real row is paired with one of so many nearest rows of its class.
        borrow: share of the pairs of rare rows, as far as their class falls short of
            the largest one, whose change is that between neighbours of that class.
        class_sampling: frequencies of classes in a batch: `uniform`, `sqrt` or
            `natural`.
        loss: name of an adversarial loss, see `ganaug.gan.objective.losses.LOSSES`.
        penalties: comma-separated gradient penalties of the discriminator.
        gamma: their weight γ; each is multiplied by γ/2.
        penalty_every: steps from one penalty to the next.
        critic_steps: updates of D for each of G.
        pack: rows that D judges together, against repetition (PacGAN).
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        beta1, beta2: Adam's decay rates.
        batch: real rows per step; a multiple of `pack`.
        ema: half-life of the generator's moving average, in rows.
        images: real rows that D sees in the whole training.
        checkpoint_minutes: time from one checkpoint to the next.
        seed: seed of all random numbers.
    """

    latent: int = bounded(16, 1, 1024)
    features: int = bounded(64, 4, 4096)
    neighbours: int = bounded(5, 1, 1000)
    borrow: float = bounded(1.0, 0, 1)
    class_sampling: str = "uniform"
    loss: str = "relativistic"
    penalties: str | None = "r1,r2"
    gamma: float = bounded(2.0, 0, 1e6)
    penalty_every: int = bounded(4, 1)
    critic_steps: int = bounded(1, 1, 100)
    pack: int = bounded(1, 1, 16)
    lr: float = bounded(2e-3, 0, 1, above=True)
    lr_final: float = bounded(2e-4, 0, 1, above=True)
    beta1: float = bounded(0.0, 0, 0.99999)
    beta2: float = bounded(0.9, 0, 0.99999)
    batch: int = bounded(64, 2)
    ema: float = bounded(3_000.0, 0)
    images: int = bounded(24_000, 1)
    checkpoint_minutes: float = bounded(2.0, 0)
    seed: int = bounded(0, 0, 2**62)

    def __post_init__(self) -> None:
        check_fields(self, TableConfig)
        find_loss(self.loss)
        check_frequencies(self.class_sampling)
        parse_penalties(self.penalties, self.gamma)
        if self.batch % self.pack:
            raise ConfigError(
                f"batch={self.batch} is not allowed: it must be a multiple of "
                f"pack={self.pack}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)

    def replace(self, **changes: Any) -> TableConfig:
        """Return a copy with some fields changed, checked again."""
        return TableConfig.from_dict({**self.to_dict(), **changes})

    @staticmethod
    def from_dict(values: dict[str, Any]) -> TableConfig:
        """Read what `to_dict` returned.

        Raises:
            ConfigError: a field is unknown, or has a wrong value.
        """
        known = set(TableConfig.__dataclass_fields__)
        for name in values:
            if name not in known:
                raise ConfigError(
                    f"there is no field {name!r} of a training on tables; the fields "
                    f"are {', '.join(sorted(known))}"
                )
        return TableConfig(**values)


def suit_loss(loss: str) -> TableConfig:
    """Return the settings that suit a loss, such as wgan-gp with its own penalty.

    Example:
        >>> suit_loss("wgan-gp").penalties, suit_loss("wgan-gp").critic_steps
        ('gp', 5)
    """
    usual, found = TableConfig(), find_loss(loss)
    if loss == usual.loss:
        return usual
    return usual.replace(
        loss=loss,
        penalties=",".join(found.penalties) or None,
        gamma=found.gamma,
        penalty_every=found.penalty_every,
        critic_steps=found.critic_steps,
        lr=usual.lr / 2,
        lr_final=usual.lr_final / 2,
        beta1=found.beta1,
        beta2=found.beta2,
    )

"""TextConfig: everything that decides a training on texts, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ganaug.config import bounded, check_fields
from ganaug.errors import ConfigError
from ganaug.tables.settings import TableConfig, suit_loss


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """One training on texts, described by plain values.

    Attributes:
        length: most tokens of a text; what comes later is cut.
        words: most words of the vocabulary; others are spelled.
        embedding: numbers of a token.
        hidden: numbers of the state of each recurrent network.
        latent: numbers of a text.
        blank: share of tokens that the encoder does not see, and the decoder neither.
        swap: share of neighbouring tokens that change places before the encoder.
        blur: standard deviation of the noise on a latent, whose length is 1.
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        batch: texts per step of the autoencoder.
        images: texts that the autoencoder reads in its training.
        loss: adversarial loss of the GAN on latents.
        gan_images: real latents that its discriminator sees.
        checkpoint_minutes: time from one checkpoint to the next.
        seed: seed of all random numbers.
    """

    length: int = bounded(64, 2, 1024)
    words: int = bounded(8_000, 0, 100_000)
    embedding: int = bounded(96, 2, 2048)
    hidden: int = bounded(192, 2, 4096)
    latent: int = bounded(128, 2, 2048)
    blank: float = bounded(0.15, 0, 0.9)
    swap: float = bounded(0.05, 0, 0.5)
    blur: float = bounded(0.1, 0, 10)
    lr: float = bounded(3e-3, 0, 1, above=True)
    lr_final: float = bounded(2e-4, 0, 1, above=True)
    batch: int = bounded(32, 1)
    images: int = bounded(60_000, 1)
    loss: str = "wgan-gp"
    gan_images: int = bounded(192_000, 1)
    checkpoint_minutes: float = bounded(2.0, 0)
    seed: int = bounded(0, 0, 2**62)

    def __post_init__(self) -> None:
        check_fields(self, TextConfig)
        suit_loss(self.loss)

    @property
    def gan(self) -> TableConfig:
        """The settings of the GAN on latents."""
        return suit_loss(self.loss).replace(
            images=self.gan_images,
            features=self.hidden,
            checkpoint_minutes=self.checkpoint_minutes,
            seed=self.seed,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)

    def replace(self, **changes: Any) -> TextConfig:
        """Return a copy with some fields changed, checked again."""
        return TextConfig.from_dict({**self.to_dict(), **changes})

    @staticmethod
    def from_dict(values: dict[str, Any]) -> TextConfig:
        """Read what `to_dict` returned.

        Raises:
            ConfigError: a field is unknown, or has a wrong value.
        """
        known = set(TextConfig.__dataclass_fields__)
        for name in values:
            if name not in known:
                raise ConfigError(
                    f"there is no field {name!r} of a training on texts; the fields "
                    f"are {', '.join(sorted(known))}"
                )
        return TextConfig(**values)

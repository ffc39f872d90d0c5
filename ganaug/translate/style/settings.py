"""StyleConfig: everything that decides the training of a style generator."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ganaug import engine
from ganaug.config import bounded, check_fields, one_of
from ganaug.errors import ConfigError
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.spelling import suggest

KIND = "style"  # marks a config.json and a weight file as a style generator's


@dataclass(frozen=True, kw_only=True)
class StyleConfig:
    """One training of a style generator, described by plain values.

    Attributes:
        height, width, channels: size of the images that it is trained on, and 1 or 3
            channels; it draws images of any size.
        look: network whose features the losses see: random, classifier or vgg19.
        features: feature channels of the generator.
        blocks: residual blocks of its decoder.
        step: pixels along a side that its features join into one.
        features_d: feature channels of the discriminator's first layer.
        content, style, variation: weights of the losses.
        strength: factor of the style's weight.
        adversarial: weight of the adversarial loss.
        whole: share of the draws that ask for the whole style; the others ask for an
            even share of it.
        loss: name of an adversarial loss, see `ganaug.gan.objective.losses.LOSSES`.
        penalties: comma-separated gradient penalties of the discriminator, r1 and r2.
        gamma: weight of the gradient penalties (γ; each is multiplied by γ/2).
        penalty_every: steps from one penalty to the next.
        augment: comma-separated DiffAugment operations.
        augment_p: probability of each operation for one image.
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        beta1, beta2: Adam's decay rates.
        batch: contents per step, and as many styles.
        ema: half-life of the generator's moving average, in images.
        images: images that are styled in the whole training.
        checkpoint_minutes: time from one checkpoint to the next.
        precision: `float32` or `bfloat16` (autocast).
        seed: seed of all random numbers.

    Example:
        >>> StyleConfig(height=64, width=64).replace(batch=8).batch
        8
    """

    height: int = bounded(64, 2, 1024)
    width: int = bounded(64, 2, 1024)
    channels: int = one_of(3, 1, 3)
    look: str = "random"
    features: int = bounded(48, 4, 1024)
    blocks: int = bounded(3, 1, 32)
    step: int = one_of(4, 1, 2, 4)
    features_d: int = bounded(16, 4, 1024)

    content: float = bounded(1.0, 0, 1e6)
    style: float = bounded(500.0, 0, 1e6)
    strength: float = bounded(1.0, 0, 1e6, above=True)
    variation: float = bounded(0.05, 0, 1e6)
    adversarial: float = bounded(0.1, 0, 1e6)
    whole: float = bounded(0.5, 0, 1)
    loss: str = "relativistic"
    penalties: str | None = "r1,r2"
    gamma: float = bounded(1.0, 0, 1e6)
    penalty_every: int = bounded(4, 1)
    augment: str | None = "translation"
    augment_p: float = bounded(0.8, 0, 1)

    lr: float = bounded(1e-3, 0, 1, above=True)
    lr_final: float = bounded(5e-5, 0, 1, above=True)
    beta1: float = bounded(0.5, 0, 0.99999)
    beta2: float = bounded(0.99, 0, 0.99999)
    batch: int = bounded(16, 2)
    ema: float = bounded(4_000.0, 0)

    images: int = bounded(30_000, 1)
    checkpoint_minutes: float = bounded(2.0, 0)
    precision: str = "float32"
    seed: int = bounded(0, 0, 2**62)

    def __post_init__(self) -> None:
        check_fields(self, StyleConfig)
        find_loss(self.loss)
        names = parse_penalties(self.penalties, self.gamma)
        if any(PENALTIES[name].at == "between" for name in names):
            raise ConfigError(
                f"penalties={self.penalties} is not allowed: a style generator takes "
                "them at real and fake images; choose from r1, r2, or none"
            )
        parse_operations(self.augment)
        engine.check_precision(self.precision)
        if self.look not in LOOKS:
            raise ConfigError(
                f"look={self.look} is not allowed{suggest(self.look, LOOKS)}; choose "
                f"from {', '.join(LOOKS)}"
            )

    def replace(self, **changes: Any) -> StyleConfig:
        """Return a copy with some fields changed, checked again."""
        return StyleConfig.from_dict({**self.to_dict(), **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the text of a `config.json`."""
        return json.dumps({"kind": KIND, **self.to_dict()}, indent=2) + "\n"

    @staticmethod
    def from_dict(values: dict[str, Any]) -> StyleConfig:
        """Return the config that `to_dict` made; unknown fields raise ConfigError."""
        known = {own.name for own in fields(StyleConfig)}
        for name in values.keys() - known - {"kind"}:
            raise ConfigError(
                f"there is no field {name!r}{suggest(name, known)}; the fields are "
                f"{', '.join(sorted(known))}"
            )
        return StyleConfig(**{k: v for k, v in values.items() if k != "kind"})


LOOKS = ("random", "classifier", "vgg19")

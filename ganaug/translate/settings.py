"""TranslateConfig: everything that decides a translator's training, as plain values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ganaug import engine
from ganaug.config import bounded, check_fields, one_of
from ganaug.display.words import describe_format
from ganaug.errors import ConfigError
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.spelling import suggest
from ganaug.translate.classical.names import CARRIER_NAMES
from ganaug.translate.objective.terms import parse_terms


@dataclass(frozen=True, kw_only=True)
class TranslateConfig:
    """One training of a translator, described by plain values; `None` means off.

    Attributes:
        height, width, channels: size of the images that it is trained on (its grid),
            and 1, 3 or 4 channels.
        stretch: share of a channel's values cut off at either end before the rest is
            stretched to [-1, 1]; None keeps 0…255.
        latent: size of z, which chooses among the looks that a domain has.
        features: feature channels of the generator.
        blocks: residual blocks of the generator.
        step: pixels along a side that the generator's features join into one.
        position: factor of the coordinates that the generator sees beside the pixels;
            with 0 it cannot tell left from right.
        framing: largest entry by which an affine map of an image may differ from none;
            0 leaves position and size as they are.
        light: largest change of a channel's contrast, as a factor, and of its mean, in
            the generator's first guess.
        features_d: feature channels of the discriminator's first layer.
        local: weight of the discriminator's judgement of small patches, which know
            texture, strokes and light, but no class.
        whole: weight of its judgement of whole images where no class is given.
        alone: share of the draws that are judged by the domain alone. Without them no
            class is carried into a domain in which it has no image.
        terms: comma-separated terms that keep the object, each with an optional weight
            (`identity:1,round-trip:2`), see `ganaug.translate.objective.terms.TERMS`.
        share: share of a batch that takes each further pass which a term reads: into
            its own domain, or back from the target domain.
        loss: name of an adversarial loss, see `ganaug.gan.objective.losses.LOSSES`.
        penalties: comma-separated gradient penalties of the discriminator.
        gamma: weight of the gradient penalties (γ; each is multiplied by γ/2).
        penalty_every: steps from one penalty to the next; its weight is multiplied by
            this number.
        augment: comma-separated DiffAugment operations. Colour and light are what
            domains differ in, so `colour` would hide it from the discriminator.
        augment_p: probability of each operation for one image.
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        beta1, beta2: Adam's decay rates.
        batch: source images per step, and as many real ones.
        ema: half-life of the generator's moving average, in images.
        images: real images that the discriminator sees in the whole run.
        snapshots: number of snapshots in the run, each with a sample grid and figures.
        checkpoint_minutes: time from one checkpoint to the next.
        holdout: share of each class that is held out from the training.
        carrier: a way without a network, a key of
            `ganaug.translate.classical.carriers.CARRIERS`; nothing is trained then, and
            most other fields mean nothing.
        precision: `float32` or `bfloat16` (autocast).
        seed: seed of all random numbers.
    """

    height: int = bounded(32, 4, 1024)
    width: int = bounded(32, 4, 1024)
    channels: int = one_of(3, 1, 3, 4)
    stretch: float | None = bounded(0.001, 0, 0.1)
    latent: int = bounded(16, 1, 1024)
    features: int = bounded(24, 4, 1024)
    blocks: int = bounded(3, 1, 32)
    step: int = one_of(2, 1, 2, 4)
    position: float = bounded(1.0, 0, 100)
    framing: float = bounded(0.5, 0, 1)
    light: float = bounded(3.0, 0, 10)
    features_d: int = bounded(24, 4, 1024)
    local: float = bounded(1.0, 0, 100)
    whole: float = bounded(0.3, 0, 100)
    alone: float = bounded(0.5, 0, 1)

    terms: str | None = "identity:1,round-trip:2"
    share: float = bounded(0.25, 0, 1, above=True)
    loss: str = "relativistic"
    penalties: str | None = "r1,r2"
    gamma: float = bounded(1.0, 0, 1e6)
    penalty_every: int = bounded(4, 1)
    augment: str | None = "translation"
    augment_p: float = bounded(0.8, 0, 1)

    lr: float = bounded(5e-4, 0, 1, above=True)
    lr_final: float = bounded(2.5e-5, 0, 1, above=True)
    beta1: float = bounded(0.0, 0, 0.99999)
    beta2: float = bounded(0.99, 0, 0.99999)
    batch: int = bounded(32, 2)
    ema: float = bounded(10_000.0, 0)

    images: int = bounded(200_000, 1)
    snapshots: int = bounded(5, 0, 1000)
    checkpoint_minutes: float = bounded(2.0, 0)
    holdout: float = bounded(0.0, 0, 0.9)
    precision: str = "float32"
    carrier: str | None = None
    seed: int = bounded(0, 0, 2**62)

    def __post_init__(self) -> None:
        check_fields(self, TranslateConfig)
        find_loss(self.loss)
        names = parse_penalties(self.penalties, self.gamma)
        if any(PENALTIES[name].at == "between" for name in names):
            raise ConfigError(
                f"penalties={self.penalties} is not allowed: a translator takes them "
                "at real and fake images; choose from r1, r2, or none"
            )
        parse_operations(self.augment)
        parse_terms(self.terms)
        engine.check_precision(self.precision)
        if self.carrier is not None and self.carrier not in CARRIER_NAMES:
            hint = suggest(self.carrier, CARRIER_NAMES)
            raise ConfigError(
                f"carrier={self.carrier} is not allowed{hint}; choose from "
                f"{', '.join(CARRIER_NAMES)}, or none to train a network"
            )

    def describe(self) -> str:
        """Return the image format in a few words.

        Example:
            >>> TranslateConfig(height=64).describe()
            'a translator on 64×32 RGB'
        """
        form = describe_format((self.height, self.width), self.channels)
        if self.carrier is not None:
            return f"{self.carrier} on {form}"
        return f"a translator on {form}"

    def replace(self, **changes: Any) -> TranslateConfig:
        """Return a copy with some fields changed, checked again."""
        return TranslateConfig.from_dict({**self.to_dict(), **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the text of a `config.json`."""
        return json.dumps({"kind": KIND, **self.to_dict()}, indent=2) + "\n"

    @staticmethod
    def from_dict(values: dict[str, Any]) -> TranslateConfig:
        """Return the config that `to_dict` made; unknown fields raise ConfigError."""
        known = {own.name for own in fields(TranslateConfig)}
        for name in values.keys() - known - {"kind"}:
            raise ConfigError(
                f"there is no field {name!r}{suggest(name, known)}; the fields are "
                f"{', '.join(sorted(known))}"
            )
        return TranslateConfig(**{k: v for k, v in values.items() if k != "kind"})


KIND = "translator"  # marks a config.json and a weight file as a translator's

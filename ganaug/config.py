"""TrainConfig: everything that decides a training, as plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Protocol, runtime_checkable

from ganaug.errors import ConfigError

Auto = Literal["auto"]
AUTO: Auto = "auto"  # the value that comes with the loss


@runtime_checkable
class Named(Protocol):
    """A record in place of its name; files keep the name alone."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """One training, described by plain values; `None` means off.

    What is `auto` comes with the loss or the conditioning, see
    `ganaug.gan.settings.resolve`. The networks and losses never see the config: a
    builder unpacks it. It is saved as `config.json` in the run and inside every weight
    file.

    Attributes:
        network: name of a network pair, see `ganaug.gan.networks.build.NETWORKS`.
        height, width, channels: the grid on which the GAN works, and 1, 3 or 4.
        stretch: share of a channel's values cut off at either end before the rest is
            stretched to [-1, 1]; None keeps 0…255.
        latent: size of z.
        base_channels: feature channels at the highest resolution; each halving of the
            resolution doubles them, up to `max_channels`; `r3` rounds each up to a
            multiple of 16.
        depth: residual blocks per resolution (`r3` only).
        stem: `strided` keeps `r3`'s features at half resolution and below, which a
            CPU can afford; `full` works at full resolution too.
        norm, norm_d: `batch`, `spectral` or None in `dcgan`'s generator and in its
            discriminator; the generator takes `batch,spectral` too.
        slope, slope_d: of the leaky ReLU below 0 in them; 0 is the plain ReLU.
        conditioning: `class` (one joint network, the class in D by projection),
            `concat` (the same with D's class as label planes beside the image),
            `caption` (one network, the caption in the class's place), `image` (one
            that draws further images of a real one's class), `image-warp` (one that
            bends and lights the real one otherwise), `separate` (one GAN per class)
            or `none`.
        class_ramp: share of the run over which the class term grows from 0 to 1.
        mismatch: weight of real images under a wrong class or caption, or beside a
            source of one, as further fakes: raises agreement with it and lowers the
            variety within it. `auto` comes with the conditioning.
        loss: name of a loss record, see `ganaug.gan.objective.losses.LOSSES`, or a
            record of one's own.
        penalties: comma-separated gradient penalties of the discriminator, see
            `ganaug.gan.objective.penalties.PENALTIES`.
        gamma: weight of the gradient penalties (γ; each is multiplied by γ/2).
        penalty_every: discriminator steps from one penalty to the next; its weight is
            multiplied by this number.
        critic_steps: discriminator steps for one of the generator.
        clip: largest magnitude of the discriminator's weights.
        diversity: comma-separated terms that make fakes of a class differ, each with a
            weight if wanted (`mode-seeking:0.1,entropy`), see
            `ganaug.gan.objective.diversity.TERMS`.
        pack: images of one class that the discriminator judges at once.
        batch_std: inputs of one class over which it sees their standard deviation.
        augment: comma-separated DiffAugment operations, see
            `ganaug.gan.objective.diffaugment`.
        augment_p: probability of each operation for one image; flips have ½.
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        beta1, beta2: Adam's decay rates.
        batch: images per step.
        ema: half-life of the generator's moving average, in images.
        class_sampling: `natural`, `sqrt` or `uniform` frequencies of the classes, or
            captions, in a batch.
        images: real images that the discriminator sees in the whole run, those of
            further critic steps included.
        snapshots: sample grids and quality figures over the run.
        checkpoint_minutes: time from one checkpoint to the next.
        holdout: share of each class that the GAN never sees.
        precision: `float32` or `bfloat16` (autocast).
        seed: of everything random.
    """

    network: str = "r3"
    height: int = 32
    width: int = 32
    channels: int = 3
    stretch: float | None = 0.001
    latent: int = 64
    base_channels: int = 32
    max_channels: int = 256
    depth: int = 1
    stem: str = "strided"
    norm: str | None = None
    norm_d: str | None = None
    slope: float = 0.2
    slope_d: float = 0.2

    conditioning: str = "class"
    class_ramp: float = 0.1
    mismatch: float | Auto = AUTO

    loss: str | Named = "relativistic"
    penalties: str | None = AUTO
    gamma: float | Auto = AUTO
    penalty_every: int | Auto = AUTO
    critic_steps: int | Auto = AUTO
    clip: float | Auto | None = AUTO

    diversity: str | None = None
    pack: int = 1
    batch_std: int | None = None

    augment: str | None = "colour,translation,cutout"
    augment_p: float = 0.8

    lr: float = 5e-4
    lr_final: float = 5e-5
    beta1: float | Auto = AUTO
    beta2: float | Auto = AUTO
    batch: int = 64
    ema: float = 5_000.0
    class_sampling: str = "sqrt"

    images: int = 100_000
    snapshots: int = 8
    checkpoint_minutes: float = 2.0
    holdout: float = 0.15
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        _check_types(self)
        for rule in RULES:
            rule.check(self)
        if self.channels not in CHANNELS:
            raise ConfigError(
                f"channels={self.channels} is not allowed: it must be 1, 3 or 4"
            )

    def replace(self, **changes: Any) -> TrainConfig:
        """A copy with some fields changed, checked again."""
        _refuse_unknown(changes)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a file; a loss of one's own leaves its name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.loss, Named):
            values["loss"] = self.loss.name
        return values

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @staticmethod
    def from_dict(values: dict[str, Any]) -> TrainConfig:
        """The config that `to_dict` made; unknown fields raise ConfigError."""
        _refuse_unknown(values)
        return TrainConfig(**values)


@dataclass(frozen=True)
class Rule:
    """Allowed values of some numeric fields, as a closed or half-open interval."""

    names: str
    low: float
    high: float
    open_low: bool = False

    def check(self, config: TrainConfig) -> None:
        for name in self.names.split():
            value = getattr(config, name)
            if value is None or value == AUTO:
                continue
            above = value > self.low if self.open_low else value >= self.low
            if not (above and value <= self.high):
                bracket = "(" if self.open_low else "["
                raise ConfigError(
                    f"{name}={value} is not allowed: it must lie in "
                    f"{bracket}{self.low:g}, {self.high:g}]"
                )


TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "int | None": (int, type(None)),
    "float": (int, float),
    "float | None": (int, float, type(None)),
    "str": (str,),
    "str | None": (str, type(None)),
    "str | Named": (str, Named),
}
INF = float("inf")
RULES = (
    Rule("height width", 2, 1024),
    Rule("stretch", 0, 0.1),
    Rule("latent", 4, 4096),
    Rule("base_channels max_channels", 4, 4096),
    Rule("depth", 1, 16),
    Rule("slope slope_d class_ramp augment_p", 0, 1),
    Rule("gamma mismatch", 0, 1e6),
    Rule("penalty_every critic_steps pack batch images", 1, INF),
    Rule("clip", 0, INF, open_low=True),
    Rule("batch_std", 2, INF),
    Rule("lr lr_final", 0, 1, open_low=True),
    Rule("beta1 beta2", 0, 0.99999),
    Rule("ema", 0, INF),
    Rule("snapshots", 0, 1000),
    Rule("checkpoint_minutes", 0, INF),
    Rule("holdout", 0, 0.9),
    Rule("seed", 0, 2**62),
)
CHANNELS = (1, 3, 4)

# Sizes of the r3 pair; a plan or `preset` names one. Columns are TrainConfig fields.
PRESETS: dict[str, dict[str, Any]] = {
    "tiny":   {"base_channels": 16, "max_channels": 128, "depth": 1},
    "small":  {"base_channels": 32, "max_channels": 192, "depth": 1},
    "medium": {"base_channels": 48, "max_channels": 384, "depth": 2},
    "large":  {"base_channels": 96, "max_channels": 768, "depth": 2},
}  # fmt: skip


def parse_settings(settings: list[str]) -> dict[str, Any]:
    """Field values from `name=value` words, converted to each field's type.

    Example:
        >>> parse_settings(["gamma=5", "augment=none", "batch=32"])
        {'gamma': 5.0, 'augment': None, 'batch': 32}
    """
    parsed: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ConfigError(f"{setting!r} is not of the form field=value")
        _refuse_unknown({name: text})
        parsed[name] = _convert(name, text)
    return parsed


def _field_types() -> dict[str, str]:
    """Field → its type as written, without the `auto` that it may be as well."""
    types = {field.name: str(field.type) for field in fields(TrainConfig)}
    return {name: kind.replace(" | Auto", "") for name, kind in types.items()}


def _may_be_auto(name: str) -> bool:
    return bool(getattr(TrainConfig, name) == AUTO)


def _refuse_unknown(values: dict[str, Any]) -> None:
    known = _field_types()
    for name in values:
        if name not in known:
            raise ConfigError(
                f"there is no field {name!r}; the fields are {', '.join(known)}"
            )


def _convert(name: str, text: str) -> Any:
    kind = _field_types()[name]
    if _may_be_auto(name) and text.lower() == AUTO:
        return AUTO
    if "None" in kind and text.lower() in ("none", "off", ""):
        return None
    try:
        if kind.startswith("int"):
            return int(text.replace("_", ""))
        return float(text) if kind.startswith("float") else text
    except ValueError:
        article = "a whole number" if kind.startswith("int") else "a number"
        raise ConfigError(
            f"{name}={text} is not allowed: it must be {article}"
        ) from None


def _check_types(config: TrainConfig) -> None:
    for name, kind in _field_types().items():
        value = getattr(config, name)
        if _may_be_auto(name) and value == AUTO:
            continue
        if isinstance(value, bool) or not isinstance(value, TYPES[kind]):
            raise ConfigError(
                f"{name}={value!r} is not allowed: it must be {_say_kind(name)}"
            )


def _say_kind(name: str) -> str:
    kind = _field_types()[name].replace("Named", "Loss")
    return f"{kind} | auto" if _may_be_auto(name) and "str" not in kind else kind

"""TrainConfig: everything that decides a training, as plain values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Protocol,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

from ganaug.display.words import describe_format
from ganaug.errors import ConfigError
from ganaug.scalars import make_plain
from ganaug.spelling import suggest

if TYPE_CHECKING:
    from typing_extensions import Self

Auto = Literal["auto"]
AUTO: Auto = "auto"  # replaced by what suits the loss or the conditioning
INF = float("inf")


@dataclass(frozen=True)
class Bounds:
    """The interval in which a number must lie.

    Attributes:
        low: smallest value.
        high: largest value.
        above: whether values must be above `low`; otherwise `low` itself is allowed.
    """

    low: float
    high: float
    above: bool = False

    def __contains__(self, value: float) -> bool:
        reaches = value > self.low if self.above else value >= self.low
        return reaches and value <= self.high

    def __str__(self) -> str:
        bracket = "(" if self.above else "["
        return f"it must lie in {bracket}{self.low:g}, {self.high:g}]"


@dataclass(frozen=True)
class Choices:
    """The values that a number may have."""

    values: tuple[int, ...]

    def __contains__(self, value: int) -> bool:
        return value in self.values

    def __str__(self) -> str:
        *most, last = map(str, self.values)
        return f"it must be {', '.join(most)} or {last}"


def bounded(
    default: object, low: float, high: float = INF, *, above: bool = False
) -> Any:
    """Make a field for numbers from `low` to `high`; with `above`, more than `low`."""
    return field(default=default, metadata={"allowed": Bounds(low, high, above)})


def one_of(default: int, *values: int) -> Any:
    """Make a field for one of these numbers."""
    return field(default=default, metadata={"allowed": Choices(values)})


@runtime_checkable
class Named(Protocol):
    """A record that may be given instead of a name; files contain only the name."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, kw_only=True, repr=False)
class TrainConfig:
    """One training, described by plain values; `None` means off.

    `auto` is replaced by what suits the loss or the conditioning, see
    `ganaug.gan.settings.resolve`. Networks and losses never see the config: a builder
    unpacks it. It is saved as `config.json` in the run and inside every weight file.

    Attributes:
        network: name of a network pair, see `ganaug.gan.networks.build.NETWORKS`.
        height, width, channels: size of the images that the GAN is trained on (its
            grid), and 1, 3 or 4 channels.
        stretch: share of a channel's values cut off at either end before the rest is
            stretched to [-1, 1]; None keeps 0…255.
        latent: size of z, the noise that images are drawn from.
        base_channels: feature channels at the highest resolution; each halving of the
            resolution doubles them, up to `max_channels`; `r3` rounds each up to a
            multiple of 16.
        depth: residual blocks per resolution (`r3` only).
        stem: `strided` keeps `r3`'s features at half resolution and below, which a
            CPU can afford; `full` works at full resolution too.
        norm, norm_d: `batch`, `spectral` or None in `dcgan`'s generator and in its
            discriminator; the generator takes `batch,spectral` too.
        slope, slope_d: slope of the leaky ReLU below 0 in dcgan's generator and in its
            discriminator; 0 is the plain ReLU.
        conditioning: `class` (one pair of networks; D gets the class by projection),
            `concat` (the same, but D gets the class as label planes beside the image),
            `caption` (captions take the place of classes), `image` (G draws further
            images of the class of a real one), `image-warp` (G bends a real image and
            changes its light), `separate` (one GAN per class) or `none`.
        class_ramp: share of the run over which the class term of D grows from 0 to its
            full weight.
        mismatch: weight of further fakes for D: real images with a wrong class, caption
            or source image. With more of it images match their condition better and
            vary less. `auto` takes the conditioning's value.
        loss: name of a loss, see `ganaug.gan.objective.losses.LOSSES`, or your own
            `Loss`.
        penalties: comma-separated gradient penalties of the discriminator, see
            `ganaug.gan.objective.penalties.PENALTIES`.
        gamma: weight of the gradient penalties (γ; each is multiplied by γ/2).
        penalty_every: discriminator steps from one penalty to the next; its weight is
            multiplied by this number.
        critic_steps: discriminator steps for each generator step.
        clip: largest magnitude of the discriminator's weights; None for no limit.
        diversity: comma-separated terms that make fakes of a class differ, each with an
            optional weight (`mode-seeking:0.1,entropy`), see
            `ganaug.gan.objective.diversity.TERMS`.
        pack: images of one class that the discriminator judges together.
        batch_std: number of inputs of one class whose standard deviation the
            discriminator sees; None for no such feature.
        augment: comma-separated DiffAugment operations, see
            `ganaug.gan.objective.diffaugment`.
        augment_p: probability of each operation for one image; for flips it is ½.
        lr, lr_final: Adam's learning rate at the start and at the end (cosine).
        beta1, beta2: Adam's decay rates.
        batch: images per step.
        ema: half-life of the generator's moving average, in images.
        class_sampling: `natural`, `sqrt` or `uniform` frequencies of the classes, or
            captions, in a batch.
        images: real images that the discriminator sees in the whole run, in all of its
            steps.
        snapshots: number of snapshots in the run, each with a sample grid and figures
            of quality.
        checkpoint_minutes: time from one checkpoint to the next.
        holdout: share of each class that is held out from the GAN.
        precision: `float32` or `bfloat16` (autocast).
        seed: seed of all random numbers.
    """

    network: str = "r3"
    height: int = bounded(32, 2, 1024)
    width: int = bounded(32, 2, 1024)
    channels: int = one_of(3, 1, 3, 4)
    stretch: float | None = bounded(0.001, 0, 0.1)
    latent: int = bounded(64, 4, 4096)
    base_channels: int = bounded(32, 4, 4096)
    max_channels: int = bounded(256, 4, 4096)
    depth: int = bounded(1, 1, 16)
    stem: str = "strided"
    norm: str | None = None
    norm_d: str | None = None
    slope: float = bounded(0.2, 0, 1)
    slope_d: float = bounded(0.2, 0, 1)

    conditioning: str = "class"
    class_ramp: float = bounded(0.1, 0, 1)
    mismatch: float | Auto = bounded(AUTO, 0, 1e6)

    loss: str | Named = "relativistic"
    penalties: str | Auto | None = AUTO
    gamma: float | Auto = bounded(AUTO, 0, 1e6)
    penalty_every: int | Auto = bounded(AUTO, 1)
    critic_steps: int | Auto = bounded(AUTO, 1)
    clip: float | Auto | None = bounded(AUTO, 0, above=True)

    diversity: str | None = None
    pack: int = bounded(1, 1)
    batch_std: int | None = bounded(None, 2)

    augment: str | None = "colour,translation,cutout"
    augment_p: float = bounded(0.8, 0, 1)

    lr: float = bounded(5e-4, 0, 1, above=True)
    lr_final: float = bounded(5e-5, 0, 1, above=True)
    beta1: float | Auto = bounded(AUTO, 0, 0.99999)
    beta2: float | Auto = bounded(AUTO, 0, 0.99999)
    batch: int = bounded(64, 1)
    ema: float = bounded(5_000.0, 0)
    class_sampling: str = "sqrt"

    images: int = bounded(100_000, 1)
    snapshots: int = bounded(8, 0, 1000)
    checkpoint_minutes: float = bounded(2.0, 0)
    holdout: float = bounded(0.15, 0, 0.9)
    precision: str = "float32"
    seed: int = bounded(0, 0, 2**62)

    def __post_init__(self) -> None:
        check_fields(self, TrainConfig)

    def __repr__(self) -> str:
        own = [f for f in fields(self) if getattr(self, f.name) != f.default]
        values = [f"{f.name}={getattr(self, f.name)!r}" for f in own]
        return f"{type(self).__name__}({', '.join(values)})"

    def describe(self) -> str:
        """Return network, conditioning and image format in a few words.

        Example:
            >>> TrainConfig(height=64).describe()
            'r3 (class) on 64×32 RGB'
        """
        form = describe_format((self.height, self.width), self.channels)
        return f"{self.network} ({self.conditioning}) on {form}"

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked again."""
        _refuse_unknown(changes, _list_hints(TrainConfig))
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a file; a loss of your own leaves only its name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.loss, Named):
            values["loss"] = self.loss.name
        return values

    def to_json(self) -> str:
        """Return the text of a `config.json`."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @staticmethod
    def from_dict(values: dict[str, Any]) -> TrainConfig:
        """Return the config that `to_dict` made; unknown fields raise ConfigError."""
        _refuse_unknown(values, _list_hints(TrainConfig))
        return TrainConfig(**values)


@dataclass(frozen=True, kw_only=True, repr=False)
class ResolvedConfig(TrainConfig):
    """A TrainConfig without `auto`: every value is known.

    `ganaug.gan.settings.resolve` makes it; trainers, steps and runs accept no other.
    """

    mismatch: float
    penalties: str | None
    gamma: float
    penalty_every: int
    critic_steps: int
    clip: float | None
    beta1: float
    beta2: float


def check_fields(config: Any, declared: type) -> None:
    """Check type and bounds of each field of a config, and make its numbers plain.

    Args:
        config: config; its own class says the types.
        declared: class that says the bounds, where a subclass only narrows types.

    Raises:
        ConfigError: a field has another type, or lies outside its bounds.
    """
    hints = get_type_hints(type(config))
    for own in fields(declared):
        make_plain(config, own.name)
        value = getattr(config, own.name)
        _check_type(own.name, value, hints[own.name])
        _check_value(own.name, value, own.metadata.get("allowed"))


# sizes of the r3 pair that a plan chooses from; the keys are fields of TrainConfig
PRESETS: dict[str, dict[str, Any]] = {
    "tiny":   {"base_channels": 16, "max_channels": 128, "depth": 1},
    "small":  {"base_channels": 32, "max_channels": 192, "depth": 1},
    "medium": {"base_channels": 48, "max_channels": 384, "depth": 2},
    "large":  {"base_channels": 96, "max_channels": 768, "depth": 2},
}  # fmt: skip


def parse_settings(settings: Sequence[str], kind: type | None = None) -> dict[str, Any]:
    """Read field values from `name=value` words, each converted to its field's type.

    Args:
        settings: the words.
        kind: config that has the fields, `TrainConfig` by default.

    Example:
        >>> parse_settings(["gamma=5", "augment=none", "batch=32"])
        {'gamma': 5.0, 'augment': None, 'batch': 32}
    """
    parsed: dict[str, Any] = {}
    hints = _list_hints(kind or TrainConfig)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ConfigError(f"{setting!r} is not of the form field=value")
        _refuse_unknown({name: text}, hints)
        parsed[name] = _convert(name, text, hints[name])
    return parsed


def _list_hints(kind: Any) -> dict[str, Any]:
    """Return the type of each field, in the fields' order."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _list_types(hint: Any) -> tuple[Any, ...]:
    """Return the types that a field may have, without the word `auto`."""
    parts = get_args(hint) or (hint,)
    return tuple(part for part in parts if get_origin(part) is not Literal)


def _may_be_auto(hint: Any) -> bool:
    return any(get_origin(part) is Literal for part in get_args(hint))


def _refuse_unknown(values: dict[str, Any], known: dict[str, Any]) -> None:
    for name in values:
        if name not in known:
            raise ConfigError(
                f"there is no field {name!r}{suggest(name, known)}; the fields are "
                f"{', '.join(known)}"
            )


def _convert(name: str, text: str, hint: Any) -> Any:
    types = _list_types(hint)
    if _may_be_auto(hint) and text.lower() == AUTO:
        return AUTO
    if NoneType in types and text.lower() in ("none", "off", ""):
        return None
    try:
        if int in types:
            return int(text.replace("_", ""))
        return float(text) if float in types else text
    except ValueError:
        article = "a whole number" if int in types else "a number"
        raise ConfigError(
            f"{name}={text} is not allowed: it must be {article}"
        ) from None


def _check_type(name: str, value: object, hint: Any) -> None:
    if _may_be_auto(hint) and value == AUTO:
        return
    types = _list_types(hint)
    # a whole number is a number too, and Python calls True one
    known = (*types, int) if float in types else types
    if isinstance(value, bool) or not isinstance(value, known):
        raise ConfigError(f"{name}={value!r} is not allowed: it must be {_say(hint)}")


def _check_value(name: str, value: Any, allowed: Bounds | Choices | None) -> None:
    if allowed is None or value is None or value == AUTO:
        return
    if value not in allowed:
        raise ConfigError(f"{name}={value} is not allowed: {allowed}")


def _say(hint: Any) -> str:
    """Return the types of a field, as in `float | None | auto`."""
    words = {NoneType: "None", Named: "Loss"}
    names = [words.get(kind, kind.__name__) for kind in _list_types(hint)]
    return " | ".join([*names, AUTO] if _may_be_auto(hint) else names)

"""Settings without effect: what another one leaves nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ganaug.config import ResolvedConfig
from ganaug.errors import ConfigError
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.penalties import parse_penalties


@dataclass(frozen=True)
class Idle:
    """Fields that do nothing under a condition.

    Attributes:
        fields: their names, separated by spaces.
        when: whether that is so, by the config.
        cause: the setting that makes it so, a format string over the config's fields.
        instead: what to do about it.
    """

    fields: str
    when: Callable[[ResolvedConfig], bool]
    cause: str
    instead: str


FLIPS = {"hflip", "vflip"}
IDLE = (
    Idle(
        "depth stem max_channels",
        lambda c: c.network != "r3",
        "network={network}",
        "set network=r3",
    ),
    Idle(
        "augment_p",
        lambda c: c.augment is None,
        "augment=none",
        "set augment=colour,translation,cutout",
    ),
    Idle(
        "augment_p",
        lambda c: set(parse_operations(c.augment)) in ({"hflip"}, {"vflip"}, FLIPS),
        "augment={augment}",
        "set augment=colour,translation,cutout",
    ),
    Idle(
        "penalty_every",
        lambda c: not parse_penalties(c.penalties, c.gamma),
        "penalties={penalties}, gamma={gamma:g}",
        "set penalties=r1,r2 and a gamma above 0",
    ),
    Idle(
        "class_ramp class_sampling",
        lambda c: not find_conditioning(c.conditioning).conditioned,
        "conditioning={conditioning}",
        "set conditioning=class",
    ),
)


def find_idle(config: ResolvedConfig) -> dict[str, str]:
    """Find each field that does nothing, and the setting that makes it so.

    Args:
        config: of a training.

    Example:
        >>> from ganaug.config import TrainConfig
        >>> from ganaug.gan.settings.resolve import resolve_config
        >>> find_idle(resolve_config(TrainConfig(augment=None)))
        {'augment_p': 'augment=none'}
    """
    return {name: cause for name, (cause, _) in _find(config).items()}


def refuse_idle(config: ResolvedConfig, asked: Iterable[str]) -> None:
    """Raise ConfigError for the first asked field that does nothing."""
    found = _find(config)
    for name in asked:
        if name in found:
            cause, instead = found[name]
            raise ConfigError(
                f"{name}={getattr(config, name)} has no effect with {cause}; omit it "
                f"or {instead}"
            )


def _find(config: ResolvedConfig) -> dict[str, tuple[str, str]]:
    values = config.to_dict()
    return {
        name: (idle.cause.format(**values), idle.instead)
        for idle in IDLE
        if idle.when(config)
        for name in idle.fields.split()
    }

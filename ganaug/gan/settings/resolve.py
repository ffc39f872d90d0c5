"""Resolving a config: values for `auto`, from the loss or the conditioning."""

from __future__ import annotations

from typing import Any

from ganaug import engine
from ganaug.config import AUTO, ResolvedConfig, TrainConfig
from ganaug.gan.field_names import parse_names
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.random_draws import check_frequencies
from ganaug.gan.networks.build import check_network
from ganaug.gan.networks.dcgan import NORMS, check_size
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.losses import Loss, find_loss
from ganaug.gan.settings.checks import refuse_conflicts

AUTO_FROM_LOSS = (
    "penalties", "gamma", "penalty_every", "critic_steps", "clip", "beta1", "beta2",
)  # fmt: skip


def resolve_config(config: TrainConfig) -> ResolvedConfig:
    """Replace `auto` by values, and refuse settings that cannot be combined.

    Raises:
        ConfigError: settings cannot be combined, or a name is unknown.

    Example:
        >>> config = resolve_config(TrainConfig(loss="wgan-gp"))
        >>> config.penalties, config.critic_steps, config.beta2
        ('gp', 5, 0.9)
    """
    resolved = read_config(config.to_dict() | {"loss": config.loss})
    _refuse_unknown_names(resolved)
    refuse_conflicts(resolved)
    return resolved


def read_config(values: dict[str, Any]) -> ResolvedConfig:
    """Read a config from a file's values, without looking for conflicts.

    Args:
        values: what `to_dict` made. Fields that a file of an earlier version lacks get
            their default values; the name of the user's own loss may be unknown.

    Raises:
        ConfigError: a field is unknown, or its value is not allowed.

    Example:
        >>> read_config({"height": 8, "loss": "hinge"}).beta2
        0.9
    """
    config = TrainConfig.from_dict(values)
    found = config.to_dict() | {"loss": config.loss}
    if config.mismatch == AUTO:
        found["mismatch"] = find_conditioning(config.conditioning).mismatch
    missing = [name for name in AUTO_FROM_LOSS if found[name] == AUTO]
    if missing:
        loss = find_loss(config.loss)
        found |= {name: _value_of(loss, name) for name in missing}
    if "gamma" in missing and found["penalties"] is None:
        found["gamma"] = 0.0
    return ResolvedConfig(**found)


def _value_of(loss: Loss, name: str) -> object:
    value = getattr(loss, name)
    return ",".join(value) or None if name == "penalties" else value


def _refuse_unknown_names(config: ResolvedConfig) -> None:
    """Raise ConfigError now for names that would only be refused later."""
    network = check_network(config.network)
    parse_operations(config.augment)
    check_frequencies(config.class_sampling)
    engine.check_precision(config.precision)
    parse_names("norm", config.norm, NORMS)
    parse_names("norm_d", config.norm_d, NORMS)
    if network == "dcgan":
        check_size((config.height, config.width))

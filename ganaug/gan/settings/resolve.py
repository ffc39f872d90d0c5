"""A config with every value decided: what is `auto` comes with loss or condition."""

from __future__ import annotations

from ganaug import engine
from ganaug.config import AUTO, TrainConfig
from ganaug.gan.inputs.conditions import find_condition
from ganaug.gan.inputs.sampling import check_frequencies
from ganaug.gan.networks.build import check_network
from ganaug.gan.networks.dcgan import NORMS, check_size
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.losses import Loss, find_loss
from ganaug.gan.settings.conflicts import refuse_conflicts
from ganaug.gan.settings.field_names import parse_names

FIELDS = (
    "penalties", "gamma", "penalty_every", "critic_steps", "clip", "beta1", "beta2",
)  # fmt: skip


def settle(config: TrainConfig) -> TrainConfig:
    """The config as it will be trained: filled in, and free of conflicts.

    Raises:
        ConfigError: settings that cannot go together, or an unknown name.

    Example:
        >>> config = settle(TrainConfig(loss="wgan-gp"))
        >>> config.penalties, config.critic_steps, config.beta2
        ('gp', 5, 0.9)
    """
    config = fill_in(config)
    _refuse_unknown(config)
    refuse_conflicts(config)
    return config


def _refuse_unknown(config: TrainConfig) -> None:
    """Raise ConfigError for a name that whatever reads it would refuse later."""
    network = check_network(config.network)
    parse_operations(config.augment)
    check_frequencies(config.class_sampling)
    engine.check_precision(config.precision)
    parse_names("norm", config.norm, NORMS)
    parse_names("norm_d", config.norm_d, NORMS)
    if network == "dcgan":
        check_size((config.height, config.width))


def fill_in(config: TrainConfig) -> TrainConfig:
    """Replace each `auto` by the value that comes with the loss or the condition."""
    condition = find_condition(config.conditioning)
    if config.mismatch == AUTO:
        config = config.replace(mismatch=condition.mismatch)
    missing = [name for name in FIELDS if getattr(config, name) == AUTO]
    if not missing:
        return config
    loss = find_loss(config.loss)
    filled = config.replace(**{name: _value_of(loss, name) for name in missing})
    if "gamma" in missing and filled.penalties is None:
        return filled.replace(gamma=0.0)
    return filled


def _value_of(loss: Loss, name: str) -> object:
    value = getattr(loss, name)
    return ",".join(value) or None if name == "penalties" else value

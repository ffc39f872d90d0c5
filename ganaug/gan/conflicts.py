"""Settings that cannot go together, each refused in one line."""

from __future__ import annotations

from collections.abc import Callable

from ganaug.config import TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.losses import find_loss
from ganaug.gan.penalties import PENALTIES, parse_penalties

Conflict = Callable[[TrainConfig], str | None]


def refuse_conflicts(config: TrainConfig) -> None:
    """Raise ConfigError for the first conflict in `CONFLICTS`.

    Args:
        config: filled in, see `ganaug.gan.settling.fill_in`.
    """
    for find in CONFLICTS:
        message = find(config)
        if message is not None:
            raise ConfigError(message)


def _clip_and_penalty(config: TrainConfig) -> str | None:
    if config.clip is None or not _penalties(config):
        return None
    return (
        f"clip={config.clip} and penalties={config.penalties} are not allowed "
        "together: both bound D's slope; set clip=none or penalties=none"
    )


def _two_slopes(config: TrainConfig) -> str | None:
    names = _penalties(config)
    if len({PENALTIES[name].slope for name in names}) < 2:
        return None
    return (
        f"penalties={config.penalties} are not allowed together: gp pulls D's slope "
        "to 1, r1 and r2 pull it to 0; keep one kind"
    )


def _no_bound(config: TrainConfig) -> str | None:
    loss = find_loss(config.loss)
    bounded = config.clip is not None or bool(_penalties(config))
    if bounded or not loss.unbounded:
        return None
    return (
        f"loss={loss.name} needs a bound on D's slope; set clip=0.01, or penalties=gp "
        "with gamma above 0"
    )


def _penalties(config: TrainConfig) -> tuple[str, ...]:
    return parse_penalties(config.penalties, float(config.gamma))


CONFLICTS: tuple[Conflict, ...] = (_clip_and_penalty, _two_slopes, _no_bound)

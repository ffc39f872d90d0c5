"""Remedies: settings that help against a fault, without those that a run has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganaug.config import TrainConfig
from ganaug.gan.settings.length import RunLength

FLAT_PENALTIES = ("r1", "r2")
STRONGER = 4  # factor for γ
MOST_GAMMA = 50.0


@dataclass(frozen=True)
class Remedy:
    """One way to treat a fault.

    Attributes:
        what: what it does, in words.
        change: options that do it, given a configuration; None where it is done.
    """

    what: str
    change: Callable[[TrainConfig], str | None]


def list_remedies(fault: str, config: TrainConfig) -> list[str]:
    """List what helps against a fault and is not yet set, as words and options.

    Example:
        >>> config = TrainConfig(penalties="r1,r2", gamma=1.0, batch_std=4)
        >>> list_remedies("collapse", config)
        ['bound the discriminator more (--set gamma=4)']
    """
    found = ((r.what, r.change(config)) for r in REMEDIES[fault])
    return [f"{what} ({change})" for what, change in found if change is not None]


def advise(fault: str, config: TrainConfig, length: RunLength | None = None) -> str:
    """Say in one clause what to do about a fault of a training.

    The budget comes first where it is far below the default, and more of it can help.
    """
    remedies = list_remedies(fault, config)
    if length is not None and length.far_below and fault in CURED_BY_TIME:
        remedies.insert(
            0, f"train longer (--budget {length.advised:g}m; {length.say()})"
        )
    if not remedies:
        return LAST_RESORTS[fault]
    return "in a new run (--out), " + ", or ".join(remedies[:2])


def _set_penalties(config: TrainConfig) -> str | None:
    return None if config.penalties else "--set penalties=r1,r2"


def _raise_gamma(config: TrainConfig) -> str | None:
    names = str(config.penalties or "").split(",")
    known = isinstance(config.gamma, int | float) and 0 < config.gamma < MOST_GAMMA
    if not known or not set(names) & set(FLAT_PENALTIES):
        return None
    return f"--set gamma={STRONGER * float(config.gamma):g}"


def _show_group(config: TrainConfig) -> str | None:
    return (
        "--set batch_std=4" if config.batch_std is None and config.pack == 1 else None
    )


def _change_loss(config: TrainConfig) -> str | None:
    return "--set loss=bce-ns" if config.loss == "bce" else None


def _step_less(config: TrainConfig) -> str | None:
    steps = config.critic_steps
    several = isinstance(steps, int) and steps > 1
    return "--set critic_steps=1" if several else None


def _augment_always(config: TrainConfig) -> str | None:
    if not config.augment:
        return "--set augment=colour,translation,cutout"
    return "--set augment_p=1" if config.augment_p < 1 else None


def _shrink(config: TrainConfig) -> str | None:
    half = config.base_channels // 2
    return f"--set base_channels={half}" if half >= 16 else None


REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "collapse": (
        Remedy("bound the discriminator", _set_penalties),
        Remedy("show the discriminator how images of a class differ", _show_group),
        Remedy("bound the discriminator more", _raise_gamma),
    ),
    "vanishing": (
        Remedy("use a loss that does not fade", _change_loss),
        Remedy("train the discriminator less often", _step_less),
        Remedy("bound the discriminator", _set_penalties),
        Remedy("bound the discriminator more", _raise_gamma),
    ),
    "overfitting": (
        Remedy("use more augmentation", _augment_always),
        Remedy("use a smaller network", _shrink),
    ),
}
CURED_BY_TIME = ("collapse",)
LAST_RESORTS = {
    "collapse": "add real images, or draw fewer synthetic ones",
    "vanishing": "train with the plan's own settings (no --set, no --config)",
    "overfitting": "add images, or make the run shorter (--budget)",
}

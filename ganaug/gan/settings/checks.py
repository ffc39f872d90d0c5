"""Checks of settings: those that cannot be combined, and those without effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ganaug.config import ResolvedConfig, TrainConfig
from ganaug.errors import ConfigError
from ganaug.gan.field_names import parse_names
from ganaug.gan.inputs.conditions import find_conditioning
from ganaug.gan.inputs.grouping import group_size
from ganaug.gan.networks.dcgan import NORMS
from ganaug.gan.objective.diffaugment import parse_operations
from ganaug.gan.objective.diversity import parse_terms
from ganaug.gan.objective.losses import find_loss
from ganaug.gan.objective.penalties import PENALTIES, parse_penalties
from ganaug.spelling import suggest

STEMS = ("strided", "full")  # values of `stem` for network=r3

# config → what is wrong with it and what to do, or None where nothing is
Conflict = Callable[[ResolvedConfig], str | None]


def refuse_conflicts(config: ResolvedConfig) -> None:
    """Raise ConfigError for the first conflict in `CONFLICTS`."""
    for find in CONFLICTS:
        message = find(config)
        if message is not None:
            raise ConfigError(message)


def find_ineffective(config: ResolvedConfig) -> dict[str, str]:
    """Find each field that does nothing, and the setting that is the reason.

    Example:
        >>> from ganaug.config import TrainConfig
        >>> from ganaug.gan.settings.resolve import resolve_config
        >>> find_ineffective(resolve_config(TrainConfig(augment=None)))
        {'augment_p': 'augment=none'}
    """
    return {name: cause for name, (cause, _) in _explain(config).items()}


def refuse_ineffective(config: ResolvedConfig, requested: Iterable[str]) -> None:
    """Raise ConfigError for the first requested field that does nothing."""
    found = _explain(config)
    for name in requested:
        if name in found:
            cause, instead = found[name]
            raise ConfigError(
                f"{name}={getattr(config, name)} has no effect with {cause}; omit it "
                f"or {instead}"
            )


def _clip_and_penalty(config: ResolvedConfig) -> str | None:
    if config.clip is None or not _penalties(config):
        return None
    return (
        f"clip={config.clip} and penalties={config.penalties} are not allowed "
        "together: both limit D's slope; set clip=none or penalties=none"
    )


def _weight_of_none(config: ResolvedConfig) -> str | None:
    if config.penalties is not None or not config.gamma:
        return None
    return (
        f"gamma={config.gamma} has no effect with penalties=none; omit it or "
        "name the penalties, as in penalties=r1,r2"
    )


def _two_slopes(config: ResolvedConfig) -> str | None:
    names = _penalties(config)
    if len({PENALTIES[name].slope for name in names}) < 2:
        return None
    return (
        f"penalties={config.penalties} are not allowed together: gp pulls D's slope "
        "to 1, r1 and r2 pull it to 0; keep one kind"
    )


def _no_bound(config: ResolvedConfig) -> str | None:
    loss = find_loss(config.loss)
    bounds = config.clip, _penalties(config), "spectral" in _norms_d(config)
    if any(bounds) or not loss.unbounded:
        return None
    return (
        f"loss={loss.name} needs a bound on D's slope; set clip=0.01, norm_d=spectral, "
        "or penalties=gp with gamma above 0"
    )


def _batch_norm_and_penalty(config: ResolvedConfig) -> str | None:
    if "batch" not in _norms_d(config) or not _penalties(config):
        return None
    return (
        f"norm_d={config.norm_d} and penalties={config.penalties} are not allowed "
        "together: a penalty needs each logit to depend on its own image; set "
        "norm_d=spectral or none, or penalties=none"
    )


def _two_norms(config: ResolvedConfig) -> str | None:
    if len(_norms_d(config)) < 2:
        return None
    return (
        f"norm_d={config.norm_d} is not allowed: batch norm undoes spectral norm in D; "
        "keep one of them"
    )


def _clip_and_spectral(config: ResolvedConfig) -> str | None:
    if config.clip is None or "spectral" not in _norms_d(config):
        return None
    return (
        f"clip={config.clip} and norm_d={config.norm_d} are not allowed together: "
        "spectral norm undoes the clipping; set clip=none or norm_d=none"
    )


def _other_network(config: ResolvedConfig) -> str | None:
    fields = ("norm", "norm_d", "slope", "slope_d")
    usual = TrainConfig()
    changed = [n for n in fields if getattr(config, n) != getattr(usual, n)]
    if config.network != "r3" or not changed:
        return None
    return (
        f"{changed[0]}={getattr(config, changed[0])} is not for network=r3, which does "
        "not have this setting; omit it or set network=dcgan"
    )


def _spectral_source(config: ResolvedConfig) -> str | None:
    sources = find_conditioning(config.conditioning).sources
    if not sources or "spectral" not in (config.norm or ""):
        return None
    return (
        f"norm={config.norm} is not for conditioning={config.conditioning}: the layers "
        "that read the source image have no spectral norm; set norm=batch or none"
    )


def _unknown_stem(config: ResolvedConfig) -> str | None:
    if config.stem in STEMS:
        return None
    hint = suggest(config.stem, STEMS)
    return f"stem={config.stem}{hint} is not allowed; choose {' or '.join(STEMS)}"


def _no_mismatch(config: ResolvedConfig) -> str | None:
    if not config.mismatch or find_conditioning(config.conditioning).conditioned:
        return None
    return (
        f"mismatch={config.mismatch} is not for conditioning={config.conditioning}: "
        "its networks get no class or caption that could be wrong; omit it"
    )


def _large_pack(config: ResolvedConfig) -> str | None:
    if config.pack <= config.batch:
        return None
    return (
        f"pack={config.pack} is not allowed with batch={config.batch}: a pack is part "
        f"of the batch; set pack to at most {config.batch}, or a larger batch"
    )


def _unfit_packs(config: ResolvedConfig) -> str | None:
    grouped = config.pack > 1 or config.batch_std is not None
    if find_conditioning(config.conditioning).packs or not grouped:
        return None
    name = "pack" if config.pack > 1 else "batch_std"
    return (
        f"{name}={getattr(config, name)} is not for conditioning={config.conditioning}"
        ": it compares images with the same condition, but many conditions have a "
        "single image; omit it"
    )


def _uneven_groups(config: ResolvedConfig) -> str | None:
    parse_terms(config.diversity)
    group = group_size(config)
    if config.batch % group == 0:
        return None
    values = {n: getattr(config, n) for n in ("pack", "batch_std", "diversity")}
    given = [f"{n}={value}" for n, value in values.items() if value not in (None, 1)]
    return (
        f"batch={config.batch} is not allowed with {', '.join(given)}: it must be a "
        f"multiple of {group}; set batch={-(-config.batch // group) * group}"
    )


def _penalties(config: ResolvedConfig) -> tuple[str, ...]:
    return parse_penalties(config.penalties, config.gamma)


def _norms_d(config: ResolvedConfig) -> tuple[str, ...]:
    return parse_names("norm_d", config.norm_d, NORMS)


CONFLICTS: tuple[Conflict, ...] = (
    _clip_and_penalty,
    _weight_of_none,
    _two_slopes,
    _no_bound,
    _batch_norm_and_penalty,
    _two_norms,
    _clip_and_spectral,
    _other_network,
    _spectral_source,
    _unknown_stem,
    _no_mismatch,
    _large_pack,
    _unfit_packs,
    _uneven_groups,
)


@dataclass(frozen=True)
class Ineffective:
    """Fields that do nothing under a condition.

    Attributes:
        fields: names of the fields, separated by spaces.
        when: whether they do nothing in a config.
        cause: the setting that is the reason, a format string over the config's fields.
        instead: what the user can do about it.
    """

    fields: str
    when: Callable[[ResolvedConfig], bool]
    cause: str
    instead: str


def _explain(config: ResolvedConfig) -> dict[str, tuple[str, str]]:
    """Return the cause, and what to do instead, for each field that does nothing."""
    values = config.to_dict()
    return {
        name: (row.cause.format(**values), row.instead)
        for row in INEFFECTIVE
        if row.when(config)
        for name in row.fields.split()
    }


FLIPS = {"hflip", "vflip"}
INEFFECTIVE = (
    Ineffective(
        "depth stem max_channels",
        lambda c: c.network != "r3",
        "network={network}",
        "set network=r3",
    ),
    Ineffective(
        "augment_p",
        lambda c: c.augment is None,
        "augment=none",
        "set augment=colour,translation,cutout",
    ),
    Ineffective(
        "augment_p",
        lambda c: set(parse_operations(c.augment)) in ({"hflip"}, {"vflip"}, FLIPS),
        "augment={augment}",
        "set augment=colour,translation,cutout",
    ),
    Ineffective(
        "penalty_every",
        lambda c: not parse_penalties(c.penalties, c.gamma),
        "penalties={penalties}, gamma={gamma:g}",
        "set penalties=r1,r2 and a gamma above 0",
    ),
    Ineffective(
        "class_ramp class_sampling",
        lambda c: not find_conditioning(c.conditioning).conditioned,
        "conditioning={conditioning}",
        "set conditioning=class",
    ),
)

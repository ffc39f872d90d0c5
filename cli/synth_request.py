"""Options of `ganaug synth`: checked, and turned into what the library takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ganaug.data.recorded.rules import Rules

# files by which to recognise a generator's folder, a store and an unfinished run
GENERATOR_FILES = (
    ("generator.safetensors",), ("meta.json", "manifest.csv"),
    ("config.json", "fingerprint.json"),
)  # fmt: skip


def read_filters(
    text: str | None, labels: str, known: tuple[str, ...] | None = None
) -> tuple[tuple[str, ...] | Literal["auto"], Literal["hard", "soft"]]:
    """Read --filters and --labels; filters are `auto` where none are named.

    Args:
        text, labels: values of the options.
        known: names of the filters, by default those of a GAN's images.

    Raises:
        ConfigError: there is no such filter, or no such value of --labels.

    Example:
        >>> read_filters("copy, label", "hard")
        (('label', 'copy'), 'hard')
    """
    from ganaug.synth.request import DEFAULT_FILTERS, check_filters

    known = known or DEFAULT_FILTERS
    kind: Literal["hard", "soft"] = "soft" if labels == "soft" else "hard"
    if text is None:
        check_filters("auto", labels, known)
        return "auto", kind
    words = [word.strip() for word in text.split(",") if word.strip()]
    return check_filters([] if words == ["none"] else words, labels, known), kind


def list_filters(fill: bool) -> tuple[str, ...]:
    """List the filters that suit what is drawn: filled cells, or a GAN's images."""
    from ganaug.synth.fill.pipeline import FILL_FILTERS
    from ganaug.synth.request import DEFAULT_FILTERS

    return tuple(FILL_FILTERS) if fill else DEFAULT_FILTERS


def read_captions(
    captions: list[str], n: int | None, source: str
) -> dict[str, int] | None:
    """Read --caption and -n: the number of images for each caption, or None.

    Raises:
        ConfigError: one of the options is missing, or there is no run to draw from.

    Example:
        >>> read_captions(["a red three"], 50, "model.safetensors")
        {'a red three': 50}
    """
    from ganaug.errors import ConfigError

    if not captions and n is None:
        return None
    if not captions or n is None:
        raise ConfigError("--caption TEXT and -n NUMBER go together; give both")
    if not holds_generator(source):
        raise ConfigError(
            f"--caption needs a run, and {source} is not one; train one with: ganaug "
            "train TABLE.csv --set conditioning=caption"
        )
    return dict.fromkeys(captions, n)


def read_request(
    per_class: int | None,
    balance: bool,
    classes: list[str],
    *,
    default: bool = False,
) -> int | dict[str, int] | None:
    """Read --per-class, --balance or --class, one of which must be given.

    Args:
        per_class, balance, classes: values of the options.
        default: whether all of them may be omitted, for example with a recipe.

    Raises:
        ConfigError: none or several are given, or a number is not allowed.

    Example:
        >>> read_request(None, False, ["cat=500", "a=b=5"])
        {'cat': 500, 'a=b': 5}
    """
    from ganaug.errors import ConfigError
    from ganaug.synth.counts import plan_counts

    given = (per_class is not None) + balance + bool(classes)
    if default and not given:
        return None
    if given != 1:
        raise ConfigError("give one of --per-class N, --balance, or --class name=N")
    if balance:
        return None
    pairs = list(map(_read_pair, classes))
    for name, n in pairs:
        if dict(pairs)[name] != n:
            raise ConfigError(f"--class {name} is given twice; give one number")
    numbers = per_class if per_class is not None else dict(pairs)
    plan_counts(list(numbers) if isinstance(numbers, dict) else ["each"], numbers)
    return numbers


def _read_pair(words: str) -> tuple[str, int]:
    from ganaug.errors import ConfigError

    name, _, number = words.rpartition("=")
    if not name or not re.fullmatch(r"-?[0-9]+", number):
        raise ConfigError(f"--class {words} is not of the form name=number")
    return name, int(number)


def holds_generator(source: str) -> bool:
    """Whether a path is a run, a store or a generator, and not data to train on."""
    path = Path(source)
    return path.suffix == ".safetensors" or any(
        all((path / name).is_file() for name in names) for names in GENERATOR_FILES
    )


def holds_filler(source: str) -> bool:
    """Whether a path is the run or store of a translator."""
    if not holds_generator(source):
        return False
    from ganaug.synth.fill.opening import holds_translator

    return holds_translator(source)


def refuse_beside_fill(**options: object) -> None:
    """Raise ConfigError for options that filled cells have no use for."""
    from ganaug.errors import ConfigError

    given = [name for name, value in options.items() if value]
    if given:
        name = {"n": "-n", "classes": "--class"}.get(
            given[0], f"--{given[0].replace('_', '-')}"
        )
        raise ConfigError(
            f"{name} is not for filled cells, which get --per-cell N images each; omit "
            "it"
        )


def refuse_beside_pools(
    pools: Sequence[tuple[str, str]],
    source: str,
    *,
    fill: bool,
    per_cell: int | None,
) -> None:
    """Raise ConfigError for what cannot stand beside --unlabelled."""
    from ganaug.errors import ConfigError

    if pools and (fill or per_cell is not None):
        raise ConfigError(
            "--unlabelled fills the unlabelled domain, with --per-class N images; omit "
            "--fill and --per-cell, or fill the other domains into another --out"
        )
    if pools and holds_generator(source):
        raise ConfigError(
            f"--unlabelled needs the labelled images, and {source} is a run or store"
        )


def refuse_training_options(source: str, rules: Rules, **options: object) -> None:
    """Raise ConfigError for options that only matter to training or reading data."""
    from ganaug.errors import ConfigError

    given = [f"--{name}" for name, value in options.items() if value]
    given += rules.list_options()
    if given:
        option = given[0]
        raise ConfigError(
            f"{option} is for training, but {source} is already trained; omit it"
        )


def check_size(size: str | None) -> Literal["data"] | None:
    """Return the value of --size; raise ConfigError unless it is data or None."""
    from ganaug.errors import ConfigError

    if size is None or size == "data":
        return "data" if size else None
    raise ConfigError(f"--size {size} is not allowed; give --size data, or omit it")

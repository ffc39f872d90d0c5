"""What the options of `ganaug synth` ask for, as the library takes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

# files of a generator's folder, of a store and of a run that is not finished
HOLDERS = (
    ("generator.safetensors",), ("meta.json", "manifest.csv"),
    ("config.json", "fingerprint.json"),
)  # fmt: skip


def read_filters(
    text: str | None, labels: str
) -> tuple[tuple[str, ...] | Literal["auto"], Literal["hard", "soft"]]:
    """What --filters and --labels ask for; `auto` where no filters are named.

    Raises:
        StoreError: there is no such filter, or no such kind of labels.

    Example:
        >>> read_filters("copy, label", "hard")
        (('label', 'copy'), 'hard')
    """
    from ganaug.synth.request import check_filters

    kind: Literal["hard", "soft"] = "soft" if labels == "soft" else "hard"
    if text is None:
        check_filters("auto", labels)
        return "auto", kind
    words = [word.strip() for word in text.split(",") if word.strip()]
    return check_filters([] if words == ["none"] else words, labels), kind


def read_captions(
    captions: list[str], n: int | None, source: str
) -> dict[str, int] | None:
    """What --caption and -n ask for: images of each caption, or None.

    Raises:
        StoreError: one of them is missing, or there is no run to ask.

    Example:
        >>> read_captions(["a red three"], 50, "model.safetensors")
        {'a red three': 50}
    """
    from ganaug.errors import StoreError

    if not captions and n is None:
        return None
    if not captions or n is None:
        raise StoreError("--caption TEXT and -n NUMBER go together; give both")
    if not holds_generator(source):
        raise StoreError(
            f"--caption needs a run, and {source} is none; train one with: ganaug "
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
    """What --per-class, --balance or --class ask for: one of them.

    Args:
        per_class, balance, classes: as given.
        default: whether nothing may be asked for, as with a recipe.

    Raises:
        StoreError: none or several are given, or a number is not allowed.

    Example:
        >>> read_request(None, False, ["cat=500", "a=b=5"])
        {'cat': 500, 'a=b': 5}
    """
    from ganaug.errors import StoreError
    from ganaug.synth.counts import plan_counts

    asked = (per_class is not None) + balance + bool(classes)
    if default and not asked:
        return None
    if asked != 1:
        raise StoreError("give one of --per-class N, --balance, or --class name=N")
    if balance:
        return None
    pairs = list(map(_read_pair, classes))
    for name, n in pairs:
        if dict(pairs)[name] != n:
            raise StoreError(f"--class {name} is given twice; give one number")
    wanted = per_class if per_class is not None else dict(pairs)
    plan_counts(list(wanted) if isinstance(wanted, dict) else ["each"], wanted)
    return wanted


def _read_pair(words: str) -> tuple[str, int]:
    from ganaug.errors import StoreError

    name, _, number = words.rpartition("=")
    if not name or not re.fullmatch(r"-?[0-9]+", number):
        raise StoreError(f"--class {words} is not of the form name=number")
    return name, int(number)


def holds_generator(source: str) -> bool:
    """Whether it is a run, a store or a generator, and not data to train on."""
    path = Path(source)
    return path.suffix == ".safetensors" or any(
        all((path / name).is_file() for name in names) for names in HOLDERS
    )


def refuse_training_options(source: str, **options: object) -> None:
    """Raise StoreError for an option that only training or reading data would use."""
    from ganaug.errors import StoreError

    given = [name for name, value in options.items() if value]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise StoreError(
            f"{option} is for training, and {source} is a run or store already; leave "
            "it out"
        )


def check_size(size: str | None) -> Literal["data"] | None:
    from ganaug.errors import StoreError

    if size is None or size == "data":
        return "data" if size else None
    raise StoreError(f"--size {size} is not allowed; give --size data, or leave it out")

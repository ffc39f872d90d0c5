"""Counts: how many images of each class or caption a store should have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.data.images import CAPTION
from ganaug.errors import ConfigError, RunError, StoreError
from ganaug.files import read_json, refuse_damage
from ganaug.records import conform
from ganaug.scalars import to_plain
from ganaug.spelling import suggest
from ganaug.synth.request import Target
from ganaug.synth.synthesizer import Synthesizer, find_generator

MOST_IMAGES = 10_000_000  # in one store
WAYS = "give per_class (--per-class, --class) or balance (--balance)"

PerClass = int | Mapping[str, int]


def plan_targets(
    synthesizer: Synthesizer,
    per_class: PerClass | None = None,
    *,
    balance: bool = False,
    real: Mapping[str, int] | None = None,
    captions: Mapping[str, int] | None = None,
) -> tuple[Target, ...]:
    """Return the targets: one for each caption if captions are given, or each class.

    Args:
        synthesizer: generator with its classes and training captions.
        per_class, balance, real: see `plan_counts`.
        captions: caption → number of images.

    Raises:
        ConfigError: a number is not allowed, or a class is unknown.
        DataError: the generator reads no captions, or knows no word of one.
    """
    if captions is not None:
        captions = {text: to_plain(n) for text, n in captions.items()}
        places = _place_captions(synthesizer, captions)
        return tuple(Target(places[text], n, text) for text, n in captions.items())
    counts = plan_counts(synthesizer.classes, per_class, balance=balance, real=real)
    return tuple(Target(name, n) for name, n in counts.items())


def plan_counts(
    classes: Sequence[str],
    per_class: PerClass | None = None,
    *,
    balance: bool = False,
    real: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Return images per class, in label order; classes without any are omitted.

    Args:
        classes: all classes of the generator.
        per_class: number of images for every class, or class name → number.
        balance: whether to fill every class up to the largest of `real`.
        real: class name → number of real images.

    Raises:
        ConfigError: a number is not allowed, none is given, or a class is unknown.

    Example:
        >>> plan_counts(("cat", "dog"), 5)
        {'cat': 5, 'dog': 5}
        >>> plan_counts(("cat", "dog"), balance=True, real={"cat": 9, "dog": 3})
        {'dog': 6}
    """
    if balance and per_class is not None:
        raise ConfigError("per_class and balance exclude each other; give one of them")
    if balance:
        return _check_total(_fill_up(classes, real))
    if per_class is None:
        raise ConfigError(f"nothing to synthesise: {WAYS}")
    if not isinstance(per_class, Mapping):
        number: int = to_plain(per_class)
        _check_number(number, "per class")
        return _check_total(dict.fromkeys(classes, number))
    _refuse_unknown(classes, per_class)
    counts: dict[str, int] = {
        name: to_plain(per_class[name]) for name in classes if name in per_class
    }
    for name, n in counts.items():
        _check_number(n, f"of class {name!r}")
    return _check_total(counts)


def read_real_counts(source: Any) -> dict[str, int]:
    """Read the number of real images of each class from the generator's run.

    Raises:
        StoreError: the folder has no fingerprint, such as a store's.
        RunError: the fingerprint is damaged.
    """
    path = find_generator(source).parent / "fingerprint.json"
    if not path.is_file():
        raise StoreError(
            f"{path.parent} does not say how many real images each class has; "
            "balance from the run or from the data, or give per_class"
        )
    cure = "restore it, or give per_class"
    values = read_json(path, RunError, cure=cure)
    with refuse_damage(path, RunError, cure):
        classes = conform(values["classes"], tuple[str, ...], "classes")
        counts = conform(values["counts"], tuple[int, ...], "counts")
        return dict(zip(classes, counts, strict=True))


def _place_captions(
    synthesizer: Synthesizer, captions: Mapping[str, int]
) -> dict[str, str]:
    """Return caption → class to store its images under.

    It is the class that has training images with the caption. If any caption has none,
    all images go under `caption`.
    """
    for caption, n in captions.items():
        _check_number(n, f"of the caption {caption!r}")
    _check_total(captions)
    known = synthesizer.captions
    known.read(list(captions))
    synthesizer.warn_of_unknown(list(captions))
    labels = [known.find_class(caption) for caption in captions]
    names = [None if k is None else synthesizer.classes[k] for k in labels]
    if None in names:
        return dict.fromkeys(captions, CAPTION)
    return {text: str(name) for text, name in zip(captions, names, strict=True)}


def _fill_up(classes: Sequence[str], real: Mapping[str, int] | None) -> dict[str, int]:
    if real is None or set(real) != set(classes):
        raise ConfigError(
            f"balance needs the numbers of real images of {', '.join(classes)} and of "
            "no other class; give per_class instead"
        )
    real = {name: to_plain(n) for name, n in real.items()}
    largest = max(real.values())
    counts = {name: largest - real[name] for name in classes if real[name] < largest}
    if not counts:
        raise ConfigError("the classes are balanced already; give per_class instead")
    return counts


def _refuse_unknown(classes: Sequence[str], per_class: Mapping[str, int]) -> None:
    for name in per_class:
        if name not in classes:
            raise ConfigError(
                f"there is no class {name!r}{suggest(name, classes)}; the classes are "
                f"{', '.join(classes)}"
            )


def _check_number(n: object, what: str) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ConfigError(
            f"{n!r} images {what} is not allowed; give a whole number from 1 to "
            f"{MOST_IMAGES:,}"
        )


def _check_total(counts: Mapping[str, int]) -> dict[str, int]:
    total = sum(counts.values())
    if not 1 <= total <= MOST_IMAGES:
        raise ConfigError(
            f"{total:,} images are requested, but a store has from 1 to "
            f"{MOST_IMAGES:,}; give other numbers"
        )
    return dict(counts)

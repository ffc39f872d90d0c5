"""The next step: what to do about a store that is not good."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from ganaug.config import TrainConfig
from ganaug.data.origin import Origin
from ganaug.files import beside
from ganaug.gan.monitoring.remedies import REMEDIES
from ganaug.gan.settings.length import RunLength

ENOUGH_IMAGES = 50  # real images of a class from which more help little
LONGER = 3  # factor for the length of a training
NOTABLY = 1.2  # times the default length, from which a run's own is repeated
BUDGET = "--budget"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a store was made from.

    Attributes:
        config: configuration of the generator's training.
        length: how long that training took; None where it is not known.
        default: minutes that it takes unless the user says otherwise.
        settings: fields that the user set for it.
        given: whether the user gave it a whole configuration, which the store has.
        origin: where the real images were read from.
        store: the store's folder.
        per_class: images requested of a class.
        fewest: real images of the smallest class.
        filtered: whether filters judged the candidates.
        drawn_with: options that the images were drawn with, as a user types them.
        start: path of the run whose networks that training began with; None for noise.
    """

    config: TrainConfig
    length: RunLength | None
    default: float
    settings: Mapping[str, Any]
    origin: Origin
    store: Path
    per_class: int
    fewest: int
    filtered: bool
    given: bool = False
    drawn_with: tuple[str, ...] = ()
    start: str | None = None


def advise_on_store(situation: Situation, word: str) -> str | None:
    """Advise what to do about a store; None where nothing needs doing.

    The budget comes first where it is far below the default; settings that the run had
    already are never named as a change, but each command repeats them.
    """
    if word == "good":
        return None
    length = situation.length
    begun = situation.start is not None and word == "usable"  # needs less time
    if length is not None and length.far_below and not begun:
        return f"{length.say()}: {_retrain(situation, set_budget(length.advised))}"
    if not situation.filtered:
        return f"leave the filters on: {_draw_again(situation)}"
    if word == "usable":
        return f"measure whether it helps: ganaug gain {name_origin(situation.origin)}"
    if situation.fewest < ENOUGH_IMAGES:
        return (
            f"add real images (the smallest class has {situation.fewest}), or "
            + _change_settings(situation)
        )
    return _change_settings(situation)


def _change_settings(s: Situation) -> str:
    """Name the first setting that the run lacks, or a longer training."""
    for remedy in REMEDIES["collapse"]:
        change = remedy.change(s.config)
        if change is not None:
            return f"{remedy.what}: {_retrain(s, change)}"
    longer = LONGER * (s.length.minutes if s.length else s.default)
    return f"train longer: {_retrain(s, set_budget(longer))}"


def _retrain(s: Situation, change: str) -> str:
    """Write the command that trains anew with one change, into a new folder."""
    own = [f"--config {name_path(s.store)}"]
    if not s.given:
        own = list_settings(s.settings, change)
        minutes = s.length.minutes if s.length else s.default
        longer = minutes > NOTABLY * s.default
        if longer and "images" not in s.settings and not change.startswith(BUDGET):
            own.append(set_budget(minutes))
    if s.start is not None:
        own.append(f"--start {name_path(Path(s.start))}")
    options = " ".join([*own, change])
    return f"ganaug synth {name_origin(s.origin)} {options} {_say_end(s)}"


def list_settings(settings: Mapping[str, Any], change: str) -> list[str]:
    """List settings as options, but for those that a change replaces.

    Example:
        >>> list_settings({"batch": 8, "images": 900}, "--budget 9m")
        ['--set batch=8']
    """
    return [
        f"--set {name}={'none' if value is None else value}"
        for name, value in settings.items()
        if not change.startswith(f"--set {name}=")
        and not (name == "images" and change.startswith(BUDGET))
    ]


def _draw_again(s: Situation) -> str:
    """Write the command that draws from the same generator, into a new folder."""
    return f"ganaug synth {name_path(s.store)} {_say_end(s)}"


def _say_end(s: Situation) -> str:
    out = f"--out {name_path(find_free(s.store))}"
    return " ".join([f"--per-class {s.per_class}", *s.drawn_with, out])


def set_budget(minutes: float) -> str:
    whole = minutes >= 2 or minutes == round(minutes)
    return f"{BUDGET} " + (f"{minutes:.0f}m" if whole else f"{60 * minutes:.0f}s")


def find_free(store: Path) -> Path:
    """Return a folder beside the store that is not there yet, nor is its run.

    Example:
        >>> find_free(Path("no-such-synthetic")).name
        'no-such-synthetic-2'
        >>> find_free(Path("no-such-synthetic-2")).name
        'no-such-synthetic-3'
    """
    found = re.fullmatch(r"(.+)-(\d{1,2})", store.name)
    name, number = (found[1], int(found[2])) if found else (store.name, 1)
    names = (store.with_name(f"{name}-{n}") for n in count(number + 1))
    return next(p for p in names if not p.exists() and not beside(p, ".run").exists())


def name_origin(origin: Origin) -> str:
    """Name the real images, with the rules for their groups and domains."""
    source = origin.source
    known = Path(str(source)).is_absolute()
    name = "DATA" if source is None else source
    words = name_path(Path(name)) if known else shlex.quote(name)
    return " ".join([words, *map(shlex.quote, origin.list_options())])


def name_path(path: Path) -> str:
    near = path.is_absolute() and path.is_relative_to(Path.cwd())
    return shlex.quote(str(path.relative_to(Path.cwd()) if near else path))

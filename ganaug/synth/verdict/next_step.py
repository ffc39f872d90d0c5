"""The next step: what to do about a store that is not good."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from ganaug.config import TrainConfig
from ganaug.data.origin import Origin
from ganaug.gan.monitoring.remedies import REMEDIES
from ganaug.gan.settings.length import RunLength

ENOUGH_IMAGES = 50  # real images of a class from which more help little
LONGER = 3  # factor for the length of a training


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a store was made from.

    Attributes:
        config: configuration of the generator's training.
        length: how long that training took; None where it is not known.
        origin: where the real images were read from.
        per_class: images requested of a class.
        fewest: real images of the smallest class.
        filtered: whether filters judged the candidates.
    """

    config: TrainConfig
    length: RunLength | None
    origin: Origin
    per_class: int
    fewest: int
    filtered: bool


def advise_on_store(situation: Situation, word: str) -> str | None:
    """Advise what to do about a store; None where nothing needs doing.

    The budget comes first where it is far below the default; settings that the run had
    already are never named.
    """
    if word == "good":
        return None
    length = situation.length
    if length is not None and length.far_below:
        return f"{length.say()}: {_retrain(situation, f'--budget {length.default:g}m')}"
    if not situation.filtered:
        return "leave the filters on (no --filters none), and draw into another --out"
    if word == "usable":
        return f"measure whether it helps: ganaug gain {_name_data(situation)}"
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
    if s.length is None:
        return "train longer (--budget)"
    return f"train longer: {_retrain(s, f'--budget {LONGER * s.length.minutes:.0f}m')}"


def _retrain(s: Situation, change: str) -> str:
    """Write the command that trains anew with a change, into a new folder."""
    return f"ganaug synth {_name_data(s)} {change} --per-class {s.per_class} --out NEW"


def _name_data(s: Situation) -> str:
    source = s.origin.source
    if source is None:
        return "DATA"
    near = Path(source).is_relative_to(Path.cwd())
    return shlex.quote(str(Path(source).relative_to(Path.cwd())) if near else source)

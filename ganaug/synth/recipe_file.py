"""recipe.json: what a measured gain wants of a store and of whoever mixes it in."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.errors import DataError
from ganaug.files import write_whole
from ganaug.synth.targets import PARTS

NAME = "recipe.json"
FORMAT = 1
HELPS = "helps"  # the one verdict that lets synthetic images in
PER_CLASS = 500  # images that a recipe's store has unless the user says otherwise
RUN = "run: ganaug gain DATA, then: ganaug synth DATA --recipe GAIN"


@dataclass(frozen=True)
class Wanted:
    """What a recipe.json says about synthetic images.

    Attributes:
        verdict: `helps`, or another word.
        sentence: the verdict for a person.
        share: of synthetic images that the verdict allows: 0 unless they help.
        wanted_share: that the recipe was measured with.
        weight: of a synthetic image's loss, above 0.
        labels: of synthetic images: `hard`, `soft` or `half`.
        real_only: the last part of the training that sees real images alone, in [0, 1).
        fingerprint: digest of the data that it was measured on.
        counts: images of these data by class name.
        balanced: whether classes came equally often in training.
        adjusted: whether the loss was logit-adjusted.
    """

    verdict: str
    sentence: str
    share: float
    wanted_share: float
    weight: float
    labels: str
    real_only: float
    fingerprint: str
    counts: Mapping[str, int]
    balanced: bool = False
    adjusted: bool = False

    @property
    def helps(self) -> bool:
        return self.verdict == HELPS

    @property
    def soft(self) -> bool:
        """Whether it needs a store with soft labels."""
        return PARTS[self.labels] > 0


def read_recipe(path: str | os.PathLike[str]) -> Wanted:
    """The recipe in a gain's folder, in a store, or in a file of its own.

    Raises:
        DataError: there is none, or it is damaged or newer.

    Example:
        >>> read_recipe("digits-gain").labels  # doctest: +SKIP
        'soft'
    """
    file = find_recipe(path)
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if values["format"] > FORMAT:
            raise DataError(f"{file} has a newer format; update ganaug to read it")
        return _check(_parse(values))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else error
        raise DataError(f"{file} is damaged: {what}; run ganaug gain again") from error


def find_recipe(path: str | os.PathLike[str]) -> Path:
    """The file itself.

    Raises:
        DataError: there is none.
    """
    given = Path(path)
    file = given / NAME if given.is_dir() else given
    if not file.is_file():
        what = f"holds no {NAME}" if given.is_dir() else "does not exist"
        raise DataError(f"{given} {what}; measure one with: ganaug gain DATA")
    return file


def copy_recipe(path: str | os.PathLike[str], folder: Path) -> None:
    """Put the recipe into a store, in the place of an older one."""
    file = find_recipe(path)
    write_whole(folder / NAME, lambda hidden: shutil.copyfile(file, hidden))


def refuse_other_data(wanted: Wanted, digest: str, what: object) -> None:
    """Raise DataError unless `what` has the digest of the data measured on."""
    if digest != wanted.fingerprint:
        raise DataError(
            f"the real images of {what} are not those that the recipe was measured "
            f"on; {RUN}"
        )


def _parse(values: Mapping[str, Any]) -> Wanted:
    recipe = values["recipe"]
    return Wanted(
        verdict=str(values["verdict"]),
        sentence=" ".join(str(values["sentence"]).split()),
        share=float(values["share"]),
        wanted_share=float(recipe["share"]),
        weight=float(recipe["weight"]),
        labels=str(recipe["labels"]),
        real_only=float(recipe["real_only"]),
        fingerprint=str(values["fingerprint"]),
        counts={str(name): int(n) for name, n in values["counts"].items()},
        balanced=recipe.get("sampling") == "balanced",
        adjusted=bool(recipe.get("adjusted")),
    )


def _check(wanted: Wanted) -> Wanted:
    """Raise ValueError for a number that no recipe has."""
    if wanted.labels not in PARTS:
        raise ValueError(f"labels are {wanted.labels!r}")
    for name in ("share", "wanted_share", "real_only"):
        if not 0 <= getattr(wanted, name) < 1:
            raise ValueError(f"{name} is {getattr(wanted, name)}")
    if not 0 < wanted.weight < math.inf:
        raise ValueError(f"weight is {wanted.weight}")
    return wanted

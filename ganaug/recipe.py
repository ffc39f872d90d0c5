"""Recipe and recipe.json: how a classifier is trained, and what was measured of it."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ganaug.errors import DataError
from ganaug.files import read_json, refuse_damage, write_json, write_whole

RECIPE_FILE = "recipe.json"
FORMAT = 1
CURE = "run ganaug gain again"
HELPS = "helps"  # the one verdict that lets synthetic images in
PER_CLASS = 500  # images that a recipe's store has unless the user says otherwise
RUN = "run: ganaug gain DATA, then: ganaug synth DATA --recipe GAIN"
# what a synthetic image's target has of the teacher's distribution, by kind of labels
TEACHER_SHARE = {"hard": 0.0, "half": 0.5, "soft": 1.0}


@dataclass(frozen=True)
class Recipe:
    """One way to train a classifier; every field is a plain value.

    Attributes:
        policy: classical augmentation, see `ganaug.classify.policies`.
        flips: whether images are mirrored where that keeps labels.
        mix: `none`, `mixup` or `cutmix`.
        sampling: `natural`, or `balanced` for as many images of each class.
        adjusted: whether the loss is logit-adjusted, for uneven classes.
        share: share of synthetic images in a batch, in [0, 1); there are as many real
            ones as without.
        weight: weight of a synthetic image's loss, > 0.
        labels: labels of synthetic images: `hard` is the class asked for, `soft` the
            teacher's distribution, `half` the mean of both.
        real_only: the last part of the steps that sees real images alone, in [0, 1).
    """

    policy: str = "light"
    flips: bool = True
    mix: str = "none"
    sampling: str = "natural"
    adjusted: bool = False
    share: float = 0.0
    weight: float = 1.0
    labels: str = "hard"
    real_only: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Return the recipe that `to_dict` was called on.

        Raises:
            DataError: there is a field that this version does not know.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise DataError(
                f"the recipe has {', '.join(sorted(unknown))}, which this version of "
                "ganaug does not know; update it"
            )
        return cls(**values)

    def say(self) -> str:
        """Return the recipe in a few words.

        Example:
            >>> Recipe(share=0.25, labels="soft", weight=0.3, real_only=0.4).say()
            'light, 25 % synthetic, soft labels, weight 0.3, last 40 % on real images'
        """
        words = [self.policy if self.policy != "none" else "no augmentation"]
        words += [self.mix] * (self.mix != "none")
        words += ["balanced sampling"] * (self.sampling == "balanced")
        words += ["logit-adjusted"] * self.adjusted
        if self.share:
            words += [f"{self.share:.0%} synthetic".replace("%", " %")]
            words += [f"{self.labels} labels", f"weight {self.weight:g}"]
            if self.real_only:
                words += [f"last {100 * self.real_only:.0f} % on real images"]
        return ", ".join(words)


@dataclass(frozen=True)
class MeasuredRecipe:
    """A recipe, and what a gain found out about it, as recipe.json has them.

    Attributes:
        recipe: recipe that was measured.
        verdict: `helps`, or another word.
        sentence: the verdict for a person.
        share: share of synthetic images that the verdict allows: 0 unless they help.
        fingerprint: digest of the data that it was measured on.
        counts: images of these data by class name.
        classifier: for which the verdict holds, in words.
        settings: settings of the gain, as plain values.
    """

    recipe: Recipe
    verdict: str
    sentence: str
    share: float
    fingerprint: str | None
    counts: Mapping[str, int]
    classifier: str = ""
    settings: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def helps(self) -> bool:
        return self.verdict == HELPS

    @property
    def soft(self) -> bool:
        """Whether it needs a store with soft labels."""
        return TEACHER_SHARE[self.recipe.labels] > 0


def write_recipe(folder: Path, measured: MeasuredRecipe) -> None:
    """Write `recipe.json` into the folder; raises OSError when the disk refuses."""
    values = {
        "format": FORMAT,
        "verdict": measured.verdict,
        "sentence": measured.sentence,
        "share": measured.share,
        "recipe": measured.recipe.to_dict(),
        "fingerprint": measured.fingerprint,
        "counts": measured.counts,
        "classifier": measured.classifier,
        "settings": measured.settings,
    }
    write_json(folder / RECIPE_FILE, values)


def read_recipe(path: str | os.PathLike[str]) -> MeasuredRecipe:
    """Read the recipe in a gain's folder, in a store, or in a file of its own.

    Raises:
        DataError: there is none, or it is damaged or newer.

    Example:
        >>> read_recipe("digits-gain").recipe.labels  # doctest: +SKIP
        'soft'
    """
    file = find_recipe(path)
    values = read_json(file, DataError, newest=FORMAT, cure=CURE)
    with refuse_damage(file, DataError, CURE):
        return _check(_parse(values))


def find_recipe(path: str | os.PathLike[str]) -> Path:
    """Return the file itself; raise DataError where there is none."""
    given = Path(path)
    file = given / RECIPE_FILE if given.is_dir() else given
    if not file.is_file():
        what = f"has no {RECIPE_FILE}" if given.is_dir() else "does not exist"
        raise DataError(f"{given} {what}; measure one with: ganaug gain DATA")
    return file


def copy_recipe(path: str | os.PathLike[str], folder: Path) -> None:
    """Put the recipe into a store, in the place of an older one."""
    file = find_recipe(path)
    write_whole(folder / RECIPE_FILE, lambda hidden: shutil.copyfile(file, hidden))


def refuse_other_data(measured: MeasuredRecipe, digest: str, what: object) -> None:
    """Raise DataError unless `what` has the digest of the data measured on."""
    if digest != measured.fingerprint:
        raise DataError(
            f"the real images of {what} are not those that the recipe was measured "
            f"on; {RUN}"
        )


def _parse(values: Mapping[str, Any]) -> MeasuredRecipe:
    given = values["recipe"]
    numbers = {name: float(given[name]) for name in ("share", "weight", "real_only")}
    return MeasuredRecipe(
        Recipe.from_dict({**given, **numbers, "labels": str(given["labels"])}),
        verdict=str(values["verdict"]),
        sentence=" ".join(str(values["sentence"]).split()),
        share=float(values["share"]),
        fingerprint=str(values["fingerprint"]),
        counts={str(name): int(n) for name, n in values["counts"].items()},
        classifier=str(values.get("classifier") or ""),
        settings=values.get("settings"),
    )


def _check(measured: MeasuredRecipe) -> MeasuredRecipe:
    """Raise ValueError for a number that no recipe has."""
    recipe = measured.recipe
    if recipe.labels not in TEACHER_SHARE:
        raise ValueError(f"labels are {recipe.labels!r}")
    shares = {"share": measured.share, "recipe's share": recipe.share}
    for name, value in {**shares, "real_only": recipe.real_only}.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} is {value}")
    if not 0 < recipe.weight < math.inf:
        raise ValueError(f"weight is {recipe.weight}")
    return measured

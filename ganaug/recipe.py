"""Recipe and recipe.json: how a classifier is trained, with the gain measured."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from ganaug.errors import DataError
from ganaug.files import read_json, refuse_damage, write_json, write_whole

Number = TypeVar("Number", int, float)
RECIPE_FILE = "recipe.json"
RECIPE_FORMAT = 1
MEASURE_AGAIN = "run ganaug gain again"
HELPS = "helps"  # the only verdict that allows synthetic images
RECIPE_PER_CLASS = 500  # default number of images per class in a recipe's store
HOW_TO_MEASURE = "run: ganaug gain DATA, then: ganaug synth DATA --recipe GAIN"
# kind of labels → weight of the teacher's probabilities in a synthetic image's target
TEACHER_SHARE = {"hard": 0.0, "half": 0.5, "soft": 1.0}
# which synthetic images come how often → the same in words
DRAWS = {
    "natural": "drawn like the real ones",
    "balanced": "drawn evenly over classes",
    "cells": "drawn evenly over classes and domains",
    "inverse": "rare classes drawn most often",
}
# what a classifier takes from unlabelled images → the same in words
ADAPTATIONS = {
    "none": "unlabelled images unused",
    "settled": "batch normalisation settled on the unlabelled images",
    "blended": "blended with unlabelled images",
    "consistent": "consistent on unlabelled images",
    "self-trained": "self-trained on unlabelled images",
}
SCRATCH, PARENT = "scratch", "parent"
# what a classifier begins with → the same in words
STARTS = {
    SCRATCH: "from scratch",
    PARENT: "pretrained on the earlier run's images",
}


@dataclass(frozen=True)
class Recipe:
    """One way to train a classifier, as plain values.

    Attributes:
        policy: classical augmentation, see `ganaug.classify.policies`.
        flips: whether images are mirrored where that keeps labels.
        mix: way to mix pairs of images: `none`, `mixup`, `cutmix`, or `lisa` for pairs
            of one class from two domains.
        sampling: `natural`, `balanced` for equally many images of each class, or
            `cells` for equally many of each class in each domain.
        adjusted: whether the loss is logit-adjusted, for uneven classes.
        adjusted_in_domains: whether it is so by the classes' shares in each domain,
            for domains that tell the class.
        invariance: what makes the network care less about domains: `none`, `mixstyle`
            or `adversary`, see `ganaug.classify.invariances`.
        share: share of synthetic images in a batch, in [0, 1); they are added to the
            real ones.
        weight: weight of a synthetic image's loss, above 0.
        labels: labels of synthetic images: `hard` for the class that they were drawn
            for, `soft` for the teacher's probabilities, `half` for the mean of both.
        real_only: share of the steps, at the end, with real images only, in [0, 1).
        draw: how often images of a class come from the pool of synthetic ones:
            `natural` as often as real ones, `balanced` all equally often, `cells`
            equally often for each class in each domain, `inverse` the more often the
            fewer real images the class has.
        adaptation: what is made of unlabelled images, see `ADAPTATIONS`.
        start: what the network begins with, see `STARTS`.
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
    draw: str = "natural"
    adjusted_in_domains: bool = False
    invariance: str = "none"
    adaptation: str = "none"
    start: str = SCRATCH

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Return the recipe from the values that `to_dict` returned.

        Recipes without `draw` were written when it followed the sampling.

        Raises:
            DataError: a field is unknown to this version.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise DataError(
                f"the recipe has {', '.join(sorted(unknown))}, which this version of "
                "ganaug does not know; update it"
            )
        return cls(**{"draw": values.get("sampling", "natural"), **values})

    def say(self) -> str:
        """Return the recipe in a few words.

        Example:
            >>> Recipe(share=0.25, labels="soft", weight=0.3, real_only=0.4).say()
            'light, 25 % synthetic, soft labels, weight 0.3, last 40 % on real images'
        """
        words = [STARTS[self.start]] * (self.start != SCRATCH)
        words += [self.policy if self.policy != "none" else "no augmentation"]
        words += [self.mix] * (self.mix != "none")
        words += ["balanced sampling"] * (self.sampling == "balanced")
        words += ["sampling even over classes and domains"] * (self.sampling == "cells")
        words += ["logit-adjusted"] * self.adjusted
        words += ["logit-adjusted in each domain"] * self.adjusted_in_domains
        words += [self.invariance] * (self.invariance != "none")
        words += [ADAPTATIONS[self.adaptation]] * (self.adaptation != "none")
        if self.share:
            words += [f"{self.share:.0%} synthetic".replace("%", " %")]
            words += [f"{self.labels} labels", f"weight {self.weight:g}"]
            words += [DRAWS[self.draw]] * (self.draw != "natural")
            if self.real_only:
                words += [f"last {100 * self.real_only:.0f} % on real images"]
        return ", ".join(words)


@dataclass(frozen=True)
class MeasuredRecipe:
    """A recipe with the verdict of a gain: the contents of recipe.json.

    Attributes:
        recipe: recipe that was measured.
        verdict: word of the verdict, such as `helps`.
        sentence: the verdict for a person.
        share: share of synthetic images that the verdict allows; 0 unless they help.
        fingerprint: digest of the data that the gain was measured on.
        counts: class name → number of real images.
        classifier: classifier that the verdict is about, in words.
        settings: settings of the gain, as plain values.
        size: (height, width) of the images that classifiers saw; None when unknown.
        carrier: what fills cells without a network, where that was the best training
            and shown to help; empty otherwise.
        channels: channels of these images; None when unknown.
        flips: whether mirroring left-right and up-down keeps labels; None when unknown.
        learning_rate, weight_decay: of AdamW, as tuned; None when unknown.
    """

    recipe: Recipe
    verdict: str
    sentence: str
    share: float
    fingerprint: str | None
    counts: Mapping[str, int]
    classifier: str = ""
    settings: Mapping[str, Any] | None = field(default=None, compare=False)
    size: tuple[int, int] | None = None
    carrier: str = ""
    channels: int | None = None
    flips: tuple[bool, bool] | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None

    @property
    def helps(self) -> bool:
        """Whether images were shown to help: of a GAN, or of the carrier."""
        return self.verdict == HELPS or bool(self.carrier)

    @property
    def soft(self) -> bool:
        """Whether the recipe needs a store with soft labels."""
        return TEACHER_SHARE[self.recipe.labels] > 0


def write_recipe(folder: Path, measured: MeasuredRecipe) -> None:
    """Write `recipe.json` into the folder; raise OSError if the disk refuses."""
    values = {
        "format": RECIPE_FORMAT,
        "verdict": measured.verdict,
        "sentence": measured.sentence,
        "share": measured.share,
        "recipe": measured.recipe.to_dict(),
        "fingerprint": measured.fingerprint,
        "counts": measured.counts,
        "classifier": measured.classifier,
        "settings": measured.settings,
        "size": measured.size,
        "carrier": measured.carrier,
        "channels": measured.channels,
        "flips": measured.flips,
        "learning_rate": measured.learning_rate,
        "weight_decay": measured.weight_decay,
    }
    write_json(folder / RECIPE_FILE, values)


def read_recipe(path: str | os.PathLike[str]) -> MeasuredRecipe:
    """Read the recipe of a gain or a store, or from a recipe.json file.

    Raises:
        DataError: there is no recipe, or it is damaged or has a newer format.

    Example:
        >>> read_recipe("digits-gain").recipe.labels  # doctest: +SKIP
        'soft'
    """
    file = find_recipe(path)
    values = read_json(file, DataError, newest=RECIPE_FORMAT, cure=MEASURE_AGAIN)
    with refuse_damage(file, DataError, MEASURE_AGAIN):
        return _check(_parse(values))


def find_recipe(path: str | os.PathLike[str]) -> Path:
    """Return the path of the recipe file; raise DataError if there is none."""
    given = Path(path)
    file = given / RECIPE_FILE if given.is_dir() else given
    if not file.is_file():
        what = f"has no {RECIPE_FILE}" if given.is_dir() else "does not exist"
        raise DataError(f"{given} {what}; measure one with: ganaug gain DATA")
    return file


def copy_recipe(path: str | os.PathLike[str], folder: Path) -> None:
    """Copy the recipe into a folder and replace an older one."""
    file = find_recipe(path)
    write_whole(folder / RECIPE_FILE, lambda hidden: shutil.copyfile(file, hidden))


def refuse_other_data(measured: MeasuredRecipe, digest: str, what: object) -> None:
    """Raise DataError if the recipe was measured on data with another digest."""
    if digest != measured.fingerprint:
        raise DataError(
            f"the recipe was measured on other real images than those of {what}; "
            f"{HOW_TO_MEASURE}"
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
        size=_parse_size(values.get("size")),
        carrier=str(values.get("carrier") or ""),
        channels=_parse_number(values, "channels", int),
        flips=_parse_flips(values.get("flips")),
        learning_rate=_parse_number(values, "learning_rate", float),
        weight_decay=_parse_number(values, "weight_decay", float),
    )


def _parse_size(found: Any) -> tuple[int, int] | None:
    if found is None:
        return None
    height, width = map(int, found)
    return height, width


def _parse_flips(found: Any) -> tuple[bool, bool] | None:
    if found is None:
        return None
    across, down = map(bool, found)
    return across, down


def _parse_number(
    values: Mapping[str, Any], name: str, kind: Callable[[Any], Number]
) -> Number | None:
    found = values.get(name)
    return None if found is None else kind(found)


def _check(measured: MeasuredRecipe) -> MeasuredRecipe:
    """Raise ValueError for values out of range."""
    recipe = measured.recipe
    if recipe.labels not in TEACHER_SHARE:
        raise ValueError(f"labels are {recipe.labels!r}")
    if recipe.draw not in DRAWS:
        raise ValueError(f"draw is {recipe.draw!r}")
    if recipe.adaptation not in ADAPTATIONS:
        raise ValueError(f"adaptation is {recipe.adaptation!r}")
    if recipe.start not in STARTS:
        raise ValueError(f"start is {recipe.start!r}")
    shares = {"share": measured.share, "recipe's share": recipe.share}
    for name, value in {**shares, "real_only": recipe.real_only}.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} is {value}")
    if not 0 < recipe.weight < math.inf:
        raise ValueError(f"weight is {recipe.weight}")
    return measured

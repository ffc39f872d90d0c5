"""Recipe: how a classifier is trained, with or without synthetic images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ganaug.errors import DataError

LABELS = ("hard", "soft", "half")

Mixture = tuple[float, float, str, float]  # share, weight, labels, real-only ending


@dataclass(frozen=True)
class Recipe:
    """One way to train a classifier; every field is a plain value.

    Attributes:
        policy: classical augmentation, see `ganaug.classify.policies`.
        flips: whether mirroring is used where it keeps labels.
        mix: `none`, `mixup` or `cutmix`.
        sampling: `natural`, or `balanced` for as many images of each class.
        adjusted: whether the loss is logit-adjusted, for uneven classes.
        share: of synthetic images in a batch, in [0, 1); the real ones are as many as
            without.
        weight: of a synthetic image's loss, > 0.
        labels: of synthetic images: `hard` is the class asked for, `soft` the
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
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """The recipe that `to_dict` was called on.

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
        """The recipe in a few words.

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


PLAIN = Recipe(policy="none", flips=False)


def list_standard(policies: Sequence[str], mixes: Sequence[str]) -> list[Recipe]:
    """Classical augmentation: each policy with each way of mixing.

    Example:
        >>> [r.say() for r in list_standard(["light"], ["none", "mixup"])]
        ['light', 'light, mixup']
    """
    return [Recipe(policy=policy, mix=mix) for policy in policies for mix in mixes]


def list_opponents(standard: Recipe, *, uneven: bool) -> list[Recipe]:
    """What uneven classes call for, the best classical augmentation, none at all.

    Earlier ones win ties, so what is made for uneven classes comes first.

    Example:
        >>> [recipe.say() for recipe in list_opponents(Recipe(), uneven=False)]
        ['light', 'no augmentation']
    """
    balanced = replace(standard, sampling="balanced")
    adjusted = replace(standard, adjusted=True)
    return [*([adjusted, balanced] if uneven else []), standard, PLAIN]


def to_mixture(recipe: Recipe) -> Mixture:
    """What a recipe adds to its opponent.

    Example:
        >>> to_mixture(Recipe("rand", share=0.1, labels="soft"))
        (0.1, 1.0, 'soft', 0.0)
    """
    return recipe.share, recipe.weight, recipe.labels, recipe.real_only


def list_mixtures(opponent: Recipe, mixtures: Sequence[Mixture]) -> list[Recipe]:
    """The opponent's own recipe with synthetic images, in several ways.

    Example:
        >>> [r.say() for r in list_mixtures(Recipe(), [(0.1, 1, "hard", 0)])]
        ['light, 10 % synthetic, hard labels, weight 1']
    """
    return [
        replace(opponent, share=share, weight=weight, labels=labels, real_only=ending)
        for share, weight, labels, ending in mixtures
    ]

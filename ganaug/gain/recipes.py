"""Recipes that a gain compares: with real images only, and with synthetic ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganaug.recipe import PARENT, SCRATCH, Recipe

Mixture = tuple[float, float, str, float]  # share, weight, labels, real-only ending

UNEVEN = 1.5  # largest class ÷ smallest; above it, classes count as uneven
PLAIN = Recipe(policy="none", flips=False)


def list_standard(policies: Sequence[str], mixes: Sequence[str]) -> list[Recipe]:
    """List recipes for classical augmentation: each policy with each way of mixing.

    Example:
        >>> [r.say() for r in list_standard(["light"], ["none", "mixup"])]
        ['light', 'light, mixup']
    """
    return [Recipe(policy=policy, mix=mix) for policy in policies for mix in mixes]


def list_opponents(
    standard: Recipe, *, uneven: bool, started: bool = False
) -> list[Recipe]:
    """List the opponent's candidates: recipes for uneven classes, `standard`, plain.

    Earlier ones win ties, so recipes for uneven classes come first; and before all
    others the same for networks that learned from an earlier run's images, if there
    are such.

    Example:
        >>> [recipe.say() for recipe in list_opponents(Recipe(), uneven=False)]
        ['light', 'no augmentation']
    """
    balanced = replace(standard, sampling="balanced")
    adjusted = replace(standard, adjusted=True)
    own = [*([adjusted, balanced] if uneven else []), standard, PLAIN]
    return [replace(each, start=PARENT) for each in own] * started + own


def change_start(recipe: Recipe) -> Recipe:
    """Return the recipe with the other start.

    Example:
        >>> change_start(Recipe()).start, change_start(Recipe(start="parent")).start
        ('parent', 'scratch')
    """
    return replace(recipe, start=SCRATCH if recipe.start == PARENT else PARENT)


def is_uneven(counts: NDArray[np.int64]) -> bool:
    """Whether the largest class has over 1.5 times as many images as the smallest.

    Example:
        >>> is_uneven(np.array([10, 12])), is_uneven(np.array([10, 30]))
        (False, True)
    """
    there = counts[counts > 0]
    return bool(there.max() > UNEVEN * there.min())


def to_mixture(recipe: Recipe) -> Mixture:
    """Return the part of a recipe that concerns synthetic images.

    Example:
        >>> to_mixture(Recipe("rand", share=0.1, labels="soft"))
        (0.1, 1.0, 'soft', 0.0)
    """
    return recipe.share, recipe.weight, recipe.labels, recipe.real_only


def list_mixtures(opponent: Recipe, mixtures: Sequence[Mixture]) -> list[Recipe]:
    """List the opponent's recipe with each way of mixing synthetic images in.

    They are drawn as the opponent samples real ones.

    Example:
        >>> [r.say() for r in list_mixtures(Recipe(), [(0.1, 1, "hard", 0)])]
        ['light, 10 % synthetic, hard labels, weight 1']
    """
    return [
        replace(
            opponent,
            share=share,
            weight=weight,
            labels=labels,
            real_only=ending,
            draw=opponent.sampling,
        )
        for share, weight, labels, ending in mixtures
    ]

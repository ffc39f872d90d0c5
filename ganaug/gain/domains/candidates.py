"""Candidates: ways of training that know of domains and use no GAN image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ganaug.gain.recipes import list_standard
from ganaug.recipe import Recipe
from ganaug.translate.classical.carriers import CARRIERS

JITTER, LISA = "jitter", "lisa"
INVARIANCES = ("mixstyle", "adversary")
FILLED = 0.5  # share of carried images in a batch


class Candidate(NamedTuple):
    """A way of training without GAN images.

    Attributes:
        recipe: recipe of its fits.
        carrier: name of the carrier that fills its cells, or empty.
    """

    recipe: Recipe
    carrier: str = ""

    def say(self) -> str:
        """Return it in a few words.

        Example:
            >>> Candidate(Recipe("rand", share=0.5), "histogram").say()
            'rand, 50 % synthetic, hard labels, weight 1 (cells filled by histogram)'
        """
        said = self.recipe.say()
        return f"{said} (cells filled by {self.carrier})" if self.carrier else said


def list_augmentations(
    policies: Sequence[str], mixes: Sequence[str]
) -> list[Candidate]:
    """List classical augmentation with even cells: as usual, by jitter, and by LISA."""
    recipes = [
        *list_standard([*policies, JITTER], mixes),
        *list_standard([policies[0], JITTER], [LISA]),
    ]
    return [Candidate(replace(recipe, sampling="cells")) for recipe in recipes]


def list_samplings(best: Candidate) -> list[Candidate]:
    """List the other ways to draw cells and to allow for their sizes."""
    recipe = best.recipe
    ways = [("natural", False), ("natural", True), ("cells", True)]
    return [
        Candidate(replace(recipe, sampling=sampling, adjusted_in_domains=adjusted))
        for sampling, adjusted in ways
    ]


def list_invariances(best: Candidate) -> list[Candidate]:
    """List the best one with a network that is kept from using the domain."""
    return [Candidate(replace(best.recipe, invariance=name)) for name in INVARIANCES]


def list_filled(best: Candidate) -> list[Candidate]:
    """List the best one with cells filled by each carrier."""
    recipe = replace(best.recipe, share=FILLED, draw="cells")
    return [Candidate(recipe, name) for name in CARRIERS]


def list_jittered(filled: Candidate) -> list[Candidate]:
    """List the best filling with jitter, unless it has it."""
    if filled.recipe.policy == JITTER:
        return []
    return [filled._replace(recipe=replace(filled.recipe, policy=JITTER))]

"""Candidates: what a classifier can take from unlabelled images, in a fixed order."""

from __future__ import annotations

from dataclasses import replace

from ganaug.classify.adaptation import reversing
from ganaug.gain.fitting.adapting import BLENDED, CONSISTENT, SELF_TRAINED, SETTLED
from ganaug.gain.protocol.arms import STANDARD
from ganaug.recipe import Recipe

WITH_GAN = " with GAN images"
SHARE = 0.5  # of a batch that are carried images, where a recipe has them
# name of the arm → what it makes of the unlabelled images, the research's choice first
ADAPTED = {
    SELF_TRAINED: SELF_TRAINED,
    CONSISTENT: CONSISTENT,
    SETTLED: SETTLED,
    BLENDED: BLENDED,
    STANDARD: "none",
}
MIXED = (SELF_TRAINED, CONSISTENT, SETTLED)  # arms that are tried with GAN images too


def list_settled(sampling: str) -> list[Recipe]:
    """List the recipes that choose the augmentation."""
    return [
        Recipe(name, sampling=sampling, adaptation=SETTLED)
        for name in reversing.POLICIES
    ]


def list_adapted(base: Recipe) -> dict[str, Recipe]:
    """Return arm → recipe without GAN images.

    Example:
        >>> list(list_adapted(Recipe()))
        ['self-trained', 'consistent', 'settled', 'blended', 'standard']
    """
    return {name: replace(base, adaptation=own) for name, own in ADAPTED.items()}


def list_mixed(adapted: dict[str, Recipe]) -> dict[str, Recipe]:
    """Return arm → recipe with GAN images, which are drawn as real ones are."""
    return {
        name + WITH_GAN: replace(
            adapted[name], share=SHARE, draw=adapted[name].sampling
        )
        for name in MIXED
    }

"""The verdict beside unlabelled images: about their domain, or hidden ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ganaug.gain.judgement.design import METRIC, Design
from ganaug.gain.judgement.result import GainResult, summarise
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.recipe import HELPS


def summarise_unlabelled(
    results: Sequence[SplitResult], design: Design, *, where: str, path: Path
) -> GainResult:
    """Return the figures and the verdict of finished splits.

    The recipe is the one with GAN images only if they help: otherwise it is what the
    best training without them makes of the unlabelled images.

    Args:
        results: results of the splits.
        design: facts about the splits.
        where: the domains of the test images, in words.
        path: folder of the gain.
    """
    own = replace(design, metric=f"{METRIC} in {where}")
    result = summarise(results, own, path=path)
    arm = SYNTHETIC if result.verdict.word == HELPS else OPPONENT
    recipes = [found.recipes[arm] for found in results]
    return replace(result, recipe=max(recipes, key=recipes.count))

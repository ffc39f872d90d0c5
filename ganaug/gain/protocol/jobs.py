"""Jobs: what a split has to compute, listed before anything is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ganaug.gain.protocol.arms import (
    OPPONENT,
    PLACEBO,
    STANDARD,
    SYNTHETIC,
    Arm,
    list_arms,
)
from ganaug.gain.protocol.selection import list_rounds, list_rungs
from ganaug.gain.recipes import list_mixtures, list_opponents, list_standard
from ganaug.gain.settings import AGAIN, CHOOSING, TRIALS, Settings
from ganaug.recipe import Recipe

POOL, LOSSES = "pool", "trials"
OPTIMISATION = "optimisation"  # tuned at the first split, for all
MIXED = 1.4  # cost of a fit with synthetic images: its batches are larger


class Job(NamedTuple):
    """Something that is computed once and kept as a cell.

    Attributes:
        key: name of the cell inside its split.
        cost: cost of its fits, in final fits of real images alone.
    """

    key: str
    cost: float = 0.0


def list_jobs(
    settings: Settings, *, folds: int, uneven: bool, first: bool = False
) -> list[Job]:
    """Return the jobs of a split, as if the earliest candidate won every choice.

    Whichever wins, there are no more jobs than these, and as many of each kind. There
    are fewer where arms share a recipe that could have had one each, or where the GAN
    draws no image that passes the filters. Those of an oracle come on top.

    Args:
        settings: how much work to do.
        folds: number of folds that choose recipes of real images.
        uneven: whether classes differ so much in number that it has to be treated.
        first: whether learning rate and weight decay are tuned in this split.

    Example:
        >>> jobs = list_jobs(Settings(), folds=1, uneven=False)
        >>> jobs[0].key, len(jobs), round(sum(job.cost for job in jobs), 1)
        ('pool', 46, 27.8)
    """
    standard = list_standard(settings.policies, settings.mixes)
    opponents = list_opponents(standard[0], uneven=uneven)
    mixtures = list_mixtures(opponents[0], settings.mixtures)
    mixture = mixtures[0] if mixtures else opponents[0]
    arms = list_arms(
        settings, standard=standard[0], opponent=opponents[0], mixture=mixture
    )
    short = CHOOSING if settings.steps else 1.0  # an estimator is always fitted whole
    tuning = short * sum(n * len(own) for n, own in list_rounds(len(TRIALS), folds))
    jobs = [
        Job(POOL),
        *[Job(OPTIMISATION, tuning)] * (first and settings.tune),
        *_list_trials(standard, folds, short),
        Job(STANDARD),
        *_list_trials(opponents, folds, short),
        Job(OPPONENT),
        *_list_mixture_jobs(mixtures, settings),
        *(_list_placebo_jobs(folds, short) if mixtures else []),
        *_list_finals(arms),
    ]
    return list({job.key: job for job in jobs}.values())


def count_fits(settings: Settings, *, folds: int, uneven: bool) -> float:
    """Return the cost of a split's jobs, in final fits of real images alone.

    What is tuned at the first split alone is not part of it.
    """
    jobs = list_jobs(settings, folds=folds, uneven=uneven)
    return sum(job.cost for job in jobs)


def name_trial(what: str, fold: int) -> str:
    """Return the key of losses on a fold."""
    return f"try-{what}-fold-{fold}"


def name_rung(recipe: Recipe, part: float) -> str:
    """Return the key of a mixture's loss after that part of a fit's steps."""
    return f"try-{name_recipe(recipe)}-{part:g}"


def name_final(arm: Arm, k: int) -> str:
    """Return the key of a final fit; arms of real images alone share theirs."""
    return f"final-{arm.pool or f'real-{name_recipe(arm.recipe)}'}-{k}"


def name_recipe(recipe: Recipe) -> str:
    """Return a short name for files, of all that differs between recipes.

    Example:
        >>> name_recipe(Recipe(share=0.25))
        'light-none-natural-hard-flips-0.25-1-0'
    """
    words = [recipe.policy, recipe.mix, recipe.sampling, recipe.labels]
    words += ["flips"] * recipe.flips + ["adjusted"] * recipe.adjusted
    numbers = (recipe.share, recipe.weight, recipe.real_only)
    return "-".join([*words, *(f"{number:g}" for number in numbers)])


def _list_trials(recipes: Sequence[Recipe], folds: int, cost: float) -> list[Job]:
    return [
        Job(name_trial(name_recipe(recipe), fold), cost)
        for n, own in list_rounds(len(recipes), folds)
        for recipe in recipes[:n]
        for fold in own
    ]


def _list_mixture_jobs(recipes: Sequence[Recipe], settings: Settings) -> list[Job]:
    rungs = [
        Job(name_rung(recipe, part), MIXED * (part if settings.steps else 1))
        for n, part in list_rungs(len(recipes))
        for recipe in recipes[:n]
    ]
    choice = [Job(SYNTHETIC)] * (len(recipes) > 0)
    return [*rungs, *choice, *[Job(LOSSES)] * (len(recipes) > 1)]


def _list_placebo_jobs(folds: int, cost: float) -> list[Job]:
    trials = [
        Job(name_trial(f"{PLACEBO}-{policy}", fold), MIXED * cost)
        for n, own in list_rounds(len(AGAIN), folds)
        for policy in AGAIN[:n]
        for fold in own
    ]
    return [*trials, Job(PLACEBO)]


def _list_finals(arms: dict[str, Arm]) -> list[Job]:
    return [
        Job(name_final(arm, k), MIXED if arm.pool else 1.0)
        for arm in arms.values()
        for k in range(arm.networks)
    ]

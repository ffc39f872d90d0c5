"""Jobs: everything that a split has to compute, listed in advance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ganaug.gain.protocol.arms import (
    OPPONENT,
    PLACEBO,
    STANDARD,
    STYLE,
    SYNTHETIC,
    Arm,
    list_arms,
    make_style_arm,
)
from ganaug.gain.protocol.selection import list_rounds, list_rungs
from ganaug.gain.recipes import (
    change_start,
    list_mixtures,
    list_opponents,
    list_standard,
)
from ganaug.gain.settings import AGAIN, CHOOSING, RUNGS, TRIALS, Settings
from ganaug.recipe import SCRATCH, Recipe

POOL, LOSSES, FINAL = "pool", "trials", "final"
OPTIMISATION = "optimisation"  # tuned in the first split for all splits
MIXED = 1.4  # cost of a fit with synthetic images, which has larger batches


class Job(NamedTuple):
    """One computation, whose result is kept.

    Attributes:
        key: key of its result inside its split.
        cost: cost of its fits, in final fits with real images only.
    """

    key: str
    cost: float = 0.0


def list_jobs(
    settings: Settings,
    *,
    folds: int,
    uneven: bool,
    first: bool = False,
    styled: bool = False,
    started: bool = False,
) -> list[Job]:
    """Return the jobs of a split, as if the earliest candidate won every choice.

    Another winner changes names but never adds jobs. There are fewer where arms turn
    out to share a recipe, or where no GAN image passes the filters. The jobs of an
    oracle are not included.

    Args:
        settings: amount of work.
        folds: number of folds that choose recipes with real images.
        uneven: whether recipes for uneven classes are tried.
        first: whether learning rate and weight decay are tuned in this split.
        styled: whether synthetic images are styled ones, which have an arm more.
        started: whether networks may begin with an earlier run's.

    Example:
        >>> jobs = list_jobs(Settings(), folds=1, uneven=False)
        >>> jobs[0].key, len(jobs), round(sum(job.cost for job in jobs), 1)
        ('pool', 46, 27.8)
    """
    standard = list_standard(settings.policies, settings.mixes)
    opponents = list_opponents(standard[0], uneven=uneven, started=started)
    mixtures = list_mixtures(opponents[0], settings.mixtures)
    mixture = mixtures[0] if mixtures else opponents[0]
    arms = list_arms(
        settings, standard=standard[0], opponent=opponents[0], mixture=mixture
    )
    if styled:
        arms[STYLE] = make_style_arm(settings, mixture)
    short = CHOOSING if settings.steps else 1.0  # an estimator has no shorter fits
    tuning = short * sum(n * len(own) for n, own in list_rounds(len(TRIALS), folds))
    jobs = [
        Job(POOL),
        *[Job(OPTIMISATION, tuning)] * (first and settings.tune),
        *_list_trials(standard, folds, short),
        Job(STANDARD),
        *_list_trials(opponents, folds, short),
        Job(OPPONENT),
        *_list_mixture_jobs(mixtures, settings, started=started),
        *(_list_placebo_jobs(folds, short) if mixtures else []),
        *_list_finals(arms),
    ]
    return list({job.key: job for job in jobs}.values())


def count_fits(
    settings: Settings,
    *,
    folds: int,
    uneven: bool,
    styled: bool = False,
    started: bool = False,
) -> float:
    """Return the cost of a split's jobs, in final fits with real images only.

    The tuning in the first split is not included.
    """
    jobs = list_jobs(
        settings, folds=folds, uneven=uneven, styled=styled, started=started
    )
    return sum(job.cost for job in jobs)


def name_trial(what: str, fold: int) -> str:
    """Return the key for the losses of a trial on a fold."""
    return f"try-{what}-fold-{fold}"


def name_rung(recipe: Recipe, part: float) -> str:
    """Return the key for a mixture's loss after that share of a fit's steps."""
    return f"try-{name_recipe(recipe)}-{part:g}"


def name_final(arm: Arm, k: int) -> str:
    """Return the key for a final fit; arms with real images only share theirs."""
    return f"{FINAL}-{arm.pool or f'real-{name_recipe(arm.recipe)}'}-{k}"


def name_recipe(recipe: Recipe) -> str:
    """Return a short name for files that tells recipes apart.

    Example:
        >>> name_recipe(Recipe(share=0.25))
        'light-none-natural-hard-flips-0.25-1-0'
    """
    words = [recipe.policy, recipe.mix, recipe.sampling, recipe.labels]
    words += ["flips"] * recipe.flips + ["adjusted"] * recipe.adjusted
    apart = bool(recipe.share) and recipe.draw != recipe.sampling
    words += [f"draw={recipe.draw}"] * apart
    words += ["in-domains"] * recipe.adjusted_in_domains
    words += [recipe.invariance] * (recipe.invariance != "none")
    words += [recipe.adaptation] * (recipe.adaptation != "none")
    words += [f"start={recipe.start}"] * (recipe.start != SCRATCH)
    numbers = (recipe.share, recipe.weight, recipe.real_only)
    return "-".join([*words, *(f"{number:g}" for number in numbers)])


def _list_trials(recipes: Sequence[Recipe], folds: int, cost: float) -> list[Job]:
    return [
        Job(name_trial(name_recipe(recipe), fold), cost)
        for n, own in list_rounds(len(recipes), folds)
        for recipe in recipes[:n]
        for fold in own
    ]


def _list_mixture_jobs(
    recipes: Sequence[Recipe], settings: Settings, *, started: bool
) -> list[Job]:
    tried = [
        (recipe, part) for n, part in list_rungs(len(recipes)) for recipe in recipes[:n]
    ]
    tried += [
        (change_start(recipe), RUNGS[-1][1]) for recipe in recipes[: int(started)]
    ]
    rungs = [
        Job(name_rung(recipe, part), MIXED * (part if settings.steps else 1))
        for recipe, part in tried
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

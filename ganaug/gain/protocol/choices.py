"""The choices of one split: each is made once; it and its losses are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.learning import Optimisation
from ganaug.gain.fitting.fits import fit_and_predict
from ganaug.gain.fitting.tasks import Task
from ganaug.gain.pools import Pool, augment_again
from ganaug.gain.protocol.arms import PLACEBO, SYNTHETIC, make_oracle_pool
from ganaug.gain.protocol.jobs import (
    LOSSES,
    OPTIMISATION,
    name_recipe,
    name_rung,
    name_trial,
)
from ganaug.gain.protocol.selection import (
    Fold,
    Losses,
    choose_best,
    halve_recipes,
    measure_losses,
    weigh_classes,
)
from ganaug.gain.protocol.split_data import SplitData
from ganaug.gain.recipes import Mixture, change_start, list_mixtures, to_mixture
from ganaug.gain.settings import CHOOSING, RUNGS, TRIALS
from ganaug.recipe import Recipe


def tune(split: SplitData) -> SplitData:
    """Return the split with tuned learning rate and weight decay.

    The first split tunes them; all others take its choice.
    """
    if not split.settings.tune:
        return split
    short = _shorten(split.task, CHOOSING)

    def attempt(optimisation: Optimisation, fold: int) -> Losses:
        task = replace(short, optimisation=optimisation)
        return _measure(split, task, split.folds[fold], Recipe())

    def choose() -> dict[str, float]:
        trials = [Optimisation(*trial) for trial in TRIALS]
        return choose_best(trials, attempt, _list_judged(split))._asdict()

    chosen = Optimisation(**split.kept.once(OPTIMISATION, choose))
    return replace(split, task=replace(split.task, optimisation=chosen))


def choose_real(split: SplitData, name: str, recipes: Sequence[Recipe]) -> Recipe:
    """Return the best recipe with real images only, by folds of the training part.

    Args:
        split: images to choose on.
        name: key to keep the choice under.
        recipes: candidates in order of preference.
    """
    task = _shorten(split.task, CHOOSING)

    def attempt(recipe: Recipe, fold: int) -> Losses:
        return split.once_arrays(
            name_trial(name_recipe(recipe), fold),
            lambda: {"losses": _measure(split, task, split.folds[fold], recipe)},
        )["losses"]

    chosen = split.once(
        name, lambda: choose_best(recipes, attempt, _list_judged(split)).to_dict()
    )
    return Recipe.from_dict(chosen)


def choose_mixture(split: SplitData, opponent: Recipe) -> Recipe:
    """Return the best recipe with synthetic images; the opponent if there are none.

    Where networks may begin with an earlier run's, the best mixture tries both starts.
    """
    mixtures = _list_mixtures(split, opponent)
    if not mixtures:
        return opponent

    def attempt(recipe: Recipe, part: float) -> float:
        return measure_mixture(split, recipe, part)

    def choose() -> Recipe:
        best = halve_recipes(mixtures, attempt)
        if split.task.parent is None:
            return best
        both = best, change_start(best)
        return min(both, key=lambda recipe: attempt(recipe, RUNGS[-1][1]))

    return Recipe.from_dict(split.once(SYNTHETIC, lambda: choose().to_dict()))


def list_first_losses(split: SplitData, opponent: Recipe) -> dict[Mixture, float]:
    """Return each mixture's loss after the shortest fit; empty for a single mixture."""
    mixtures = _list_mixtures(split, opponent)
    if len(mixtures) < 2:
        return {}
    part = RUNGS[0][1]
    losses = split.once(
        LOSSES,
        lambda: {"losses": [measure_mixture(split, r, part) for r in mixtures]},
    )["losses"]
    return dict(zip(map(to_mixture, mixtures), losses, strict=True))


def choose_again(split: SplitData, recipe: Recipe, policies: Sequence[str]) -> str:
    """Return the policy that augments the placebo again, or `none` if that is worse.

    Some data gain from more augmentation, others lose. Like the opponent, the policy is
    chosen on real images only, so that the placebo is not easy to beat.

    Args:
        split: images to choose on.
        recipe: best recipe with synthetic images.
        policies: candidates in order of preference.
    """
    if split.placebo.echo or not recipe.share:
        return "none"
    task = _shorten(split.task, CHOOSING)

    def attempt(policy: str, fold: int) -> Losses:
        real = make_oracle_pool(split.train.subset(split.folds[fold].fit))
        pool = repeat_pool(split, real, policy)
        return split.once_arrays(
            name_trial(f"{PLACEBO}-{policy}", fold),
            lambda: {"losses": _measure(split, task, split.folds[fold], recipe, pool)},
        )["losses"]

    chosen = split.once(
        PLACEBO, lambda: {"policy": choose_best(policies, attempt, _list_judged(split))}
    )
    return str(chosen["policy"])


def measure_mixture(split: SplitData, recipe: Recipe, part: float) -> float:
    """Return the loss on the validation part after that share of a fit's steps."""

    def measure() -> dict[str, float]:
        task = _shorten(split.task, part)
        losses = _measure(split, task, split.own, recipe, split.pool)
        return {"loss": float(weigh_classes(split.judged(split.own)) @ losses)}

    return float(split.once(name_rung(recipe, part), measure)["loss"])


def repeat_pool(split: SplitData, pool: Pool, policy: str) -> Pool:
    """Augment a pool again, to as many images of each class as the synthetic pool has.

    With the policy `none` the pool is returned unchanged.
    """
    if policy == "none":
        return pool
    return augment_again(
        pool,
        policy,
        np.bincount(split.pool.labels, minlength=split.task.n_classes),
        hflip=split.task.hflip,
        vflip=split.task.vflip,
        seed=split.seed,
    )


def _list_mixtures(split: SplitData, opponent: Recipe) -> list[Recipe]:
    if not len(split.pool) and not split.pool.echo:
        return []
    return list_mixtures(opponent, split.settings.mixtures)


def _measure(
    split: SplitData, task: Task, fold: Fold, recipe: Recipe, pool: Pool | None = None
) -> Losses:
    """Fit on one part of a fold and return the losses on its other part."""
    train = split.train
    task = replace(task, images=train.images[fold.fit], labels=train.labels[fold.fit])
    judged = train.images[fold.judge]
    found = fit_and_predict(task, recipe, pool, judged, seed=split.seed)
    return measure_losses(found, split.judged(fold))


def _list_judged(split: SplitData) -> list[NDArray[np.int64]]:
    return [split.judged(fold) for fold in split.folds]


def _shorten(task: Task, part: float) -> Task:
    return replace(task, steps=max(1, round(part * task.steps)))

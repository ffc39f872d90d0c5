"""Choosing by hidden cells: the best training without GAN images, and with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.parallel import map_parallel
from ganaug.gain.domains.candidates import (
    JITTER,
    Candidate,
    list_augmentations,
    list_filled,
    list_invariances,
    list_jittered,
    list_samplings,
)
from ganaug.gain.domains.split_data import DomainSplit
from ganaug.gain.domains.splits import number_cells
from ganaug.gain.fitting.fits import fit_and_predict
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.arms import OPPONENT, SYNTHETIC
from ganaug.gain.protocol.jobs import name_recipe, name_trial
from ganaug.gain.protocol.selection import Fold, halve_recipes, weigh_classes
from ganaug.recipe import Recipe

Floats = NDArray[np.float64]
FIRST, SECOND = 0.25, 0.5  # shares of a fit's steps while candidates are compared
FINALISTS = 3  # augmentations that are tried for longer
KIND_FINALISTS = 2  # of the other ways without carried images, and of those with
# share, weight of synthetic images; all are drawn evenly over cells with hard labels,
# and to the end: a last phase of real images learns the domain for the class again
SHARES = ((0.5, 1.0), (0.25, 1.0), (0.5, 0.3))


def choose_opponent(split: DomainSplit) -> Candidate:
    """Return the best training without GAN images, by hidden cells.

    Augmentations are compared first, each with even cells; then what else there is, on
    top of the best one: other sampling, networks that ignore domains, carried images.
    Each kind is compared by short fits and one hiding, its best ones by longer fits.
    """

    def choose() -> dict[str, object]:
        best = _pick(split, _narrow_augmentations(split), SECOND)
        ways = [*list_samplings(best), *list_invariances(best)]
        others = _narrow(split, ways, KIND_FINALISTS)
        fillings = _narrow(split, list_filled(best), KIND_FINALISTS)
        filled = _pick(split, fillings, SECOND)
        found = _pick(split, [best, *others, filled, *list_jittered(filled)], SECOND)
        return {"recipe": found.recipe.to_dict(), "carrier": found.carrier}

    found = split.once(OPPONENT, choose)
    return Candidate(Recipe.from_dict(found["recipe"]), found["carrier"])


def choose_standard(split: DomainSplit) -> Recipe:
    """Return the best augmentation, as found for the opponent, in natural sampling."""
    best = _pick(split, _narrow_augmentations(split), SECOND)
    return replace(best.recipe, sampling="natural")


def choose_mixture(split: DomainSplit, opponent: Candidate, pool: Pool) -> Recipe:
    """Return the best recipe with synthetic images, by the first hidden cells.

    Args:
        split: images to choose on.
        opponent: best training without them.
        pool: synthetic images made without the hidden cells.
    """

    def attempt(recipe: Recipe, part: float) -> float:
        key = f"{SYNTHETIC}-{name_recipe(recipe)}"
        return _measure(split, recipe, lambda number: pool, key, 0, part)

    def choose() -> dict[str, object]:
        recipes = list_mixtures(split, opponent)
        return halve_recipes(recipes, attempt).to_dict()

    return Recipe.from_dict(split.once(SYNTHETIC, choose))


def list_mixtures(split: DomainSplit, opponent: Candidate) -> list[Recipe]:
    """List recipes with synthetic images: as the opponent trains, and with jitter."""
    plain = replace(opponent.recipe, share=0.0, draw="natural")
    bases = [replace(plain, policy=policy) for policy in (plain.policy, JITTER)]
    return [
        replace(base, share=share, weight=weight, draw="cells")
        for base in dict.fromkeys(bases)
        for share, weight in SHARES
    ]


def _narrow_augmentations(split: DomainSplit) -> list[Candidate]:
    settings = split.settings
    every = list_augmentations(settings.policies, settings.mixes)
    return _narrow(split, every, FINALISTS)


def _narrow(
    split: DomainSplit, every: Sequence[Candidate], most: int
) -> list[Candidate]:
    """Return the candidates that are best after a short fit, by one hiding."""
    losses = _measure_all(split, every, FIRST, split.folds[:1])
    return [every[i] for i in np.argsort(losses, kind="stable")[:most]]


def _pick(
    split: DomainSplit, candidates: Sequence[Candidate], part: float
) -> Candidate:
    losses = _measure_all(split, candidates, part, split.folds)
    return candidates[int(np.argmin(losses))]


def _measure_all(
    split: DomainSplit,
    candidates: Sequence[Candidate],
    part: float,
    folds: Sequence[Fold],
) -> Floats:
    """Return each candidate's loss, the mean over the hidden cells of these folds."""

    def measure(pair: tuple[Candidate, int]) -> float:
        candidate, number = pair
        key = "-".join([name_recipe(candidate.recipe), candidate.carrier]).rstrip("-")
        carrier = candidate.carrier
        return _measure(
            split, candidate.recipe,
            lambda n: split.carry(carrier, n) if carrier else None,
            key, number, part,
        )  # fmt: skip

    numbers = range(len(folds))
    pairs = [(candidate, number) for candidate in candidates for number in numbers]
    losses = map_parallel(measure, pairs)
    table = np.array(losses, np.float64).reshape(len(candidates), -1)
    return np.asarray(table.mean(axis=1))


def _measure(
    split: DomainSplit,
    recipe: Recipe,
    find_pool: Callable[[int], Pool | None],
    key: str,
    number: int,
    part: float,
) -> float:
    """Fit without a fold's hidden cells, and return the loss on them."""

    def measure() -> dict[str, float]:
        fold = split.folds[number]
        task = split.narrow(fold)
        task = replace(task, steps=max(1, round(part * task.steps)))
        judged = split.train.subset(fold.judge)
        found = fit_and_predict(
            task, recipe, find_pool(number), judged.images, seed=split.seed
        )
        misses = measure_misses(found, judged.labels)
        return {"loss": float(weigh_classes(number_cells(judged)) @ misses)}

    return float(split.once(name_trial(f"{key}-{part:g}", number), measure)["loss"])


def measure_misses(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> Floats:
    """Return (n,) how far each image is from being recognised, 0 to 1.

    The mean of two: whether it is taken for another class, and the share of the other
    classes that seem likelier than its own. In cells that a network never saw, how sure
    it is says how long it has learned and how much was mixed, and hardly how good it
    is; and after a short fit nearly all images there are taken for other classes. So
    only the order of the classes counts. A failed fit misses entirely.

    Example:
        >>> p = np.array([[0.6, 0.3, 0.1], [0.6, 0.3, 0.1], [0.6, 0.3, 0.1]])
        >>> measure_misses(p, np.array([0, 1, 2])).tolist()
        [0.0, 0.75, 1.0]
    """
    n, k = probabilities.shape
    own = probabilities[np.arange(n), labels]
    above = (probabilities > own[:, None]).sum(axis=1) / max(1, k - 1)
    wrong = probabilities.argmax(axis=1) != labels
    misses = (wrong + above) / 2
    misses[~np.isfinite(probabilities).all(axis=1)] = 1.0
    return np.asarray(misses, np.float64)

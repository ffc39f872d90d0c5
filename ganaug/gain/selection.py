"""Selection: which recipe is best on images that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.parallel import map_parallel
from ganaug.gain.recipe import Recipe
from ganaug.gain.settings import CHOOSING, RUNGS

LEAST = 1e-4  # probability that a sure mistake is counted with

Try = Callable[[Recipe, float], float]  # recipe, part of a fit's steps → loss


def choose_recipe(recipes: Sequence[Recipe], attempt: Try) -> Recipe:
    """The recipe with the lowest loss; the earlier one of equals.

    Example:
        >>> choose_recipe([Recipe(), Recipe(mix="mixup")], lambda r, _: len(r.mix)).mix
        'none'
    """
    if len(recipes) == 1:
        return recipes[0]
    losses = _try_all(recipes, attempt, CHOOSING)
    return recipes[int(np.argmin(losses))]


def halve_recipes(recipes: Sequence[Recipe], attempt: Try) -> Recipe:
    """The winner of successive halving (Jamieson and Talwalkar, 2016).

    All start with short fits; the best few are fitted again for longer.

    Example:
        >>> recipes = [Recipe(share=0.1), Recipe(share=0.5), Recipe(share=0.25)]
        >>> halve_recipes(recipes, lambda r, part: abs(r.share - 0.3)).share
        0.25
    """
    left = list(recipes)
    for most, part in RUNGS:
        left = left[:most]
        losses = _try_all(left, attempt, part)
        left = [left[i] for i in np.argsort(losses, kind="stable")]
    return left[0]


def _try_all(recipes: Sequence[Recipe], attempt: Try, part: float) -> list[float]:
    return map_parallel(lambda recipe: attempt(recipe, part), recipes)


def measure_loss(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> float:
    """Mean −log of the true class's probability, each class counting alike.

    Finer than accuracy on few images. Probabilities below 1e-4 count as that, so that
    one image does not decide.

    Example:
        >>> round(measure_loss(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0, 1])), 3)
        0.693
    """
    own = probabilities[np.arange(len(labels)), labels].clip(min=LEAST)
    each = [-np.log(own[labels == k]).mean() for k in np.unique(labels)]
    return float(np.mean(each))

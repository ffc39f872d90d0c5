"""Selection: find the best recipe on images that no candidate was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.parallel import map_parallel
from ganaug.data.images import LabelledImages
from ganaug.data.split import make_folds
from ganaug.gain.settings import FINALISTS, FIRST_FOLDS, FOLDS, RUNGS, count_trial_folds
from ganaug.recipe import Recipe

LEAST_PROBABILITY = 1e-4  # smaller probabilities of the true class count as this

Indices = NDArray[np.int64]
Losses = NDArray[np.float64]  # (n,) one loss per judged image
Item = TypeVar("Item")
Try = Callable[[Recipe, float], float]  # recipe, share of a fit's steps → loss


class Fold(NamedTuple):
    """Indices into one training part: images to fit, and images to judge by."""

    fit: Indices
    judge: Indices


def make_trial_folds(
    train: LabelledImages, fit: Indices, judge: Indices, *, seed: int
) -> list[Fold]:
    """Return the folds that compare recipes with real images only.

    If `judge` has 200 images or more, it is the only fold. Fewer would decide by
    chance, so five folds are drawn, and as many are returned as judge 200 together.

    Args:
        train: a training part.
        fit, judge: indices of its two parts.
        seed: seed for the folds.
    """
    wanted = count_trial_folds(len(judge))
    if wanted == 1:
        return [Fold(fit, judge)]
    drawn = make_folds(train.labels, train.groups, folds=FOLDS, seed=seed)
    folds = [
        Fold(np.flatnonzero(drawn != k), np.flatnonzero(drawn == k))
        for k in range(FOLDS)
    ]
    return [fold for fold in folds if len(fold.judge) and len(fold.fit)][:wanted]


def choose_best(
    items: Sequence[Item],
    attempt: Callable[[Item, int], Losses],
    judged: Sequence[Indices],
) -> Item:
    """Choose the first item that is about as good as the best one.

    All items are tried on the first two folds, the best four on the others too. Of
    these four, the first one whose mean loss is within one standard error of the lowest
    wins (Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3).
    With few images the order of preference decides, not chance.

    Args:
        items: candidates in order of preference.
        attempt: function item, fold → losses (n,) of the images that the fold judges.
        judged: classes (n,) of these images, for each fold.

    Example:
        >>> losses = {"rand": [0.5, 0.6], "light": [0.6, 0.4], "none": [2.0, 2.1]}
        >>> choose_best(list(losses), lambda name, _: np.array(losses[name]),
        ...             [np.array([0, 1])])
        'rand'
    """
    if len(items) == 1:
        return items[0]
    left = list(range(len(items)))
    found: list[list[Losses]] = [[] for _ in items]
    for n, folds in list_rounds(len(items), len(judged)):
        left = sorted(left[:n])
        pairs = [(k, fold) for k in left for fold in folds]
        losses = map_parallel(lambda pair: attempt(items[pair[0]], pair[1]), pairs)
        for (k, _), values in zip(pairs, losses, strict=True):
            found[k].append(values)
        weights = weigh_classes(np.concatenate(judged[: folds.stop]))
        means = [float(weights @ np.concatenate(found[k])) for k in left]
        left = [left[k] for k in np.argsort(means, kind="stable")]
    left = sorted(left[:FINALISTS])
    rows = [np.concatenate(found[k]) for k in left]
    return items[left[pick_first(np.stack(rows), weights)]]


def list_rounds(items: int, folds: int) -> list[tuple[int, range]]:
    """Return (number of items, folds to try them on) per round; none for one item.

    Example:
        >>> list_rounds(9, 5)
        [(9, range(0, 2)), (4, range(2, 5))]
        >>> list_rounds(9, 1), list_rounds(1, 5)
        ([(9, range(0, 1))], [])
    """
    if items < 2:
        return []
    first = min(folds, FIRST_FOLDS)
    rounds = [(items, range(first)), (min(items, FINALISTS), range(first, folds))]
    return [(n, own) for n, own in rounds if len(own)]


def pick_first(losses: Losses, weights: NDArray[np.float64]) -> int:
    """Return the first row whose mean is within a standard error of the lowest.

    The standard error is that of the images' paired differences from the lowest row.

    Args:
        losses: (rows, n) losses of the images.
        weights: (n,) weights with the sum 1.
    """
    means = losses @ weights
    differences = losses - losses[int(np.argmin(means))]
    spread = differences - (differences @ weights)[:, None]
    errors = np.sqrt((weights**2 * spread**2).sum(axis=1))
    return int(np.argmax(means <= means.min() + errors))


def weigh_classes(labels: Indices) -> NDArray[np.float64]:
    """Return (n,) weights with the sum 1 that give each class the same total.

    Example:
        >>> weigh_classes(np.array([0, 0, 1])).tolist()
        [0.25, 0.25, 0.5]
    """
    _, own, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(counts) * counts[own]), np.float64)


def halve_recipes(recipes: Sequence[Recipe], attempt: Try) -> Recipe:
    """Return the winner of successive halving (Jamieson and Talwalkar, 2016).

    All recipes get a short fit; the best ones are fitted again for longer.

    Example:
        >>> recipes = [Recipe(share=0.1), Recipe(share=0.5), Recipe(share=0.25)]
        >>> halve_recipes(recipes, lambda r, part: abs(r.share - 0.3)).share
        0.25
    """
    left = list(recipes)
    for n, part in list_rungs(len(recipes)):
        left = left[:n]
        tried = [(recipe, part) for recipe in left]
        losses = map_parallel(lambda pair: attempt(*pair), tried)
        left = [left[i] for i in np.argsort(losses, kind="stable")]
    return left[0]


def list_rungs(recipes: int) -> list[tuple[int, float]]:
    """Return (number of recipes, share of a fit's steps) for each rung.

    Example:
        >>> list_rungs(12), list_rungs(3)
        ([(12, 0.25), (4, 0.5)], [(3, 0.25), (3, 0.5)])
    """
    return [(min(recipes, most), part) for most, part in RUNGS]


def measure_losses(probabilities: NDArray[np.floating], labels: Indices) -> Losses:
    """Return (n,) −log of the true class's probability.

    Probabilities below 1e-4, and those of a failed fit, count as 1e-4, so that no
    single image decides.

    Example:
        >>> measure_losses(np.array([[0.5, 0.5], [1, 0]]), np.array([0, 1])).round(2)
        array([0.69, 9.21])
    """
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return np.asarray(
        -np.log(np.nan_to_num(own).clip(min=LEAST_PROBABILITY)), np.float64
    )

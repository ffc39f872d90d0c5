"""One split beside unlabelled images: choices without labels, and final fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ganaug.classify.adaptation.reversing import choose_policy
from ganaug.gain.fitting.adapting import SELF_TRAINED, SETTLED
from ganaug.gain.fitting.fits import fit_and_predict
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.arms import OPPONENT, ORACLE, PLACEBO, SYNTHETIC
from ganaug.gain.protocol.jobs import POOL, name_recipe
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.protocol.split_task import PLACEBO_POLICY, augment_sources
from ganaug.gain.recipes import is_uneven
from ganaug.gain.splitting.splits import Split
from ganaug.gain.unlabelled.candidates import (
    list_adapted,
    list_mixed,
    list_settled,
)
from ganaug.gain.unlabelled.choosing import choose_arm
from ganaug.gain.unlabelled.split_data import (
    UnlabelledExperiment,
    UnlabelledSplit,
    open_split,
)
from ganaug.recipe import Recipe

POLICY = "policy"  # key of the augmentation that was chosen

Probabilities = NDArray[np.float32]


def run_unlabelled_split(
    experiment: UnlabelledExperiment,
    split: Split,
    number: int,
    *,
    truth: NDArray[np.int64] | None = None,
) -> SplitResult:
    """Choose without labels of the new domain, train all arms, and predict the test.

    Args:
        experiment: data and settings that all splits share.
        split: images to train with; test images, where a domain is hidden.
        number: number of the split, which decides its seed and its folder.
        truth: (m,) classes of the unlabelled images, for the oracle, or None.
    """
    part = open_split(experiment, split, number)
    base = _choose_base(part)
    plain = list_adapted(base)
    seen = {name: _fit(part, recipe, None, 0) for name, recipe in plain.items()}
    opponent = choose_arm({name: found[0] for name, found in seen.items()})
    carried, sources = part.carry(POOL, seen[SELF_TRAINED][0], base.policy)
    mixed = list_mixed(plain) if len(carried) else {}
    seen |= {
        name: _fit(part, recipe, carried, 0, SYNTHETIC)
        for name, recipe in mixed.items()
    }
    recipes = {**plain, **mixed}
    chosen = opponent
    if mixed:
        chosen = choose_arm({name: seen[name][0] for name in mixed})
    arms = {name: found[1][None] for name, found in seen.items()}
    pools = {
        OPPONENT: None,
        SYNTHETIC: carried,
        PLACEBO: augment_sources(part.task, sources, seed=part.seed),
    }
    for arm, name in ((OPPONENT, opponent), (SYNTHETIC, chosen), (PLACEBO, chosen)):
        recipes[arm] = recipes[name]
        arms[arm] = _predict(part, recipes[name], pools[arm], arm)
    if truth is not None:
        recipes[ORACLE] = replace(
            base, share=0.5, adaptation=SETTLED, draw=base.sampling
        )
        arms[ORACLE] = _predict(part, recipes[ORACLE], _label(part, truth), ORACLE)
    return SplitResult(
        number=number,
        labels=part.test.labels,
        predictions=arms,
        recipes=recipes,
        kept=np.bincount(carried.labels, minlength=part.task.n_classes),
        again=PLACEBO_POLICY,
        said={OPPONENT: recipes[opponent].say()},
    )


def _choose_base(part: UnlabelledSplit) -> Recipe:
    """Return the augmentation that was chosen, with sampling that suits the classes."""
    uneven = is_uneven(np.bincount(part.task.labels))
    recipes = list_settled("balanced" if uneven else "natural")
    guesses = {r.policy: _fit(part, r, None, 0)[0] for r in recipes}
    back = recipes[0]

    def choose() -> dict[str, str]:
        labels = part.task.labels
        name = choose_policy(guesses, labels, lambda y: _learn_back(part, back, y))
        return {POLICY: name}

    name = part.once(POLICY, choose)[POLICY]
    return next(recipe for recipe in recipes if recipe.policy == name)


def _learn_back(
    part: UnlabelledSplit, recipe: Recipe, guesses: NDArray[np.int64]
) -> Probabilities:
    """Learn the unlabelled images with guessed classes; recognise the labelled ones."""
    task = part.task
    assert task.unlabelled is not None, "a split has unlabelled images"
    turned = replace(
        task, images=task.unlabelled, labels=guesses, unlabelled=task.images
    )
    return fit_and_predict(turned, recipe, None, task.images, seed=part.seed)


def _predict(
    part: UnlabelledSplit, recipe: Recipe, pool: Pool | None, tag: str
) -> Probabilities:
    """Return (networks, n, k) probabilities of the test images."""
    networks = range(part.experiment.settings.initialisations)
    return np.stack([_fit(part, recipe, pool, k, tag)[1] for k in networks])


def _fit(
    part: UnlabelledSplit, recipe: Recipe, pool: Pool | None, k: int, tag: str = ""
) -> tuple[Probabilities, Probabilities]:
    """Return a network's probabilities for the unlabelled and for the test images.

    Self-training begins with what the same training makes of the unlabelled images
    without it.

    Args:
        part: the split.
        recipe: how to train.
        pool: images to mix in, or None.
        k: number of the network.
        tag: name of the pool, in the key that the result is kept under.
    """
    task = part.task
    if recipe.adaptation == SELF_TRAINED:
        first = replace(recipe, adaptation=SETTLED)
        task = replace(task, guesses=_fit(part, first, pool, k, tag)[0])
    own = tag if recipe.share else "real"
    assert task.unlabelled is not None, "a split has unlabelled images"
    m = len(task.unlabelled)
    images = np.concatenate([task.unlabelled, part.images])
    found = part.once_arrays(
        f"final-{own}-{name_recipe(recipe)}-{k}",
        lambda: {"p": fit_and_predict(task, recipe, pool, images, seed=part.seed + k)},
    )["p"]
    return found[:m], found[m:]


def _label(part: UnlabelledSplit, truth: NDArray[np.int64]) -> Pool:
    """Return the unlabelled images with their classes."""
    assert part.task.unlabelled is not None, "a split has unlabelled images"
    eye = np.eye(part.task.n_classes, dtype=np.float32)
    return Pool(part.task.unlabelled, truth, eye[truth])

"""One split where domains are known: choices by hidden cells, pools and final fits."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ganaug.data.cells import SEEN, count_cells
from ganaug.data.images import LabelledImages
from ganaug.gain.domains.candidates import Candidate
from ganaug.gain.domains.choosing import (
    SECOND,
    choose_mixture,
    choose_opponent,
    choose_standard,
)
from ganaug.gain.domains.split_data import DomainExperiment, DomainSplit, open_split
from ganaug.gain.domains.splits import number_cells
from ganaug.gain.pools import Pool
from ganaug.gain.protocol.arms import (
    EVEN,
    OPPONENT,
    ORACLE,
    PLACEBO,
    PLAIN_ARM,
    SHUFFLED,
    STANDARD,
    SYNTHETIC,
    Arm,
)
from ganaug.gain.protocol.final_fits import P, predict_finally
from ganaug.gain.protocol.jobs import POOL
from ganaug.gain.protocol.split_run import SplitResult
from ganaug.gain.protocol.split_task import PLACEBO_POLICY, augment_sources
from ganaug.gain.recipes import PLAIN
from ganaug.gain.settings import ENSEMBLE
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split
from ganaug.recipe import Recipe


class Choices(NamedTuple):
    """What hidden cells choose: the usual training, the opponent, and the mixture."""

    standard: Recipe
    opponent: Candidate
    mixture: Recipe


def run_domain_split(
    experiment: DomainExperiment,
    split: Split,
    number: int,
    *,
    oracle: LabelledImages | None = None,
    chosen: Choices | None = None,
) -> SplitResult:
    """Make a split's choices and pools, train its arms, and predict its test images.

    Args:
        experiment: data and settings that all splits share.
        split: images to train, choose and test with; hidden cells choose.
        number: number of the split, which decides its seed and its folder.
        oracle: further real images, of the cells that lack, or None.
        chosen: what another split's hidden cells have chosen, to save half of the
            work; by default this split's own choose.
    """
    part = open_split(experiment, split, number)
    standard, opponent, mixture = chosen or _choose(part, experiment)
    every = np.arange(len(part.train))
    pool, sources = part.fill(POOL, experiment.make_fill, every, 1.0)
    pools = {
        SYNTHETIC: pool,
        PLACEBO: augment_sources(part.task, sources, seed=part.seed),
    }
    if experiment.make_shuffled is not None:
        pools[SHUFFLED], _ = part.fill(SHUFFLED, experiment.make_shuffled, every, 1.0)
    if oracle is not None:
        pools[ORACLE] = _make_oracle(to_grid(oracle, part.settings.grid))
    if opponent.carrier:
        pools[opponent.carrier] = part.carry(opponent.carrier)
    arms = list_arms(part, standard, opponent, mixture, pools)
    test = find_test(experiment, split)
    images = to_grid(test, part.settings.grid).images
    return SplitResult(
        number=number,
        labels=test.labels,
        predictions={
            name: predict_finally(part, arm, pools.get(arm.pool), images)[P]
            for name, arm in arms.items()
        },
        recipes={name: arm.recipe for name, arm in arms.items()},
        kept=np.bincount(pool.labels, minlength=part.task.n_classes),
        again=PLACEBO_POLICY,
        units=find_units(test, part.source, hidden=split.test is not None),
        domains=test.domains,
        said={OPPONENT: opponent.say()},
        carrier=opponent.carrier,
    )


def _choose(part: DomainSplit, experiment: DomainExperiment) -> Choices:
    standard, opponent = choose_standard(part), choose_opponent(part)
    early, _ = part.fill(
        f"{POOL}-choosing", experiment.make_fill, part.folds[0].fit, SECOND
    )
    return Choices(standard, opponent, choose_mixture(part, opponent, early))


def read_choices(result: SplitResult) -> Choices:
    """Return what a finished split has chosen."""
    recipes = result.recipes
    opponent = Candidate(recipes[OPPONENT], result.carrier)
    return Choices(recipes[STANDARD], opponent, recipes[SYNTHETIC])


def find_test(experiment: DomainExperiment, split: Split) -> LabelledImages:
    """Return a split's test images: the given ones, or its hidden cells."""
    if split.test is not None:
        return experiment.data.subset(split.test)
    assert experiment.test is not None, "a test set is given, or cells are hidden"
    return experiment.test


def find_units(
    test: LabelledImages, train: LabelledImages, *, hidden: bool
) -> NDArray[np.int64]:
    """Return (n,) the cell that each test image counts for; −1 for one that does not.

    Thin and empty cells of the training part count. Hidden cells all do.

    Args:
        test: test images.
        train: training part.
        hidden: whether the test images are hidden cells.
    """
    cells = number_cells(test)
    if hidden:
        return cells
    assert test.domains is not None, "test images have domains"
    lacking = count_cells(train) < SEEN
    counted = lacking[test.labels, test.domains] & (test.domains >= 0)
    return np.where(counted, cells, -1)


def list_arms(
    split: DomainSplit,
    standard: Recipe,
    opponent: Candidate,
    mixture: Recipe,
    pools: dict[str, Pool],
) -> dict[str, Arm]:
    """Return the arms of a split by name.

    What no gain is a difference from is fitted once: it shows where the others stand.
    """
    settings = split.settings
    single = settings.initialisations
    pair = max(single, ENSEMBLE) if settings.ensemble else single
    even = replace(standard, sampling="cells")
    arms = {
        PLAIN_ARM: Arm(PLAIN, 1),
        STANDARD: Arm(standard, 1),
        EVEN: Arm(even, 1),
        OPPONENT: Arm(opponent.recipe, pair, opponent.carrier),
        SYNTHETIC: Arm(mixture, pair, SYNTHETIC),
        PLACEBO: Arm(mixture, single, PLACEBO),
        SHUFFLED: Arm(mixture, single, SHUFFLED),
        ORACLE: Arm(replace(mixture, weight=1.0), 1, ORACLE),
    }
    return {
        name: arm for name, arm in arms.items() if not arm.pool or arm.pool in pools
    }


def _make_oracle(images: LabelledImages) -> Pool:
    eye = np.eye(len(images.classes), dtype=np.float32)
    return Pool(
        images.images, images.labels, eye[images.labels], domains=images.domains
    )

"""One split: pool, choices and final fits, each computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ganaug.data.images import LabelledImages
from ganaug.gain.kept import Arrays
from ganaug.gain.protocol.arms import (
    OPPONENT,
    ORACLE,
    PLACEBO,
    STANDARD,
    STYLE,
    SYNTHETIC,
    list_arms,
    make_oracle_arm,
    make_oracle_pool,
    make_style_arm,
)
from ganaug.gain.protocol.choices import (
    choose_again,
    choose_mixture,
    choose_real,
    list_first_losses,
    repeat_pool,
    tune,
)
from ganaug.gain.protocol.final_fits import SHIFTED, P, predict_finally
from ganaug.gain.protocol.split_data import Experiment, open_split
from ganaug.gain.recipes import Mixture, is_uneven, list_opponents, list_standard
from ganaug.gain.settings import AGAIN
from ganaug.gain.shifts.policies import leave_out_tested
from ganaug.gain.shifts.versions import ShiftedAnswers, ShiftedTest, make_shifted_test
from ganaug.gain.splitting.inputs import to_grid
from ganaug.gain.splitting.splits import Split
from ganaug.recipe import Recipe


@dataclass(frozen=True, eq=False)
class SplitResult:
    """The result of one split.

    Attributes:
        number: number of the split.
        labels: (n,) classes of the test images.
        predictions: arm → (networks, n, k) probabilities; NaN for a network whose fit
            failed.
        recipes: arm → recipe.
        kept: (k,) synthetic images of each class that passed the filters.
        trials: mixture → loss after its first, short trial; empty when unknown.
        again: policy that augmented the placebo's images again, `none` for unchanged
            images; empty when unknown.
        units: (n,) number of what each test image counts for, such as its cell, −1 for
            one that does not count; None where it counts for its class.
        domains: (n,) domains of the test images, or None.
        said: arm → what it is in words, where its recipe does not say all.
        carrier: name of the carrier that filled the opponent's cells, or empty.
        shifted: what networks say to corrupted test images, or None.
    """

    number: int
    labels: NDArray[np.int64]
    predictions: dict[str, NDArray[np.float32]]
    recipes: dict[str, Recipe]
    kept: NDArray[np.int64]
    trials: dict[Mixture, float] = field(default_factory=dict)
    again: str = ""
    units: NDArray[np.int64] | None = None
    domains: NDArray[np.int64] | None = None
    said: dict[str, str] = field(default_factory=dict)
    carrier: str = ""
    shifted: ShiftedAnswers | None = None

    @property
    def counted(self) -> NDArray[np.int64]:
        """What each test image (n,) counts for: scores give each the same weight."""
        return self.labels if self.units is None else self.units

    def say_recipe(self, arm: str) -> str:
        """Return an arm's training in words."""
        return self.said.get(arm) or self.recipes[arm].say()


def run_split(
    experiment: Experiment,
    split: Split,
    number: int,
    *,
    oracle: LabelledImages | None = None,
) -> SplitResult:
    """Make a split's pool and choices, train its arms, and predict its test images.

    Args:
        experiment: data and settings that all splits share.
        split: images to train, choose and test with.
        number: number of the split, which decides its seed and its folder.
        oracle: further real images for an arm that mixes them in, or None.
    """
    part, settings = tune(open_split(experiment, split, number)), experiment.settings
    recipes = list_standard(settings.policies, settings.mixes)
    standard = choose_real(part, STANDARD, recipes)
    opponents = list_opponents(
        standard,
        uneven=is_uneven(part.train.counts),
        started=experiment.parent is not None,
    )
    opponent = choose_real(part, OPPONENT, opponents)
    mixture = choose_mixture(part, opponent)
    policies = leave_out_tested(AGAIN) if experiment.shifts else AGAIN
    again = choose_again(part, mixture, policies)
    arms = list_arms(settings, standard=standard, opponent=opponent, mixture=mixture)
    pools = {SYNTHETIC: part.pool, PLACEBO: repeat_pool(part, part.placebo, again)}
    if experiment.styled:
        arms[STYLE], pools[STYLE] = make_style_arm(settings, mixture), part.pool
    if oracle is not None:
        arms[ORACLE] = make_oracle_arm(settings, mixture)
        pools[ORACLE] = make_oracle_pool(to_grid(oracle, settings.grid))
    test = experiment.test
    if split.test is not None:
        test = experiment.data.subset(split.test)
    assert test is not None, "without a test set each split has its own test images"
    images = to_grid(test, settings.grid).images
    shifted = None
    if experiment.shifts:
        shifted = make_shifted_test(images, test.labels, seed=settings.seed)
    found = {
        name: predict_finally(part, arm, pools.get(arm.pool), images, shifted)
        for name, arm in arms.items()
    }
    return SplitResult(
        number=number,
        labels=test.labels,
        predictions={name: own[P] for name, own in found.items()},
        recipes={name: arm.recipe for name, arm in arms.items()},
        kept=np.bincount(part.pool.labels, minlength=part.task.n_classes),
        trials=list_first_losses(part, opponent),
        again=again,
        shifted=None if shifted is None else _join_answers(shifted, found),
    )


def _join_answers(test: ShiftedTest, found: Mapping[str, Arrays]) -> ShiftedAnswers:
    answers = {name: own[SHIFTED] for name, own in found.items()}
    return ShiftedAnswers(test.versions, test.rows, answers)

"""The protocol: arms with and without synthetic images, over splits, each cell once."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ganaug.classify.learning import Optimisation
from ganaug.classify.parallel import map_parallel
from ganaug.data.images import LabelledImages
from ganaug.gain.arms import CPU, Task, fit_arm
from ganaug.gain.cells import Arrays, Cells
from ganaug.gain.classifiers import Build
from ganaug.gain.estimators import OnFeatures
from ganaug.gain.gan_source import Source
from ganaug.gain.pools import Pool, augment_again
from ganaug.gain.recipes import (
    PLAIN,
    Mixture,
    list_mixtures,
    list_opponents,
    list_standard,
    to_mixture,
)
from ganaug.gain.selection import (
    Fold,
    Losses,
    choose_best,
    halve_recipes,
    make_trial_folds,
    measure_losses,
    weigh_classes,
)
from ganaug.gain.settings import AGAIN, CHOOSING, ENSEMBLE, RUNGS, TRIALS, Settings
from ganaug.gain.splitting.splits import Split
from ganaug.recipe import Recipe

UNEVEN = 1.5  # largest class over smallest, from where uneven classes are treated
PLAIN_ARM, STANDARD, OPPONENT = "plain", "standard", "opponent"
SYNTHETIC, PLACEBO, ORACLE = "synthetic", "placebo", "oracle"
OPTIMISATION = "optimisation"  # the cell of what is tuned at the first split


class Arm(NamedTuple):
    """A recipe, where its share comes from, and how many networks are fitted."""

    recipe: Recipe
    pool: Pool | None
    networks: int


@dataclass(frozen=True, eq=False)
class SplitResult:
    """What a split gave.

    Attributes:
        number: of the split.
        labels: (n,) of its test images.
        predictions: arm → (networks, n, k) probabilities; NaN for a network whose fit
            failed.
        recipes: arm → recipe.
        kept: (k,) synthetic images that passed the filters, per class.
        trials: mixture → loss after its first, short trial; none where not known.
        again: the policy by which the placebo's images were augmented again, `none` for
            images as they are; empty where not known.
    """

    number: int
    labels: NDArray[np.int64]
    predictions: dict[str, NDArray[np.float32]]
    recipes: dict[str, Recipe]
    kept: NDArray[np.int64]
    trials: dict[Mixture, float] = field(default_factory=dict)
    again: str = ""


def run_split(
    data: LabelledImages,
    test: LabelledImages | None,
    split: Split,
    number: int,
    *,
    source: Source,
    settings: Settings,
    cells: Cells,
    build: Build | OnFeatures,
    oracle: LabelledImages | None = None,
    device: torch.device = CPU,
) -> SplitResult:
    """Everything about one split: pool, choices, final fits.

    Args:
        data: all real images, at the grid.
        test: the given test set at the grid, or None where the split has its own.
        split: of `data`.
        number: of the split; names its cells and seeds it.
        source: makes the pool out of the part that fits.
        settings: how much work to do.
        cells: where results are kept.
        build: the classifier.
        oracle: further real images, for the arm that mixes these in.
        device: where classifiers learn.
    """
    work = _Work(data, split, number, source, settings, cells, build, device)
    judged = test if split.test is None else data.subset(split.test)
    assert judged is not None, "a split has its own test images or a set is given"
    arms = work.list_arms(oracle)
    predictions = {
        name: work.predict(name, arm, judged.images) for name, arm in arms.items()
    }
    recipes = {name: arm.recipe for name, arm in arms.items()}
    kept = np.bincount(work.pool.labels, minlength=len(data.classes))
    trials = work.list_trials(recipes[OPPONENT])
    again = work.choose_again(recipes[SYNTHETIC])
    return SplitResult(number, judged.labels, predictions, recipes, kept, trials, again)


def is_uneven(counts: NDArray[np.int64]) -> bool:
    """Whether classes differ so much in number that it has to be treated.

    Example:
        >>> is_uneven(np.array([10, 12])), is_uneven(np.array([10, 30]))
        (False, True)
    """
    there = counts[counts > 0]
    return bool(there.max() > UNEVEN * there.min())


def seed_split(seed: int, number: int) -> int:
    """The seed of a split's GAN and first network; the next networks' are the next.

    Example:
        >>> seed_split(7, 2)
        2007
    """
    return seed + 1000 * number


class _Work:
    """One split's choices and fits."""

    def __init__(
        self,
        data: LabelledImages,
        split: Split,
        number: int,
        source: Source,
        settings: Settings,
        cells: Cells,
        build: Build | OnFeatures,
        device: torch.device,
    ) -> None:
        self.settings, self.cells = settings, cells
        self.name, self.seed = f"split-{number:02d}", seed_split(settings.seed, number)
        self.fit, self.train = data.subset(split.fit), data.subset(split.train)
        self.own = Fold(
            np.searchsorted(split.train, split.fit),
            np.searchsorted(split.train, split.validation),
        )
        self.folds = make_trial_folds(self.train, *self.own, seed=self.seed)
        folder = cells.path / "gans" / self.name
        made = cells.arrays(
            f"{self.name}/pool", lambda: source(self.fit, folder, self.seed)
        )
        shutil.rmtree(folder, ignore_errors=True)  # a run is 20 MB and more
        self.pool = _read_pool(made, "")
        self.placebo = _read_pool(made, "placebo_")
        flips = made["flips"].tolist()
        self.task = Task(
            self.train.images,
            self.train.labels,
            len(data.classes),
            hflip=flips[0],
            vflip=flips[1],
            steps=settings.steps,
            build=build,
            device=device,
        )
        self.task = replace(self.task, optimisation=self._tune())

    def list_arms(self, oracle: LabelledImages | None) -> dict[str, Arm]:
        """The arms of the split; arms with equal recipes share their fits."""
        settings = self.settings
        standard = self._choose(
            STANDARD, list_standard(settings.policies, settings.mixes)
        )
        opponents = list_opponents(standard, uneven=is_uneven(self.train.counts))
        opponent = self._choose(OPPONENT, opponents)
        mixture = self._mix(opponent)
        single = self.settings.initialisations
        pair = max(single, ENSEMBLE) if self.settings.ensemble else single
        pool, placebo = None, None
        if mixture.share:
            pool = self.pool
            placebo = self._repeat(self.placebo, self.choose_again(mixture))
        arms = {
            PLAIN_ARM: Arm(PLAIN, None, single),
            STANDARD: Arm(standard, None, pair if standard == opponent else single),
            OPPONENT: Arm(opponent, None, pair),
            SYNTHETIC: Arm(mixture, pool, pair),
            PLACEBO: Arm(mixture, placebo, single),
        }
        if oracle is not None:
            eye = np.eye(self.task.n_classes, dtype=np.float32)
            real = Pool(oracle.images, oracle.labels, eye[oracle.labels])
            recipe = replace(mixture, share=mixture.share or 0.5, labels="hard")
            arms[ORACLE] = Arm(replace(recipe, weight=1.0, real_only=0.0), real, single)
        return arms

    def predict(
        self, name: str, arm: Arm, images: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """(networks, n, k) probabilities of the test images."""
        kind = name if arm.pool is not None else f"real-{_slug(arm.recipe)}"

        def fit(k: int) -> NDArray[np.float32]:
            key = f"{self.name}/final-{kind}-{k}"
            return self.cells.arrays(
                key, lambda: {"p": self._predict(self.task, arm, images, self.seed + k)}
            )["p"]

        return np.stack(map_parallel(fit, range(arm.networks)))

    def _tune(self) -> Optimisation:
        """Learning rate and weight decay, chosen at the first split for all."""
        if not self.settings.tune:
            return Optimisation()

        def attempt(optimisation: Optimisation, fold: int) -> Losses:
            arm, tuned = (
                Arm(Recipe(), None, 1),
                replace(short, optimisation=optimisation),
            )
            return self._measure(tuned, arm, self.folds[fold])

        def find() -> dict[str, float]:
            trials = [Optimisation(*trial) for trial in TRIALS]
            return choose_best(trials, attempt, self._judged())._asdict()

        short = self._shorten(CHOOSING)
        return Optimisation(**self.cells.values(OPTIMISATION, find))

    def _choose(self, name: str, recipes: Sequence[Recipe]) -> Recipe:
        """The strongest recipe of real images alone, by the training part's folds."""

        def attempt(recipe: Recipe, fold: int) -> Losses:
            key = f"{self.name}/try-{_slug(recipe)}-fold-{fold}"
            arm, task = Arm(recipe, None, 1), self._shorten(CHOOSING)

            def find() -> dict[str, NDArray[np.float64]]:
                return {"losses": self._measure(task, arm, self.folds[fold])}

            return self.cells.arrays(key, find)["losses"]

        def find() -> dict[str, object]:
            return choose_best(recipes, attempt, self._judged()).to_dict()

        return Recipe.from_dict(self.cells.values(f"{self.name}/{name}", find))

    def list_trials(self, opponent: Recipe) -> dict[Mixture, float]:
        """Mixture → loss after the shortest fit; none without a choice of them."""
        mixtures = self._list_mixtures(opponent)
        if len(mixtures) < 2:
            return {}

        def find() -> dict[str, list[float]]:
            return {"losses": [self._try(recipe, RUNGS[0][1]) for recipe in mixtures]}

        losses = self.cells.values(f"{self.name}/trials", find)["losses"]
        return dict(zip(map(to_mixture, mixtures), losses, strict=True))

    def _list_mixtures(self, opponent: Recipe) -> list[Recipe]:
        if not len(self.pool) and not self.pool.echo:
            return []
        return list_mixtures(opponent, self.settings.mixtures)

    def _mix(self, opponent: Recipe) -> Recipe:
        """The best recipe with synthetic images; the opponent's own without any."""
        mixtures = self._list_mixtures(opponent)
        if not mixtures:
            return opponent

        def find() -> dict[str, object]:
            return halve_recipes(mixtures, self._try).to_dict()

        return Recipe.from_dict(self.cells.values(f"{self.name}/{SYNTHETIC}", find))

    def choose_again(self, recipe: Recipe) -> str:
        """The policy that augments the placebo again, none where that is worse.

        Some data gain from more augmentation and others lose; the choice is made as
        the opponent's, on real images alone, so that the stand-in is not a weak one.
        """
        if self.placebo.echo or not recipe.share:
            return "none"
        train, eye = self.train, np.eye(self.task.n_classes, dtype=np.float32)
        task = self._shorten(CHOOSING)

        def attempt(policy: str, fold: int) -> Losses:
            rows = self.folds[fold].fit
            labels = train.labels[rows]
            pool = Pool(train.images[rows], labels, eye[labels])
            arm = Arm(recipe, self._repeat(pool, policy), 1)
            key = f"{self.name}/try-{PLACEBO}-{policy}-fold-{fold}"

            def find() -> dict[str, NDArray[np.float64]]:
                return {"losses": self._measure(task, arm, self.folds[fold])}

            return self.cells.arrays(key, find)["losses"]

        def find() -> dict[str, str]:
            return {"policy": choose_best(AGAIN, attempt, self._judged())}

        return str(self.cells.values(f"{self.name}/{PLACEBO}", find)["policy"])

    def _repeat(self, pool: Pool, policy: str) -> Pool:
        """As many of each class as the synthetic pool has; for none, as they are."""
        if policy == "none":
            return pool
        k = self.task.n_classes
        return augment_again(
            pool,
            policy,
            np.bincount(self.pool.labels, minlength=k),
            hflip=self.task.hflip,
            vflip=self.task.vflip,
            seed=self.seed,
        )

    def _try(self, recipe: Recipe, part: float) -> float:
        """Loss on the validation part after a short fit on the GAN's part; kept."""
        arm, task = Arm(recipe, self.pool, 1), self._shorten(part)
        key = f"{self.name}/try-{_slug(recipe)}-{part:g}"

        def find() -> dict[str, float]:
            losses = self._measure(task, arm, self.own)
            return {"loss": float(weigh_classes(self._labels(self.own)) @ losses)}

        return float(self.cells.values(key, find)["loss"])

    def _measure(self, task: Task, arm: Arm, fold: Fold) -> Losses:
        """Losses of the images that a fold judges, after a fit on its others."""
        train = self.train
        task = replace(
            task, images=train.images[fold.fit], labels=train.labels[fold.fit]
        )
        found = self._predict(task, arm, train.images[fold.judge], self.seed)
        return measure_losses(found, self._labels(fold))

    def _judged(self) -> list[NDArray[np.int64]]:
        return [self._labels(fold) for fold in self.folds]

    def _labels(self, fold: Fold) -> NDArray[np.int64]:
        return self.train.labels[fold.judge]

    def _shorten(self, part: float) -> Task:
        return replace(self.task, steps=max(1, round(part * self.settings.steps)))

    def _predict(
        self, task: Task, arm: Arm, images: NDArray[np.uint8], seed: int
    ) -> NDArray[np.float32]:
        """NaN where the fit failed: the pair is dropped and counted later."""
        try:
            fitted = fit_arm(task, arm.recipe, arm.pool, seed=seed)
        except FloatingPointError:
            return np.full((len(images), task.n_classes), np.nan, np.float32)
        return fitted.predict_proba(images)


def _read_pool(made: Arrays, prefix: str) -> Pool:
    echo = bool(made[f"{prefix}echo"]) if f"{prefix}echo" in made else False
    images, labels, soft = (made[prefix + n] for n in ("images", "labels", "soft"))
    return Pool(images, labels, soft, echo)


def _slug(recipe: Recipe) -> str:
    """A short name for a file: the values that differ between recipes."""
    words = [recipe.policy, recipe.mix, recipe.sampling, recipe.labels]
    words += ["flips"] * recipe.flips + ["adjusted"] * recipe.adjusted
    numbers = (recipe.share, recipe.weight, recipe.real_only)
    return "-".join([*words, *(f"{number:g}" for number in numbers)])

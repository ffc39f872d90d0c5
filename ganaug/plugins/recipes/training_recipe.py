"""TrainingRecipe: the best training that a gain found, for a loop of one's own."""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import BatchSampler, DataLoader, Sampler

from ganaug.classify.batch_mixing import MIXES
from ganaug.classify.learning import Optimisation, one_cycle
from ganaug.classify.policies import list_steps
from ganaug.errors import ConfigError, DataError
from ganaug.gain.fitting.batches import BATCH_SIZE, count_batch
from ganaug.gain.fitting.building import find_optimisation
from ganaug.gain.fitting.priors import find_prior
from ganaug.gain.fitting.tasks import Labels
from ganaug.gain.judgement.fit_facts import read_fit_facts
from ganaug.gain.settings import Settings
from ganaug.mixing.dataset import ONE_HOT, SyntheticDataset
from ganaug.mixing.epochs.batch_order import Sizes, plan_batches
from ganaug.mixing.real.real_set import RealSet, open_real
from ganaug.mixing.real_only import RealOnly
from ganaug.mixing.schedule import count_synthetic
from ganaug.mixing.targets import one_hot_of
from ganaug.plugins.recipes.adjusted_loss import AdjustedLoss
from ganaug.plugins.recipes.beginning import begin_pretrained
from ganaug.plugins.recipes.collation import Collation
from ganaug.plugins.recipes.explanation import explain_recipe
from ganaug.plugins.recipes.transforms import Levels, RecipeCompose, compose
from ganaug.recipe import PARENT, MeasuredRecipe, Recipe, find_recipe, read_recipe

logger = logging.getLogger(__name__)


def load_recipe(
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    mean: Levels = 0.5,
    std: Levels = 0.5,
    seed: int = 0,
) -> TrainingRecipe:
    """Load the best training that a gain found, for a training loop of one's own.

    Where synthetic images were shown to help, they belong to it; otherwise it is the
    best training without them, and needs no store.

    Args:
        path: folder of a gain, or of a store written for one, or a recipe.json.
        size: (height, width) of the images to train on; by default those that were
            measured.
        channels: channels of the images; by default those that were measured.
        mean, std: of the values in [0, 1], by which images are normalised: one for all
            channels or one for each; the default gives [−1, 1], as was measured.
        seed: decides orders, augmentation and mixing.

    Raises:
        DataError: there is no recipe, or it is damaged or of a newer version.
        RunError: the gain's folder is damaged.
        ConfigError: the recipe does not say size or channels, and they are not given.

    Example:
        >>> recipe = load_recipe("photos-gain")  # doctest: +SKIP
        >>> loader = recipe.loader(ImageFolder("photos"))  # doctest: +SKIP
        >>> criterion = recipe.loss(loader.dataset)  # doctest: +SKIP
        >>> for images, targets in loader:  # doctest: +SKIP
        ...     loss = criterion(model(images), targets)
    """
    measured = _complete(read_recipe(path), find_recipe(path).parent)
    size, channels = size or measured.size, channels or measured.channels
    if size is None or channels is None:
        raise ConfigError(
            f"{os.fspath(path)} does not say the size or the channels of its images; "
            "give size=(height, width) and channels=1 or 3"
        )
    if measured.recipe.mix not in MIXES:
        raise DataError(
            f"the recipe mixes by {measured.recipe.mix!r}, which this version of "
            "ganaug does not know; update it"
        )
    folder = find_recipe(path).parent
    return TrainingRecipe(measured, (*size, channels), mean, std, seed, folder)


def _complete(measured: MeasuredRecipe, folder: Path) -> MeasuredRecipe:
    """Add what older recipes do not say, and their settings or their gain do."""
    facts, settings = read_fit_facts(folder), measured.settings or {}
    found = {
        "size": tuple(settings["grid"]) if "grid" in settings else None,
        "flips": facts.flips,
        "channels": facts.channels,
        **facts.optimisation._asdict(),
    }
    lacking = {k: v for k, v in found.items() if getattr(measured, k) is None}
    return replace(measured, **lacking)


@dataclass(frozen=True, eq=False, repr=False)
class TrainingRecipe:
    """The best training that a gain found, as parts of a training loop.

    `load_recipe` makes it. The parts are those that the gain trained its own
    classifiers with.

    Attributes:
        measured: recipe and verdict, as recipe.json has them.
        shape: (height, width, channels) of the images to train on.
        mean, std: by which values in [0, 1] are normalised.
        seed: decides orders, augmentation and mixing.
        folder: where the recipe was read from, or None.
    """

    measured: MeasuredRecipe
    shape: tuple[int, int, int]
    mean: Levels = 0.5
    std: Levels = 0.5
    seed: int = 0
    folder: Path | None = None

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe itself, without synthetic images unless they help."""
        recipe, plain = self.measured.recipe, Recipe()
        if self.measured.helps:
            return replace(recipe, share=self.measured.share)
        return replace(
            recipe, share=0.0, weight=plain.weight, labels=plain.labels,
            real_only=plain.real_only, draw=plain.draw,
        )  # fmt: skip

    @property
    def steps(self) -> int:
        """Steps of the fits that were measured, with 64 real images each."""
        return int((self.measured.settings or {}).get("steps") or Settings().steps)

    @property
    def optimisation(self) -> Optimisation:
        """Learning rate and weight decay, as they were tuned."""
        rate, decay = self.measured.learning_rate, self.measured.weight_decay
        own = Optimisation()
        if rate is not None and decay is not None:
            own = Optimisation(rate, decay)
        return find_optimisation(own, self.recipe)

    @cached_property
    def transform(self) -> RecipeCompose:
        """An albumentations Compose for training images, which ends in a tensor.

        It brings them to the size, augments them as was chosen, mirrors them where that
        keeps labels, and normalises them. It takes uint8 arrays by name or PIL images
        alone, as torchvision's Datasets pass them.
        """
        recipe = self.recipe
        across, down = self.measured.flips or (False, False)
        steps = list_steps(
            recipe.policy, self.shape,
            hflip=recipe.flips and across, vflip=recipe.flips and down,
        )  # fmt: skip
        return self._compose(steps)

    @cached_property
    def test_transform(self) -> RecipeCompose:
        """The same without augmentation, for validation and test images."""
        return self._compose([])

    def _compose(self, steps: list[Any]) -> RecipeCompose:
        return compose(
            self.shape[:2], steps, mean=self.mean, std=self.std, seed=self.seed
        )

    @cached_property
    def collate(self) -> Collation:
        """A DataLoader's `collate_fn`: mixes pairs as was chosen, to soft targets."""
        return Collation(self.recipe.mix, len(self.measured.counts), seed=self.seed)

    def dataset(self, real: Any, store: Any = None) -> SyntheticDataset | RealOnly:
        """Return the training images, transformed, with distributions as labels.

        Args:
            real: real images, whatever `SyntheticDataset` takes; a transform of their
                own is replaced by the recipe's.
            store: store or run of synthetic images; needed only where they help.

        Raises:
            ConfigError: the recipe needs a store.
            DataError: the real set cannot be used, or has another number of classes.
            StoreError: the store cannot be used.
        """
        recipe = self.recipe
        if recipe.share:
            return self._mix(real, store)
        if store is not None:
            logger.warning(
                'no synthetic images are used, the verdict is "%s": %s',
                self.measured.verdict, self.measured.sentence,
            )  # fmt: skip
        opened = open_real(real)
        self._check_classes(opened)
        return RealOnly(
            opened, range(len(opened.targets)), transform=self.transform,
            target_transform=one_hot_of(opened.label_of),
        )  # fmt: skip

    def _mix(self, real: Any, store: Any) -> SyntheticDataset:
        """Mix in synthetic images as was measured."""
        recipe: Any = self.recipe
        targets: Any = ONE_HOT if recipe.labels == "hard" else recipe.labels
        if store is None:
            raise ConfigError(
                f"this recipe has {100 * recipe.share:.0f} % synthetic images; give "
                "the store that ganaug synth DATA --recipe GAIN writes"
            )
        mixed = SyntheticDataset(
            real, store, recipe.share,
            classes=recipe.draw,
            transform=self.transform,
            target_transform=None,
            targets=targets,
            weights=recipe.weight if recipe.weight != 1 else False,
            seed=self.seed,
            real_only_after=1 - recipe.real_only if recipe.real_only else None,
        )  # fmt: skip
        self._check_classes(mixed.real_set)
        return mixed

    def _check_classes(self, real: RealSet) -> None:
        found, wanted = len(real.classes), len(self.measured.counts)
        if found != wanted:
            raise DataError(
                f"the recipe is for {wanted} classes, and the real set has {found}; "
                "measure one for these data with: ganaug gain DATA"
            )

    def sampler(
        self, dataset: Any, batch_size: int = BATCH_SIZE, *, epochs: int | None = None
    ) -> Sampler[int]:
        """Return a DataLoader's `sampler`, which draws classes as was chosen.

        In its order, every batch of real images is followed by the recipe's share of
        synthetic ones; see `loader`.

        Args:
            dataset: what `dataset` returned, or a Dataset of real images alone.
            batch_size: real images in a batch.
            epochs: number of passes; only a recipe that ends on real images needs it,
                and `count_epochs` of them are the default.
        """
        return self._batches(dataset, batch_size, epochs).sampler  # type: ignore[return-value]

    def _batches(
        self, dataset: Any, batch_size: int, epochs: int | None
    ) -> BatchSampler:
        recipe: Any = self.recipe
        real = _find_real(dataset)
        size = count_batch(len(real.targets), batch_size)
        if not isinstance(dataset, SyntheticDataset):
            return plan_batches(
                real, 0, Sizes(size), sampling=recipe.sampling, seed=self.seed
            )
        return dataset.batch_sampler(
            size, count_synthetic(size, recipe.share), sampling=recipe.sampling,
            epochs=epochs or self.count_epochs(dataset, batch_size),
        )  # fmt: skip

    def count_epochs(self, dataset: Any, batch_size: int = BATCH_SIZE) -> int:
        """Count the passes of `loader` that show as many images as was measured.

        Args:
            dataset: real images, or what `dataset` returned.
            batch_size: real images in a batch.
        """
        n = len(_find_real(dataset).targets)
        size = count_batch(n, batch_size)
        seen = max(1, n // size) * size
        return math.ceil(self.steps * count_batch(n) / seen)

    def loss(self, dataset: Any) -> AdjustedLoss:
        """Return the loss as a module: (logits, targets) → scalar.

        Args:
            dataset: real images, or what `dataset` returned; the numbers of its classes
                decide the adjustment for uneven classes.
        """
        real = _find_real(dataset)
        domains = real.domains
        labels = Labels(
            real.numbers, len(real.classes), domains,
            0 if domains is None else int(domains.max(initial=-1)) + 1,
        )  # fmt: skip
        recipe = replace(self.recipe, adjusted_in_domains=False)
        return AdjustedLoss(find_prior(labels, recipe, None))

    def loader(
        self,
        real: Any,
        store: Any = None,
        batch_size: int = BATCH_SIZE,
        *,
        epochs: int | None = None,
        num_workers: int = 0,
    ) -> DataLoader[Any]:
        """Return a DataLoader of batches (images, soft targets), all as was measured.

        Args:
            real, store: see `dataset`.
            batch_size: real images in a batch; as was measured, the synthetic ones come
                on top. There are fewer where the whole set is smaller.
            epochs: number of passes; see `sampler`.
            num_workers: worker processes that read and transform.

        Raises:
            ConfigError, DataError, StoreError: see `dataset`.
        """
        return self.load(
            self.dataset(real, store), batch_size, epochs=epochs,
            num_workers=num_workers,
        )  # fmt: skip

    def load(
        self,
        dataset: SyntheticDataset | RealOnly,
        batch_size: int = BATCH_SIZE,
        *,
        epochs: int | None = None,
        num_workers: int = 0,
    ) -> DataLoader[Any]:
        """Return the same for what `dataset` returned."""
        batches = self._batches(dataset, batch_size, epochs)
        return DataLoader(
            dataset,
            batch_size=batches.batch_size,
            sampler=batches.sampler,
            collate_fn=self.collate,
            num_workers=num_workers,
        )

    def begin(self, model: nn.Module) -> nn.Module:
        """Let a network begin as the gain's did, and return it.

        Where the gain started from an earlier run, and its classifiers did better so,
        the network gets the weights of the one that learned from that run's images, all
        but its last layer's. Otherwise it stays as it is.

        Args:
            model: network of the kind that was measured; changed in place.

        Raises:
            ConfigError: the weights are not beside the recipe, or another network's.
            RunError: their file is damaged.
        """
        if self.recipe.start == PARENT:
            begin_pretrained(model, self.folder or Path())
        return model

    def optimise(self, model: nn.Module, steps: int) -> tuple[Optimizer, LambdaLR]:
        """Return optimiser and schedule: AdamW and one cycle, as they were tuned.

        Args:
            model: network to train.
            steps: number of steps in all; call `schedule.step()` after each.
        """
        rate, decay = self.optimisation
        parameters = [p for p in model.parameters() if p.requires_grad]
        optimiser = AdamW(parameters, rate, weight_decay=decay)
        cycle = LambdaLR(
            optimiser, lambda step: one_cycle(min(step + 1, steps) / (steps + 1))
        )
        return optimiser, cycle

    def explain(self) -> str:
        """Say in a few lines what the recipe does, why, and what is left out."""
        return explain_recipe(self.measured, self.recipe, self.shape, self.steps)

    def __repr__(self) -> str:
        return f"TrainingRecipe({self.recipe.say()}; {self.measured.verdict})"


def _find_real(dataset: Any) -> RealSet:
    """Return the real images of a mixed set, or of a user's own Dataset."""
    known = getattr(dataset, "real_set", None)
    return known if isinstance(known, RealSet) else open_real(dataset)

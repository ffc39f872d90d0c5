"""SyntheticDataModule: Lightning's data, with synthetic images in training alone."""

from __future__ import annotations

from typing import Any

from torch.utils.data import DataLoader

from ganaug.errors import DataError, MissingExtraError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.plugins.recipes.training_recipe import TrainingRecipe
from ganaug.synth.store.store import Store

try:
    from lightning import LightningDataModule
except ImportError as error:  # pragma: no cover
    raise MissingExtraError(
        "SyntheticDataModule needs Lightning: pip install 'ganaug[lightning]'"
    ) from error


class SyntheticDataModule(LightningDataModule):
    """Mix synthetic images into the training set; all other sets stay as they are.

    Each epoch has other synthetic images, in every worker and process.

    Args:
        train: real images to train on, or a SyntheticDataset that mixes already.
        store: store or run of synthetic images.
        share: share of synthetic images, see `SyntheticDataset`.
        recipe: trains by what a gain found, see `load_recipe`; it decides transform,
            share, order and batches, and yields soft targets.
        val, test, predict: real images for these, which are never mixed.
        batch_size: images in a batch; with a recipe the real ones among them.
        fixed: whether every batch has the same number of synthetic images.
        num_workers: worker processes of each loader.

    Raises:
        DataError: another set than the training set has synthetic images.
        ConfigError, StoreError: see `SyntheticDataset`.

    Example:
        >>> data = SyntheticDataModule(  # doctest: +SKIP
        ...     ImageFolder("photos/train"), "photos-synthetic", val=ImageFolder("val")
        ... )
        >>> lightning.Trainer().fit(model, data)  # doctest: +SKIP
    """

    def __init__(
        self,
        train: Any,
        store: Any = None,
        *,
        share: float | None = 0.25,
        recipe: TrainingRecipe | None = None,
        val: Any = None,
        test: Any = None,
        predict: Any = None,
        batch_size: int = 32,
        fixed: bool = False,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        self.recipe, self.batch_size = recipe, batch_size
        self.fixed, self.num_workers = fixed, num_workers
        self.others = {"val": val, "test": test, "predict": predict}
        for name, other in self.others.items():
            _refuse_synthetic(name, other)
        mixes = isinstance(train, SyntheticDataset)
        self.train = train if mixes else self._mix(train, store, share)

    def _mix(self, train: Any, store: Any, share: float | None) -> Any:
        if self.recipe is not None:
            return self.recipe.dataset(train, store)
        return SyntheticDataset(train, store, share)

    def train_dataloader(self) -> DataLoader[Any]:
        """Return the loader of real and synthetic images."""
        epochs = getattr(self.trainer, "max_epochs", None)
        if self.recipe is not None:
            return self.recipe.load(
                self.train, self.batch_size, epochs=epochs,
                num_workers=self.num_workers,
            )  # fmt: skip
        if self.fixed:
            real = len(self.train.real_set.targets)
            synthetic = round(self.batch_size * (1 - real / len(self.train)))
            batches = self.train.batch_sampler(
                self.batch_size - synthetic, synthetic, epochs=epochs
            )
            return DataLoader(
                self.train, batch_sampler=batches, num_workers=self.num_workers
            )
        return DataLoader(
            self.train, self.batch_size, sampler=self.train.sampler(epochs=epochs),
            num_workers=self.num_workers,
        )  # fmt: skip

    def val_dataloader(self) -> Any:
        """Return the loader of the real validation images; none without them."""
        return self._load("val")

    def test_dataloader(self) -> Any:
        """Return the loader of the real test images; none without them."""
        return self._load("test")

    def predict_dataloader(self) -> Any:
        """Return the loader of the images to predict; none without them."""
        return self._load("predict")

    def _load(self, name: str) -> Any:
        other = self.others[name]
        if other is None:
            return []
        return DataLoader(other, self.batch_size, num_workers=self.num_workers)


def _refuse_synthetic(name: str, dataset: Any) -> None:
    """Raise DataError where a set that must be real has synthetic images."""
    mixed = isinstance(dataset, SyntheticDataset) and dataset.is_synthetic.any()
    if mixed or isinstance(dataset, Store):
        raise DataError(
            f"{name} has synthetic images, and only training may have them; give real "
            "ones, such as mixed.validation() of a SyntheticDataset with hold_out=True"
        )

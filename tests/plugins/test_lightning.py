"""SyntheticDataModule in Lightning's own Trainer."""

import logging
import warnings

import numpy as np
import pytest
import torch
from recipes import save_gain
from stores import CLASSES, save_untrained
from torch.utils.data import TensorDataset

from ganaug import LabelledImages, SyntheticDataset, load_recipe, synthesize
from ganaug.errors import DataError

lightning = pytest.importorskip("lightning")

COUNTS = (24, 12, 4)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("stores")
    run = save_untrained(root / "run")
    return synthesize(run, root / "store", per_class=30, device="cpu", filters=None)


@pytest.fixture(scope="module")
def real():
    labels = np.repeat(np.arange(3), COUNTS)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 12, 3), np.uint8)
    return LabelledImages(pixels, labels, CLASSES)


@pytest.fixture(scope="module")
def tensors(real):
    x = torch.from_numpy(real.images).permute(0, 3, 1, 2).float() / 255
    named = TensorDataset(x, torch.from_numpy(real.labels))
    named.classes = list(CLASSES)
    return named


class Model(lightning.LightningModule):
    """A linear classifier that keeps what it was shown."""

    def __init__(self, criterion=torch.nn.functional.cross_entropy):
        super().__init__()
        self.layer, self.criterion = torch.nn.Linear(3 * 8 * 12, 3), criterion
        self.seen = {"train": [], "val": [], "test": []}

    def training_step(self, batch):
        self.seen["train"].append(batch[0])
        return self.criterion(self.layer(batch[0].flatten(1)), batch[1])

    def validation_step(self, batch):
        self.seen["val"].append(batch[0])

    def test_step(self, batch):
        self.seen["test"].append(batch[0])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)


def fit(data, epochs=2, criterion=torch.nn.functional.cross_entropy):
    model = Model(criterion)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's advice on workers and batches
        trainer = lightning.Trainer(
            max_epochs=epochs, accelerator="cpu", logger=False,
            enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, num_sanity_val_steps=0,
        )  # fmt: skip
        trainer.fit(model, data)
        if data.others["test"] is not None:
            trainer.test(model, data, verbose=False)
    return model.seen


def test_training_alone_has_synthetic_images(tensors, store):
    from ganaug.plugins.lightning import SyntheticDataModule

    data = SyntheticDataModule(tensors, store, val=tensors, test=tensors, batch_size=53)
    seen = fit(data)
    assert [len(images) for images in seen["train"]] == [40 + 13] * 2
    real = {x.numpy().tobytes() for x in tensors.tensors[0]}
    shown = [[x.numpy().tobytes() for x in images] for images in seen["train"]]
    assert [sum(x in real for x in images) for images in shown] == [40, 40]
    fresh = {x for images in shown for x in images} - real
    assert len(fresh) == 26, "each epoch has other synthetic images"
    for name in ("val", "test"):
        assert {x.numpy().tobytes() for x in torch.cat(seen[name])} == real


def test_every_batch_may_have_the_same_share(tensors, store):
    from ganaug.plugins.lightning import SyntheticDataModule

    data = SyntheticDataModule(tensors, store, batch_size=16, fixed=True)
    real = {x.numpy().tobytes() for x in tensors.tensors[0]}
    seen = fit(data)["train"]
    assert len(seen) == 2 * (40 // 12)
    for images in seen:
        assert sum(x.numpy().tobytes() in real for x in images) == 12
        assert len(images) == 16


def test_a_recipe_decides_all_of_it(real, store, tmp_path):
    from ganaug.plugins.lightning import SyntheticDataModule

    counts = dict(zip(CLASSES, COUNTS, strict=True))
    gain = save_gain(
        tmp_path / "gain", counts, size=(8, 12), share=0.5, real_only=0.5, mix="mixup"
    )
    recipe = load_recipe(gain, channels=3)
    data = SyntheticDataModule(real, store, recipe=recipe, batch_size=20)
    seen = fit(data, criterion=recipe.loss(real))["train"]
    assert [len(images) for images in seen] == [40] * 4
    assert not data.train.is_synthetic.any(), "the last epochs have real images alone"


def test_a_mixed_set_is_taken_as_it_is(tensors, store):
    from ganaug.plugins.lightning import SyntheticDataModule

    mixed = SyntheticDataset(tensors, store, 0.5)
    assert SyntheticDataModule(mixed).train is mixed


def test_other_sets_must_be_real(tensors, store):
    from ganaug.plugins.lightning import SyntheticDataModule

    mixed = SyntheticDataset(tensors, store, 0.5)
    for name in ("val", "test", "predict"):
        for other in (mixed, store):
            with pytest.raises(DataError, match=f"{name} has synthetic images"):
                SyntheticDataModule(tensors, store, **{name: other})
    SyntheticDataModule(tensors, store, val=mixed.real_only())


def test_without_lightning_one_line_says_so(monkeypatch):
    import importlib
    import sys

    from ganaug.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "lightning", None)
    monkeypatch.delitem(sys.modules, "ganaug.plugins.lightning", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install 'ganaug\[lightning\]'"):
        importlib.import_module("ganaug.plugins.lightning")

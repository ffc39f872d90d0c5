"""A loaded recipe: each part does what the gain's own fits do."""

import logging
import pickle

import albumentations as A
import numpy as np
import pytest
import torch
from PIL import Image
from recipes import save_gain
from stores import CLASSES, save_untrained
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import ImageFolder

from ganaug import LabelledImages, load_recipe, synthesize
from ganaug.classify.learning import LEARNING_RATE, normalise, one_cycle
from ganaug.classify.policies import make_policy
from ganaug.errors import ConfigError, DataError
from ganaug.gain.fitting.batches import Batches
from ganaug.gain.fitting.tasks import Task
from ganaug.recipe import Recipe

COUNTS = dict(zip(CLASSES, (40, 20, 10), strict=True))
NO = {"word": "no difference", "size": (8, 12)}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("stores")
    run = save_untrained(root / "run")
    return synthesize(run, root / "store", per_class=30, device="cpu", filters=None)


@pytest.fixture(scope="module")
def real():
    labels = np.repeat(np.arange(3), list(COUNTS.values()))
    pixels = np.random.default_rng(0).integers(0, 256, (70, 8, 12, 3), np.uint8)
    return LabelledImages(pixels, labels, CLASSES)


def load(folder, **fields):
    save_gain(folder, COUNTS, **{**NO, **fields})
    return load_recipe(folder, channels=3)


def test_without_help_it_is_the_training_without_gan(tmp_path, real, store, caplog):
    recipe = load(tmp_path / "gain", policy="rand", mix="cutmix", share=0.5)
    assert recipe.recipe == Recipe("rand", mix="cutmix")
    loader = recipe.loader(real)
    images, targets = next(iter(loader))
    assert images.shape == (64, 3, 8, 12)
    assert -1 <= images.min() < -0.9 < 0.9 < images.max() <= 1
    assert torch.allclose(targets.sum(1), torch.ones(64))
    assert ((targets > 0) & (targets < 1)).any(), "cutmix blends the targets"
    with caplog.at_level(logging.WARNING):
        assert len(recipe.dataset(real, store)) == 70
    assert 'the verdict is "no difference"' in caplog.text


def test_with_help_every_batch_has_the_share(tmp_path, real, store):
    recipe = load(
        tmp_path / "gain", word="helps", share=0.25, weight=0.5, real_only=0.5
    )
    loader = recipe.loader(real, store, epochs=4)
    drawn, synthetic = loader.dataset, loader.dataset.is_synthetic
    for epoch in range(4):
        (batch,) = list(loader)
        rows = list(loader.sampler)  # of the next epoch
        assert batch[0].shape == (64 + 21, 3, 8, 12)
        assert synthetic[rows].sum() == 21
        weights = batch[1].sum(1)
        assert torch.isclose(weights.mean(), torch.tensor(1.0))
        assert len(weights.unique()) == (2 if epoch < 1 else len(weights.unique()))
    assert not drawn.is_synthetic.any(), "the last epochs have real images only"
    with pytest.raises(ConfigError, match="give the store"):
        recipe.loader(real)


def test_weights_are_those_of_the_gains_batches(tmp_path, real, store):
    recipe = load(tmp_path / "gain", word="helps", share=0.5, weight=0.3)
    _, targets = next(iter(recipe.loader(real, store)))
    weights = np.repeat([1, 0.3], [64, 64])
    expected = (weights / weights.mean()).astype(np.float32)
    assert np.allclose(targets.sum(1).numpy(), expected, atol=1e-6)


def test_real_images_are_drawn_like_the_gains(tmp_path, real):
    recipe = load(tmp_path / "gain", sampling="balanced")
    sampler = recipe.sampler(real)
    rows = np.array([row for _ in range(25) for row in sampler])
    shares = np.bincount(real.labels[rows]) / len(rows)
    task = Task(real.images, real.labels, 3, steps=25)
    batches = Batches(task, Recipe(sampling="balanced"), None, 0)
    theirs = torch.cat([batch.targets for batch in batches]).mean(0).numpy()
    assert np.allclose(shares, 1 / 3, atol=0.04)
    assert np.allclose(theirs, 1 / 3, atol=0.04)
    plain = load(tmp_path / "plain")
    order = list(plain.sampler(real)) + list(plain.sampler(real))
    assert len(set(order[:64])) == 64


@pytest.mark.filterwarnings("ignore:Argument.s. 'padding'")  # the host's own dict
def test_the_transform_is_the_gains_augmentation(tmp_path, real):
    recipe = load(tmp_path / "gain", policy="light")
    made = recipe.transform(image=real.images[0])["image"]
    expected = normalise(make_policy("light", (8, 12, 3))(real.images[:1]))[0]
    assert torch.allclose(made, expected, atol=1e-6)
    assert isinstance(recipe.transform, A.Compose)
    plain = recipe.test_transform(Image.fromarray(real.images[0]))
    assert torch.allclose(plain, normalise(real.images[:1])[0], atol=1e-6)
    assert pickle.loads(pickle.dumps(recipe.transform))(real.images[0]).shape
    read = A.from_dict(recipe.transform.to_dict())
    assert read(image=real.images[0])["image"].shape == (3, 8, 12)


def test_images_are_mirrored_only_where_labels_allow_it(tmp_path, real):
    save_gain(tmp_path / "gain", COUNTS, **NO)
    file = tmp_path / "gain" / "recipe.json"
    text = file.read_text()
    assert '"flips": null' in text
    file.write_text(text.replace('"flips": null', '"flips": [false, true]'))
    recipe = load_recipe(tmp_path / "gain", channels=3)
    names = [type(step).__name__ for step in recipe.transform]
    assert "VerticalFlip" in names
    assert "HorizontalFlip" not in names
    assert "mirrored up-down" in recipe.explain()
    unknown = load(tmp_path / "unknown").explain()
    assert "mirrored nowhere (not known to keep labels)" in unknown


def test_the_loss_is_the_gains(tmp_path, real):
    logits, targets = torch.randn(5, 3), torch.tensor([0, 1, 2, 2, 1])
    plain = load(tmp_path / "plain").loss(real)
    expected = torch.nn.functional.cross_entropy(logits, targets)
    assert torch.isclose(plain(logits, targets), expected)
    adjusted = load(tmp_path / "adjusted", adjusted=True).loss(real)
    prior = torch.tensor([40, 20, 10]).div(70).log()
    expected = torch.nn.functional.cross_entropy(logits + prior, targets)
    assert torch.isclose(adjusted(logits, targets), expected)
    soft = torch.nn.functional.one_hot(targets, 3) * torch.tensor(2.0)
    assert torch.isclose(adjusted(logits, soft), 2 * expected)


def test_the_schedule_is_one_cycle(tmp_path):
    model = torch.nn.Linear(2, 2)
    optimiser, schedule = load(tmp_path / "gain").optimise(model, 9)
    rates = []
    for _ in range(9):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    expected = [LEARNING_RATE * one_cycle(step / 10) for step in range(1, 10)]
    assert np.allclose(rates, expected)


def test_epochs_show_as_many_images_as_was_measured(tmp_path, real):
    recipe = load(tmp_path / "gain")
    assert (recipe.steps, recipe.count_epochs(real)) == (500, 500)
    assert recipe.count_epochs(real, 32) == 500
    assert recipe.count_epochs(Subset(ImageSet(real), range(20))) == 500


class ImageSet(torch.utils.data.Dataset):
    """A Dataset of one's own, of PIL images and numbers."""

    def __init__(self, images):
        self.images, self.classes = images, list(images.classes)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = Image.fromarray(self.images.images[i])
        return image, int(self.images.labels[i])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_folder_of_larger_pictures(tmp_path, workers):
    rng = np.random.default_rng(0)
    for name in CLASSES:
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k in range(6):
            pixels = rng.integers(0, 256, (20, 30, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{k}.png")
    recipe = load(tmp_path / "gain", policy="rand", mix="mixup")
    folder = ImageFolder(tmp_path / "photos", transform=recipe.transform)
    loader = DataLoader(
        folder, 9, sampler=recipe.sampler(folder), collate_fn=recipe.collate,
        num_workers=workers,
    )  # fmt: skip
    passes = [torch.cat([images for images, _ in loader]) for _ in range(2)]
    assert passes[0].shape == (18, 3, 8, 12)
    assert not torch.equal(*passes)
    bare = ImageFolder(tmp_path / "photos")
    images, targets = next(iter(recipe.loader(bare, num_workers=workers)))
    assert images.shape == (18, 3, 8, 12)
    assert targets.shape == (18, 3)


def test_each_worker_and_each_epoch_draws_its_own(tmp_path):
    same = np.zeros((8, 8, 12, 3), np.uint8)
    same[:, 2:5, 3:8] = 255
    real = LabelledImages(same, np.repeat([0, 1, 2, 2], 2), CLASSES)
    recipe = load(tmp_path / "gain", policy="light")
    data = recipe.dataset(real)
    loader = DataLoader(data, 1, collate_fn=recipe.collate, num_workers=2)
    seen = [images.numpy().tobytes() for _ in range(2) for images, _ in loader]
    assert len(set(seen)) == 16


def test_dicts_stay_dicts(tmp_path, real):
    recipe = load(tmp_path / "gain")
    items = [{"img": Image.fromarray(real.images[k]), "label": k % 3} for k in range(6)]
    data = recipe.dataset(items)
    batch = recipe.collate([data[k] for k in range(6)])
    assert batch["img"].shape == (6, 3, 8, 12)
    assert batch["label"].argmax(1).tolist() == [0, 1, 2, 0, 1, 2]


def test_what_cannot_be_used_is_said(tmp_path, real):
    folder = save_gain(tmp_path / "gain", COUNTS, **NO)
    with pytest.raises(ConfigError, match="give size="):
        load_recipe(folder)
    recipe = load_recipe(folder, channels=3)
    two = LabelledImages(real.images, real.labels % 2, ("ant", "bee"))
    with pytest.raises(DataError, match="for 3 classes, and the real set has 2"):
        recipe.dataset(two)
    with pytest.raises(DataError, match=r"recipe\.transform"):
        recipe.collate([(torch.zeros(3, 8, 12, dtype=torch.uint8), 1)])
    with pytest.raises(DataError, match="labels from 0 to 2"):
        recipe.collate([(torch.zeros(3, 8, 12), 3)])
    with pytest.raises(DataError, match="normalises itself"):
        recipe.transform(image=np.zeros((8, 12, 3), np.float32))
    with pytest.raises(DataError, match="ganaug gain DATA"):
        load_recipe(tmp_path)


def test_it_explains_itself(tmp_path):
    said = load(tmp_path / "gain", word="helps", policy="rand", mix="lisa").explain()
    assert said.splitlines()[0].startswith("training: rand, lisa, 50 % synthetic")
    assert "images: 8×12 RGB" in said
    assert "50 % of each batch, the verdict is helps" in said
    assert said.splitlines()[-1] == "left out, needs a loop of its own: lisa"
    assert repr(load(tmp_path / "b")) == "TrainingRecipe(light; no difference)"

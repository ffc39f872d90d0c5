"""Which real images the GAN saw: told of a later split, held out where asked for."""

import json
import shutil

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Subset

from ganaug import SyntheticDataset, TrainConfig, load_images, synthesize, train
from ganaug.data.images import hash_pixels
from ganaug.errors import ConfigError, DataError
from ganaug.mixing.seen import Seen, read_seen
from ganaug.synth.store.store import Store

COUNTS = {"ant": 20, "bee": 12, "cat": 5}
SAID = "the GAN learned from 37 images"


@pytest.fixture(scope="module", params=["L", "RGB"])
def root(tmp_path_factory, request):
    """Photographs of several sizes, and the store of a GAN that was hardly trained."""
    root = tmp_path_factory.mktemp("seen")
    rng = np.random.default_rng(0)
    for name, n in COUNTS.items():
        (root / "photos" / name).mkdir(parents=True)
        for k in range(n):
            shape = (8, 8 + k % 3, 3)[: 2 + (request.param == "RGB")]
            image = Image.fromarray(rng.integers(0, 256, shape, np.uint8))
            image.save(root / "photos" / name / f"{k}.png")
    channels = 1 if request.param == "L" else 3
    config = TrainConfig(height=8, width=8, channels=channels, images=32, batch=16)
    train(root / "photos", root / "run", config=config, device="cpu", progress=None)
    synthesize(root / "run", root / "store", per_class=9, filters=None, device="cpu")
    return root


@pytest.fixture
def real(root):
    return torchvision.datasets.ImageFolder(root / "photos")


@pytest.mark.parametrize("source", ["store", "run"])
def test_a_split_of_what_the_gan_saw_is_told(real, root, source, caplog):
    part = Subset(real, np.random.default_rng(1).permutation(37)[:30])
    SyntheticDataset(part, root / source)
    assert caplog.text.count(f"{SAID}, and the real set has 30 of them") == 1
    assert "hold_out=True" in caplog.text


def test_all_of_it_and_other_images_are_not(real, root, caplog):
    SyntheticDataset(real, root / "store")
    SyntheticDataset(Store.load(root / "store"), root / "store", share=0)
    others = np.random.default_rng(9).integers(0, 256, (9, 8, 8), np.uint8)
    SyntheticDataset((others, np.repeat(list(COUNTS), 3)), root / "store")
    assert SAID not in caplog.text


def test_arrays_of_it_are_told_too(root, caplog):
    images = load_images(root / "photos")
    SyntheticDataset(images.subset(np.arange(4, 37)), root / "store")
    assert f"{SAID}, and the real set has 33 of them" in caplog.text


@pytest.mark.parametrize("source", ["store", "run"])
def test_deep_images_are_recognised(tmp_path, source, caplog):
    rng = np.random.default_rng(0)
    for name in COUNTS:
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k in range(10):
            image = Image.fromarray(rng.integers(0, 4096, (8, 8), np.uint16))
            image.save(tmp_path / "photos" / name / f"{k}.png")
    config = TrainConfig(height=8, width=8, channels=1, images=32, batch=16)
    train(tmp_path / "photos", tmp_path / "run", config=config, device="cpu")
    synthesize(tmp_path / "run", tmp_path / "store", per_class=4, filters=None)
    real = torchvision.datasets.ImageFolder(tmp_path / "photos")
    mixed = SyntheticDataset(real, tmp_path / source, hold_out=True)
    assert len(mixed.validation()) == 6
    SyntheticDataset(Subset(real, range(5, 30)), tmp_path / source)
    assert "the GAN learned from 30 images" in caplog.text
    split = tmp_path / source / "split.json"  # as older versions wrote it
    values = json.loads(split.read_text())
    assert values.pop("intensity_range")[1] > 4000
    split.write_text(json.dumps(values))
    assert len(SyntheticDataset(real, tmp_path / source, hold_out=True)) == len(mixed)


def test_changed_images_are_refused_with_a_cure(root):
    images = load_images(root / "photos")
    resized = images.images[:, ::2], images.labels
    names = [images.classes[label] for label in resized[1]]
    with pytest.raises(DataError, match="resize or change them in transform="):
        SyntheticDataset((resized[0], names), root / "store", hold_out=True)


@pytest.mark.parametrize("form", ["folder", "images"])
@pytest.mark.parametrize("source", ["store", "run"])
def test_images_that_the_gan_did_not_see_are_held_out(real, root, form, source):
    images = load_images(root / "photos")
    held = set(json.loads((root / "store" / "split.json").read_text())["held_out"])
    rows = [i for i, found in enumerate(images.hash_images()) if found in held]
    whole = real if form == "folder" else images
    mixed = SyntheticDataset(whole, root / source, hold_out=True, share=0.5)
    validation, rest = mixed.validation(), mixed.real_only()
    assert [real.targets[i] for i in rows] == validation.targets
    assert len(validation) == len(rows) == 5  # 3 ants and 2 bees; few cats
    assert len(rest) == 32
    assert len(mixed) == 64
    assert mixed.is_synthetic.sum() == 32
    for part, places in ((validation, rows), (rest, set(range(37)) - set(rows))):
        for (image, label), i in zip(part, sorted(places), strict=False):
            source_image = real[i][0] if form == "folder" else images.images[i]
            assert label == real.targets[i]
            assert np.array_equal(np.asarray(image), np.asarray(source_image))
    assert validation.class_to_idx == real.class_to_idx
    assert validation.classes == real.classes
    assert repr(validation) == "RealOnly(5 real images of 3 classes)"


def test_both_have_the_transform_of_the_set_or_one_of_their_own(root):
    transform = torchvision.transforms.Compose(
        [torchvision.transforms.Resize((8, 8)), torchvision.transforms.ToTensor()]
    )
    real = torchvision.datasets.ImageFolder(
        root / "photos", transform, target_transform=float
    )
    mixed = SyntheticDataset(
        real, root / "store", hold_out=True, targets="hard", weights=0.5
    )
    images, labels = next(iter(DataLoader(mixed.validation(), 5)))
    assert images.shape == (5, 3, 8, 8)
    assert labels.dtype == torch.float64
    assert isinstance(mixed.real_only(transform=None)[0][0], Image.Image)
    assert len(mixed[0]) == 3
    assert len(mixed.samples) == len(mixed)
    assert set(mixed.samples[: len(mixed.real_only())]) < set(real.samples)


def test_what_cannot_be_held_out_is_refused(real, root, tmp_path):
    plain = SyntheticDataset(real, root / "store")
    assert len(plain.real_only()) == 37
    with pytest.raises(ConfigError, match="hold_out=True"):
        plain.validation()
    others = np.random.default_rng(9).integers(0, 256, (9, 8, 8), np.uint8)
    with pytest.raises(DataError, match="no real image with the pixels"):
        SyntheticDataset(
            (others, np.repeat(list(COUNTS), 3)), root / "store", hold_out=True
        )
    store = shutil.copytree(root / "store", tmp_path / "store")
    (store / "split.json").unlink()
    assert read_seen(store) is None
    with pytest.raises(DataError, match=r"has no split\.json"):
        SyntheticDataset(real, store, hold_out=True)


def test_a_copy_of_a_training_image_counts_as_seen(root):
    seen = read_seen(root / "run")
    assert isinstance(seen, Seen)
    assert not seen.train & seen.held_out
    images = load_images(root / "photos")
    assert {hash_pixels(i) for i in images.images} == seen.train | seen.held_out

"""SyntheticBatchMix in torchvision's place for CutMix and MixUp."""

import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from stores import CLASSES, save_untrained
from torch.utils.data import DataLoader, default_collate
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from ganaug import synthesize
from ganaug.errors import ConfigError, DataError, StoreError
from ganaug.plugins.torchvision import SyntheticBatchMix

LABELS = torch.arange(24) % 3


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def store(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("mix")
    run = save_untrained(root / "run", channels=request.param)
    wanted = {"ant": 6, "bee": 6}  # and none of the cat
    return synthesize(run, root / "store", per_class=wanted, device="cpu", filters=None)


@pytest.fixture
def batch(store):
    channels = store.image(0).shape[2]
    return torch.full((24, channels, 8, 12), 128, dtype=torch.uint8)


def of_class(store, label):
    images = [store.image(i) for i in np.flatnonzero(store.labels == label)]
    return {np.ascontiguousarray(x.transpose(2, 0, 1)).tobytes() for x in images}


def test_images_become_synthetic_ones_of_their_classes(store, batch):
    mix = SyntheticBatchMix(store.path, p=1.0)
    for images in (batch, batch.float() / 255):
        mixed, labels = mix(images, LABELS)
        assert labels is LABELS
        assert mixed.dtype == images.dtype
        pixels = mixed if images is batch else (mixed * 255).round().to(torch.uint8)
        for made, label in zip(pixels.numpy(), LABELS.tolist(), strict=True):
            if label == 2:
                assert (made == 128).all()
            else:
                assert made.tobytes() in of_class(store, label)
    assert (batch == 128).all(), "the batch itself stays"


def test_p_is_the_share_and_torchs_seed_decides(store, batch):
    mix = SyntheticBatchMix(store.path, p=0.5)
    made = []
    for _ in range(2):
        torch.manual_seed(3)
        made.append(mix(batch, LABELS)[0])
    assert torch.equal(*made)
    changed = (made[0] != 128).flatten(1).any(1)
    assert 2 < changed.sum() < 14
    assert SyntheticBatchMix(store.path, p=0.0)(batch, LABELS)[0] is batch


def test_a_blend_lies_between(store, batch):
    made = []
    for blend_range in ((0.25, 0.25), (1, 1)):
        torch.manual_seed(0)
        mix = SyntheticBatchMix(store.path, p=1.0, blend_range=blend_range)
        made.append(mix(batch[:2], LABELS[:2])[0].float())
    assert (made[0] - (0.75 * 128 + 0.25 * made[1])).abs().max() <= 0.5


def test_targets_are_one_hot_or_come_as_they_are(store, batch):
    _, targets = SyntheticBatchMix(store.path, targets="one-hot")(batch, LABELS)
    hot = torch.nn.functional.one_hot(LABELS, 3).float()
    assert torch.equal(targets, hot)
    _, kept = SyntheticBatchMix(store.path, p=1.0)(batch, hot)
    assert kept is hot
    mixed, kept = v2.CutMix(num_classes=3)(
        *SyntheticBatchMix(store.path, p=1.0)(batch.float() / 255, LABELS)
    )
    assert mixed.shape == batch.shape
    assert kept.shape == (24, 3)


def test_a_run_draws_on_its_device(store, batch):
    mix = SyntheticBatchMix(store.path.parent / "run", p=1.0, device="cpu")
    mixed, _ = mix(batch, LABELS)
    assert len({made.tobytes() for made in mixed.numpy()}) == 24


@pytest.mark.parametrize("workers", [0, 2])
def test_it_collates_an_image_folder_with_v2_transforms(tmp_path, store, workers):
    channels = store.image(0).shape[2]
    for name in CLASSES:
        (tmp_path / name).mkdir()
        for k in range(4):
            pixels = np.full((16, 24, 3), 99, np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{k}.png")
    steps = [v2.ToImage(), v2.Grayscale(channels), v2.Resize((8, 12))]
    folder = ImageFolder(tmp_path, transform=v2.Compose(steps))
    mix = SyntheticBatchMix(store.path, p=1.0, classes=folder.classes)
    loader = DataLoader(folder, 12, collate_fn=Collate(mix), num_workers=workers)
    ((images, labels),) = loader
    assert images.shape == (12, channels, 8, 12)
    assert labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert images[4].numpy().tobytes() in of_class(store, 1)
    assert len(images[8:].unique()) == 1, "the cat stays"


class Collate:
    def __init__(self, mix):
        self.mix = mix

    def __call__(self, items):
        return self.mix(*default_collate(items))


def test_it_holds_a_path(store):
    assert len(pickle.dumps(SyntheticBatchMix(store.path))) < 5_000
    assert "p=0.5" in repr(SyntheticBatchMix(store.path))


def test_what_is_wrong_is_said(store, batch):
    with pytest.raises(DataError, match="SyntheticBatchMix got images of torch"):
        SyntheticBatchMix(store.path)(torch.randn(24, 1, 8, 12), LABELS)
    with pytest.raises(DataError, match="a number below 3"):
        SyntheticBatchMix(store.path)(batch, LABELS + 1)
    with pytest.raises(ConfigError, match=r"did you mean soft\?"):
        SyntheticBatchMix(store.path, targets="sofd")
    with pytest.raises(ConfigError, match="p=2"):
        SyntheticBatchMix(store.path, p=2)
    run = store.path.parent / "run"
    with pytest.raises(StoreError, match="hard labels only"):
        SyntheticBatchMix(store.path, p=1.0, targets="soft")(batch, LABELS)
    with pytest.raises(ConfigError, match="soft targets need a store"):
        SyntheticBatchMix(run, p=1.0, targets="soft")(batch, LABELS)

"""Synthetic images of scaled sets come in the range that the real set has."""

import json

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from ganaug import SyntheticDataset, TrainConfig, load_images, synthesize, train
from ganaug.synth.real_images import find_real
from ganaug.synth.store.store import Store


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Masks of 0 and 1, and the store of a GAN that was hardly trained on them."""
    root = tmp_path_factory.mktemp("masks")
    rng = np.random.default_rng(0)
    for name in ("disc", "square"):
        (root / "masks" / name).mkdir(parents=True)
        for k in range(12):
            mask = rng.integers(0, 2, (8, 8), np.uint8)
            Image.fromarray(mask).save(root / "masks" / name / f"{k}.png")
    images = load_images(root / "masks", scale="auto")
    config = TrainConfig(height=8, width=8, channels=1, images=32, batch=16)
    train(images, root / "run", config=config, device="cpu", progress=None)
    synthesize(root / "run", root / "store", per_class=9, filters=None, device="cpu")
    return root


def read_masks(root):
    images = load_images(root / "masks")
    return images.images[..., 0], np.array(images.classes)[images.labels]


def pick(mixed):
    """Return the real and the synthetic images of a set."""
    which = mixed.is_synthetic
    pixels = [np.asarray(mixed[i][0]) for i in range(len(mixed))]
    return [np.stack([p for p, s in zip(pixels, which, strict=True) if s == k])
            for k in (False, True)]  # fmt: skip


@pytest.mark.parametrize("source", ["store", "run"])
def test_masks_get_masks(root, source, caplog):
    real, synthetic = pick(SyntheticDataset(read_masks(root), root / source))
    assert synthetic.dtype == real.dtype
    assert set(np.unique(synthetic)) <= {0, 1}
    assert not caplog.text
    if source == "store":
        assert max(Store.load(root / "store").image(k).max() for k in range(18)) > 128


def test_files_and_tensors_get_the_same(root):
    to_tensor = torchvision.transforms.ToTensor()
    folder = torchvision.datasets.ImageFolder(root / "masks", transform=to_tensor)
    mixed = SyntheticDataset(folder, root / "store", hold_out=True)
    assert len(mixed.validation()) > 0  # recognised by their scaled pixels
    values = torch.stack([mixed[i][0] for i in range(len(mixed))])
    assert set(torch.unique(values * 255).round().tolist()) <= {0, 1}


def test_scaled_sets_get_what_was_drawn(root, caplog):
    scaled = load_images(root / "masks", scale="auto")
    _, synthetic = pick(SyntheticDataset(scaled, root / "store"))
    assert synthetic.max() > 128
    assert not caplog.text
    masks, labels = read_masks(root)
    _, same = pick(SyntheticDataset((masks * 255, labels), root / "store"))
    assert same.max() > 128
    assert "it is taken for scaled already" in caplog.text


def test_the_real_images_are_found_again_from_memory_too(root):
    assert json.loads((root / "run" / "data.json").read_text())["scale"] == "0:1"
    assert len(find_real(root / "store", root / "masks").images) == 24
    scaled = load_images(root / "masks", scale="auto")
    assert len(find_real(root / "store", scaled).images) == 24

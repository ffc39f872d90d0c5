"""docs/hosts.md: its code runs word for word, block after block."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from recipes import save_gain
from stores import save_untrained

from ganaug import synthesize

TEXT = (Path(__file__).parents[2] / "docs" / "hosts.md").read_text(encoding="utf-8")
NAMES = ("cat", "dog")


def list_blocks(heading):
    """List the Python blocks under a heading."""
    (part,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    return re.findall(r"```python\n(.*?)```", part, re.DOTALL)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make photos, a store of them, and a gain whose fits have one step."""
    root = tmp_path_factory.mktemp("hosts")
    rng = np.random.default_rng(0)
    for name in NAMES:
        (root / "photos" / name).mkdir(parents=True)
        for k in range(10):
            pixels = rng.integers(0, 256, (10, 14, 3), np.uint8)
            Image.fromarray(pixels).save(root / "photos" / name / f"{k}.png")
    run = save_untrained(root / "run", classes=NAMES, data_size=(10, 14))
    synthesize(run, root / "photos-synthetic", per_class=20, device="cpu", filters=None)
    counts = dict.fromkeys(NAMES, 10)
    save_gain(
        root / "photos-gain", counts, word="no difference", size=(8, 12), mix="mixup"
    )
    file = root / "photos-gain" / "recipe.json"
    text = file.read_text().replace('"channels": null', '"channels": 3')
    file.write_text(re.sub(r'"steps": \d+', '"steps": 1', text))
    return root


def run_blocks(heading, root, monkeypatch):
    monkeypatch.chdir(root)
    found: dict = {}
    with torch.random.fork_rng():
        for code in list_blocks(heading):
            exec(code, found)
    return found


def test_the_recipe(root, monkeypatch, capsys):
    found = run_blocks("What gain found, in your own loop", root, monkeypatch)
    assert "verdict is no difference" in capsys.readouterr().out
    assert found["images"].shape == (20, 3, 8, 12)
    assert torch.isfinite(found["loss"])
    assert next(iter(found["loader"]))[1].shape == (20, 2)
    assert found["tests"][0][0].shape == (3, 8, 12)


def test_albumentations(root, monkeypatch):
    found = run_blocks("albumentations", root, monkeypatch)
    assert found["image"].shape == (10, 14, 3)


def test_torchvision(root, monkeypatch):
    found = run_blocks("torchvision", root, monkeypatch)
    assert found["images"].shape == (8, 3, 8, 12)
    assert found["targets"].shape == (8, 2)


def test_lightning_and_plain_torch(root, monkeypatch):
    pytest.importorskip("lightning")
    found = run_blocks("Lightning", root, monkeypatch)
    assert len(found["data"].train) == 20 + 7
    loop, _, _ = list_blocks("Plain torch, timm and Hugging Face")
    exec(loop, found)
    assert found["sizes"] == [16]


@pytest.mark.filterwarnings("default")  # timm leaves files open
def test_timm(root, monkeypatch):
    pytest.importorskip("timm")
    monkeypatch.chdir(root)
    _, code, _ = list_blocks("Plain torch, timm and Hugging Face")
    found: dict = {}
    with torch.random.fork_rng():
        exec(code, found)
        images, labels = next(iter(found["loader_train"]))
    assert len(found["dataset_train"]) == 20 + 7
    assert images.shape == (8, 3, 32, 32)
    assert set(labels.tolist()) <= {0, 1}


@pytest.mark.filterwarnings("default")  # of other libraries
def test_the_trainer_of_hugging_face(root, monkeypatch, tmp_path):
    for package in ("datasets", "transformers", "accelerate"):
        pytest.importorskip(package)
    monkeypatch.chdir(root)
    *_, code = list_blocks("Plain torch, timm and Hugging Face")
    found: dict = {}
    with torch.random.fork_rng():
        exec(code, found)
    losses = [line["train_loss"] for line in found["trainer"].state.log_history]
    assert found["trainer"].state.global_step == 2
    assert 0 < losses[-1] < 10

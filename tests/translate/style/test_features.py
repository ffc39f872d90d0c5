"""Features of VGG19: torchvision's layers, files of weights, images of any kind."""

import hashlib

import numpy as np
import pytest
import torch
from torchvision.models import VGG19_Weights, vgg19

from ganaug.classify.pretrained import download_weights
from ganaug.data.images import LabelledImages
from ganaug.errors import MissingExtraError
from ganaug.translate.style.descent import optimise
from ganaug.translate.style.features import STYLE_LAYERS, StyleFeatures
from ganaug.translate.style.task_features import fit_task_features

PLACES = {"relu1_1": 1, "relu2_1": 6, "relu3_1": 11, "relu4_2": 22, "relu5_1": 29}


@pytest.fixture(scope="module")
def narrow():
    return StyleFeatures(width=8)


def test_layers_are_those_of_torchvision():
    with torch.device("meta"):
        theirs = vgg19(weights=None).features
        ours = StyleFeatures()
    for name, place in PLACES.items():
        assert ours.names[place] == name
    expected = {k: v.shape for k, v in theirs[:30].state_dict().items()}
    assert {k: v.shape for k, v in ours.features.state_dict().items()} == expected


def test_weights_are_read_from_a_file(tmp_path, narrow):
    other = StyleFeatures(width=8, seed=1)
    torch.save(other.state_dict(), tmp_path / "w.pth")
    read = StyleFeatures(tmp_path / "w.pth", width=8)
    image = torch.rand(1, 3, 8, 8)
    assert torch.equal(read(image)["relu5_1"], other(image)["relu5_1"])
    assert not torch.equal(read(image)["relu5_1"], narrow(image)["relu5_1"])


def test_a_file_of_another_network_is_refused(tmp_path):
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "w.pth")
    with pytest.raises(MissingExtraError, match="not those of vgg19"):
        StyleFeatures(tmp_path / "w.pth", width=8)
    with pytest.raises(MissingExtraError, match=r"there is no weight file .*none\.pth"):
        StyleFeatures(tmp_path / "none.pth", width=8)


def test_weights_are_downloaded_once_and_checked(tmp_path, monkeypatch):
    content = b"weights"
    digits = hashlib.sha256(content).hexdigest()[:8]
    source = tmp_path / f"vgg19-{digits}.pth"
    source.write_bytes(content)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    weights = VGG19_Weights.DEFAULT
    monkeypatch.setattr(weights.value, "url", source.as_uri())
    found = download_weights("vgg19")
    assert found.read_bytes() == content
    source.unlink()
    assert download_weights("vgg19") == found
    found.unlink()
    with pytest.raises(MissingExtraError, match="could not be downloaded"):
        download_weights("vgg19")
    with pytest.raises(MissingExtraError, match="has no model 'vgg91'"):
        download_weights("vgg91")


@pytest.mark.parametrize(
    ("channels", "size"), [(1, (1, 1)), (3, (5, 17)), (4, (16, 8))]
)
def test_images_of_any_kind_are_seen(narrow, channels, size):
    found = narrow(torch.rand(2, channels, *size), STYLE_LAYERS)
    assert tuple(found) == STYLE_LAYERS
    assert found["relu1_1"].shape == (2, 8, *size)


def test_layers_are_brought_to_one_scale():
    look, images = StyleFeatures(width=8), torch.rand(4, 3, 16, 16)
    look.level(images)
    means = [float(x.mean()) for x in look(images).values()]
    assert means == pytest.approx([1.0] * len(means), rel=1e-4)


def test_classifiers_of_the_contents_are_looked_through():
    images = np.random.default_rng(0).integers(0, 256, (8, 8, 9, 4), dtype=np.uint8)
    data = LabelledImages(images, np.arange(8) % 2, ("a", "b"))
    look = fit_task_features(data, steps=2)
    x = torch.rand(2, 3, 8, 9)
    look.level(x)
    found = look(x)
    assert tuple(found) == look.style_layers
    assert found["stem"].shape[1] == 2 * 32  # of both folds
    assert float(found["stage2"].abs().mean()) == pytest.approx(1, rel=1e-4)
    assert list(look(x, ["stage1"])) == ["stage1"]
    assert optimise(x, x[:1], look, steps=2).shape == x.shape

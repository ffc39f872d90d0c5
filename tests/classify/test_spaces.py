"""Feature spaces, and pretrained models with and without their weights."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision import models

from ganaug.classify import fit
from ganaug.classify.pretrained import build_torchvision, load_extractor
from ganaug.classify.spaces import make_spaces
from ganaug.data.images import LabelledImages
from ganaug.errors import MissingExtraError


def draw_images(per_class, classes=2, groups=None, seed=0):
    rng = np.random.default_rng(seed)
    n = per_class * classes
    pixels = rng.integers(0, 256, (n, 8, 8, 1), np.uint8)
    names = tuple("abc"[:classes])
    return LabelledImages(pixels, np.arange(n) % classes, names, groups=groups)


def test_few_images_are_seen_by_the_random_net_alone():
    assert list(make_spaces(draw_images(29))) == ["random"]
    assert list(make_spaces(draw_images(40, classes=1))) == ["random"]


def test_classifiers_have_unseen_images_each(monkeypatch):
    monkeypatch.setattr(fit, "MOST_STEPS", 2)
    groups = np.repeat(np.arange(15), 4)
    spaces = make_spaces(draw_images(30, groups=groups))
    nets = spaces["classifier"]
    unseen = np.stack([net.unseen for net in nets])
    assert (unseen.sum(axis=0) == 1).all()
    for group in range(15):
        assert len({tuple(row) for row in unseen.T[groups == group]}) == 1
    images = draw_images(3).images
    first, other = (net.extract(images) for net in nets)
    assert first.shape == other.shape
    assert not np.allclose(first, other)


def test_one_group_cannot_be_split():
    images = draw_images(30, groups=np.zeros(60, np.int64))
    assert list(make_spaces(images)) == ["random"]


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_model_is_loaded_from_its_file(tmp_path, suffix, channels):
    torch.manual_seed(0)
    model = models.get_model("mobilenet_v3_small")
    path = tmp_path / f"weights{suffix}"
    save = save_file if suffix == ".safetensors" else torch.save
    save(model.state_dict(), path)
    extract = load_extractor("mobilenet_v3_small", path)
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 9, channels), np.uint8)
    found = extract(images)
    assert found.shape == (3, 1024)
    np.testing.assert_allclose(extract(images[1:]), found[1:], rtol=1e-4, atol=1e-5)
    assert extract(images[:0]).shape == (0, 1024)


def test_known_weights_are_found_where_torchvision_keeps_them(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"resnet18 needs its weights.*\.pth"):
        load_extractor("resnet18")
    name = models.ResNet18_Weights.DEFAULT.url.rpartition("/")[2]
    (tmp_path / "checkpoints").mkdir()
    state = models.resnet18().state_dict()
    torch.save(state, tmp_path / "checkpoints" / name)
    assert load_extractor("resnet18")(draw_images(1).images).shape == (2, 512)


def test_what_is_missing_is_said_in_one_line(tmp_path):
    other = tmp_path / "other.pth"
    torch.save({"x": torch.zeros(1)}, other)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no weights")
    for name, weights, message in [
        ("resnet18", tmp_path / "none.pth", "no weight file"),
        ("resnet18", other, "not those of resnet18"),
        ("resnet18", broken, "contains no weights"),
        ("no_such_model", None, "no_such_model"),
    ]:
        with pytest.raises(MissingExtraError, match=message) as caught:
            load_extractor(name, weights)
        assert "\n" not in str(caught.value)


def test_timm_models_are_loaded_too(tmp_path):
    timm = pytest.importorskip("timm")
    model = timm.create_model("resnet10t", pretrained=False)
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    extract = load_extractor("resnet10t", tmp_path / "weights.pth")
    assert extract(draw_images(1).images).shape == (2, 512)


def test_googlenet_and_inception_scale_their_own_input_with_weights(tmp_path):
    torch.manual_seed(0)
    made = models.googlenet(aux_logits=False, init_weights=False, transform_input=True)
    torch.save(made.state_dict(), tmp_path / "weights.pth")
    made.fc = torch.nn.Identity()
    images = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), np.uint8)
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    x = torch.from_numpy((images / np.float32(255) - mean) / std).permute(0, 3, 1, 2)
    with torch.inference_mode():
        want = made.eval()(x).numpy()
    found = load_extractor("googlenet", tmp_path / "weights.pth")(images)
    np.testing.assert_allclose(found, want, rtol=1e-3, atol=1e-4)
    for name in ("googlenet", "inception_v3"):
        assert build_torchvision(name, pretrained=True).transform_input
        assert not build_torchvision(name).transform_input

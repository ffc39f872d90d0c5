"""StyleMix in albumentations and torchvision, held to their contracts."""

import pickle

import albumentations as A
import numpy as np
import pytest
import torch

from ganaug.data.images import LabelledImages
from ganaug.errors import ConfigError, DataError, RunError
from ganaug.plugins import albumentations as ours
from ganaug.plugins import torchvision as batches
from ganaug.translate.style.transfer import StyleTransfer


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def run(request, tmp_path_factory):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (8, 8, 8, request.param)).astype(np.uint8)
    data = LabelledImages(images, np.arange(8) % 2, ("a", "b"))
    folder = tmp_path_factory.mktemp("style") / "run"
    tiny = {"images": 8, "batch": 4, "features": 4, "blocks": 1, "features_d": 4}
    styles = rng.integers(0, 255, (2, 8, 8, request.param)).astype(np.uint8)
    StyleTransfer(styles, engine="generate").fit(data, folder, set=tiny)
    return folder, data


def test_an_image_takes_on_a_style_and_keeps_its_form(run):
    folder, data = run
    mix = ours.StyleMix(folder, p=1.0)
    image = data.images[0]
    drawn = mix(image=image)["image"]
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert (drawn != image).any()
    if image.shape[2] == 1:
        assert mix(image=image[..., 0])["image"].shape == image.shape[:2]


def test_compose_with_a_seed_repeats_itself_and_p_0_does_nothing(run):
    folder, data = run
    image = data.images[1]
    first, second = (
        A.Compose([ours.StyleMix(folder, p=1.0)], seed=7)(image=image)["image"]
        for _ in range(2)
    )
    assert (first == second).all()
    assert (ours.StyleMix(folder, p=0.0)(image=image)["image"] == image).all()


def test_it_can_be_written_and_pickled(run):
    folder, data = run
    compose = A.Compose([ours.StyleMix(folder, (0.2, 0.3), p=1.0)], seed=3)
    again = pickle.loads(pickle.dumps(compose))
    assert len(pickle.dumps(compose)) < 20_000  # the path, not the network
    values = compose.to_dict()
    read = A.from_dict(values)
    assert read.transforms[0].alpha_range == (0.2, 0.3)
    image = data.images[2]
    for each in (again, read):
        each.set_random_seed(3)
        compose.set_random_seed(3)
        assert (each(image=image)["image"] == compose(image=image)["image"]).all()


def test_replay_repeats_a_style(run):
    folder, data = run
    compose = A.ReplayCompose([ours.StyleMix(folder, p=1.0)])
    first = compose(image=data.images[0])
    second = A.ReplayCompose.replay(first["replay"], image=data.images[0])
    assert (first["image"] == second["image"]).all()


def test_batches_keep_labels_and_form(run):
    folder, data = run
    x = torch.from_numpy(data.images).permute(0, 3, 1, 2)
    labels = torch.arange(8)
    for images in (x, x.float() / 255):
        torch.manual_seed(0)
        mixed, kept = batches.StyleMix(folder, p=0.5)(images, labels)
        assert mixed.shape == images.shape
        assert mixed.dtype == images.dtype
        assert kept is labels
        changed = (mixed != images).flatten(1).any(1)
        assert 0 < changed.sum() < 8
    same, _ = batches.StyleMix(folder, p=0.0)(x, labels)
    assert same is x


def test_bad_input_is_said_in_one_line(run, tmp_path):
    folder, data = run
    with pytest.raises(RunError, match="not the run of a style generator"):
        ours.StyleMix(tmp_path)
    with pytest.raises(ConfigError, match="alpha_range"):
        batches.StyleMix(folder, (0.5, 1.5))
    with pytest.raises(DataError, match="uint8"):
        ours.StyleMix(folder, p=1.0)(image=data.images[0].astype(np.float32))
    normalised = torch.randn(2, data.channels, 8, 8)
    with pytest.raises(DataError, match="normalise afterwards"):
        batches.StyleMix(folder, p=1.0)(normalised, None)

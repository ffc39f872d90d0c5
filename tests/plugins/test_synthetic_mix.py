"""SyntheticMix in albumentations, held to the host's contract."""

import pickle

import albumentations as A
import numpy as np
import pytest
import torch
from stores import CLASSES, save_untrained
from torch.utils.data import DataLoader, Dataset

from ganaug import synthesize
from ganaug.errors import ConfigError, DataError, GanaugError
from ganaug.plugins.albumentations import SyntheticMix


@pytest.fixture(scope="module", params=[1, 3], ids=["grey", "colour"])
def store(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("mix")
    run = save_untrained(root / "run", channels=request.param)
    wanted = {"ant": 6, "bee": 6}  # and none of the cat
    return synthesize(run, root / "store", per_class=wanted, device="cpu", filters=None)


@pytest.fixture
def image(store):
    channels = store.image(0).shape[2]
    return np.full((8, 12, channels), 128, np.uint8)


def of_class(store, label):
    return {store.image(i).tobytes() for i in np.flatnonzero(store.labels == label)}


@pytest.mark.parametrize("label", [1, "bee", np.int64(1), torch.tensor(1)])
def test_an_image_becomes_a_synthetic_one_of_its_class(store, image, label):
    mix = SyntheticMix(store.path, p=1.0)
    made = {mix(image=image, label=label)["image"].tobytes() for _ in range(30)}
    assert made <= of_class(store, 1)
    assert len(made) > 3
    out = A.Compose([mix, A.HorizontalFlip(p=0)])(image=image, label=label)
    assert out["label"] is label
    assert out["image"].tobytes() in of_class(store, 1)


def test_it_takes_on_the_images_form(store, image):
    mix = SyntheticMix(store.path, p=1.0)
    for form in (np.zeros((8, 12), np.uint8), np.zeros((20, 30, 3), np.float32)):
        made = mix(image=form, label=0)["image"]
        assert (made.shape, made.dtype) == (form.shape, form.dtype)
        assert made.any()
    assert mix(image=np.zeros((4, 4, 4), np.uint8), label=0)["image"].shape == (4, 4, 4)


def test_a_blend_lies_between(store, image):
    half = SyntheticMix(store.path, (0.5, 0.5), p=1.0)
    whole = SyntheticMix(store.path, p=1.0)
    made = []
    for mix in (half, whole):
        mix.set_random_seed(3)
        made.append(mix(image=image, label=0)["image"].astype(int))
    assert np.abs(made[0] - (128 + made[1]) / 2).max() <= 0.5
    none = SyntheticMix(store.path, (0, 0), p=1.0)
    assert (none(image=image, label=0)["image"] == image).all()


def test_a_class_without_synthetic_images_stays(store, image):
    mix = SyntheticMix(store.path, p=1.0)
    assert mix(image=image, label="cat")["image"] is image


def test_numbers_are_those_of_the_users_classes(store, image):
    mix = SyntheticMix(store.path, p=1.0, classes=["bee", "ant", "dog"])
    assert mix(image=image, label=0)["image"].tobytes() in of_class(store, 1)
    assert mix(image=image, label=2)["image"] is image


def test_compose_with_a_seed_repeats_itself(store, image):
    first, second = (
        [compose(image=image, label=k % 2)["image"].tobytes() for k in range(8)]
        for compose in (A.Compose([SyntheticMix(store.path)], seed=7) for _ in range(2))
    )
    assert first == second
    assert len(set(first)) > 2
    off = A.Compose([SyntheticMix(store.path, p=0.0)])
    assert (off(image=image, label=0)["image"] == image).all()


@pytest.mark.parametrize("form", ["dict", "yaml", "json", "pickle"])
def test_it_can_be_written_and_read(store, image, form, tmp_path):
    compose = A.Compose([SyntheticMix(store.path, (0.5, 1), classes=CLASSES)], seed=3)
    if form == "dict":
        read = A.from_dict(compose.to_dict())
    elif form == "pickle":
        read = pickle.loads(pickle.dumps(compose))
        assert len(pickle.dumps(compose)) < 20_000  # the path, and no images
    else:
        A.save(compose, tmp_path / "compose", data_format=form)
        read = A.load(tmp_path / "compose", data_format=form)
    assert read.transforms[0].blend_range == (0.5, 1)
    assert read.transforms[0].classes == list(CLASSES)
    for each in (compose, read):
        each.set_random_seed(5)
    pair = [each(image=image, label=0)["image"] for each in (compose, read)]
    assert (pair[0] == pair[1]).all()


@pytest.mark.filterwarnings("ignore:.*could work incorrectly in ReplayMode")
def test_replay_repeats_an_image(store, image):
    compose = A.ReplayCompose([SyntheticMix(store.path, (0.3, 1), p=1.0)])
    first = compose(image=image, label=1)
    again = A.ReplayCompose.replay(first["replay"], image=image)
    assert (first["image"] == again["image"]).all()


class Images(Dataset):
    def __init__(self, image, transform):
        self.image, self.transform = image, transform

    def __len__(self):
        return 12

    def __getitem__(self, i):
        return self.transform(image=self.image, label=i % 2)["image"], i % 2


def test_workers_read_the_store_themselves(store, image):
    data = Images(image, A.Compose([SyntheticMix(store.path, p=1.0)]))
    for images, labels in DataLoader(data, 4, num_workers=2):
        for made, label in zip(images.numpy(), labels.tolist(), strict=True):
            assert made.tobytes() in of_class(store, label)


def test_a_run_draws_each_image_anew(store, image):
    mix = SyntheticMix(store.path.parent / "run", p=1.0)
    made = {mix(image=image, label=2)["image"].tobytes() for _ in range(5)}
    assert len(made) == 5


def test_what_is_wrong_is_said(store, image, tmp_path):
    mix = SyntheticMix(store.path, p=0.5)
    for transform in (mix, A.Compose([mix])):
        with pytest.raises(ValueError, match="needs the image's label: transform"):
            transform(image=image)
    sure = SyntheticMix(store.path, p=1.0)
    with pytest.raises(DataError, match=r"did you mean bee\?"):
        sure(image=image, label="beee")
    with pytest.raises(DataError, match="a number below 3"):
        sure(image=image, label=3)
    with pytest.raises(ConfigError, match="blend_range"):
        SyntheticMix(store.path, (0.5, 1.5))
    with pytest.raises(ConfigError, match="are none of those of"):
        SyntheticMix(store.path, classes=["wolf"])
    with pytest.raises(GanaugError, match=str(tmp_path)):
        SyntheticMix(tmp_path)

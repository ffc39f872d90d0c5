"""Work on real images that synthetic ones would miss is noticed, and nothing else."""

import random

import albumentations
import numpy as np
import pandas as pd
import pytest
import torch
import torchvision
from PIL import Image, ImageOps
from stores import save_untrained
from torch.utils.data import ConcatDataset, Dataset, Subset, TensorDataset
from torchvision.datasets import ImageFolder, VisionDataset
from torchvision.transforms import v2

from ganaug import load_images
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.mixing.real.transforms import take_off
from ganaug.synth.synthesis import synthesize

NAMES = ["ant", "bee", "cat"]
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (9, 8, 12, 3), np.uint8)
FLOATS = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])

NORMALISED = v2.Compose([FLOATS, v2.Normalize([0.5], [0.5])])


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("probe")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=9, device="cpu", filters=None)
    for i, pixels in enumerate(PIXELS):
        folder = root / "real" / NAMES[i % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return root


class Own(Dataset):
    """A user's own set that reads files and does its work in `work`."""

    def __init__(self, root, work=None, **attributes):
        self.root = root / "real"
        self.table = pd.DataFrame(
            {"file": [f"{NAMES[i % 3]}/{i}.png" for i in range(9)], "age": range(9)}
        )
        self.tfms = work
        vars(self).update(attributes)

    def __len__(self):
        return len(self.table)

    def __getitem__(self, i):
        with Image.open(self.root / self.table.file[i]) as opened:
            image = opened.copy()
        return (self.tfms(image) if self.tfms else image), NAMES[i % 3]


def flip_at_random(image):
    return ImageOps.mirror(image) if random.random() < 0.5 else image


def darken(image):
    return np.asarray(image) / 255 * 0.5


def invert(image):
    return ImageOps.invert(image)


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (flip_at_random, "is another at each reading"),
        (v2.ColorJitter(0.5), "is another at each reading"),
        (darken, "differs from its stored picture"),
        (invert, "differs from its stored picture"),
        (lambda image: np.asarray(image)[:, :, ::-1].copy(), "differs from its stored"),
        (v2.CenterCrop(4), "differs from its stored picture"),
    ],
)
def test_work_under_another_name_is_told(root, caplog, work, said):
    state = random.getstate(), torch.get_rng_state()
    SyntheticDataset(Own(root, work), root / "store", share=0.5)
    assert said in caplog.text
    assert "by its tfms?" in caplog.text
    assert "pass the work as transform=" in caplog.text
    assert len(caplog.messages) == 1
    assert (random.getstate(), torch.get_rng_state().tolist()) == (
        state[0],
        state[1].tolist(),
    )


def to_tensor(image):
    return torchvision.transforms.functional.to_tensor(image)


@pytest.mark.parametrize(
    "make",
    [
        lambda root: Own(root),
        lambda root: Own(root, to_tensor),
        lambda root: Own(root, np.asarray),
        lambda root: Own(root, lambda image: image.convert("L")),
        lambda root: Own(root, v2.Resize((4, 6))),
        lambda root: Subset(Own(root), [3, 4, 2]),
        lambda root: ConcatDataset([Own(root), Own(root)]),
        lambda root: ImageFolder(root / "real", v2.RandomHorizontalFlip()),
        lambda root: ImageFolder(root / "real", NORMALISED),
        lambda root: load_images(root / "real"),
        lambda root: (PIXELS, [NAMES[i % 3] for i in range(9)]),
        lambda root: Named(root),
        lambda root: Albumented(root),
    ],
)  # fmt: skip
def test_sets_without_such_work_are_not(root, caplog, make):
    mixed = SyntheticDataset(make(root), root / "store", share=0.5)
    mixed[len(mixed) - 1]
    assert caplog.text == ""


class Named(Dataset):
    """Tensors in a set of torch's, with names of classes."""

    classes = tuple(NAMES)

    def __init__(self, _):
        tensors = torch.from_numpy(PIXELS).permute(0, 3, 1, 2) / 255
        self.dataset = TensorDataset(tensors, torch.arange(9) % 3)

    def __len__(self):
        return 9

    def __getitem__(self, i):
        return self.dataset[i]


class Albumented(Own):
    """A set with albumentations' transform, called their way."""

    def __init__(self, root):
        flip = albumentations.Compose([albumentations.HorizontalFlip(p=0.5)])
        super().__init__(root, transform=flip)

    def __getitem__(self, i):
        image, label = super().__getitem__(i)
        return self.transform(image=np.array(image))["image"], label


def test_a_transform_that_is_not_what_is_applied_is_told(root, caplog):
    class Twice(Own):
        def __getitem__(self, i):
            image, label = super().__getitem__(i)
            return np.asarray(self.transform(self.transform(image))), label

    real = Twice(root, transform=lambda image: np.asarray(image) // 2)
    SyntheticDataset(real, root / "store", share=0.5)
    assert caplog.text != ""


def mirror_pair(image, label):
    return ImageOps.mirror(image), label


class Joint(VisionDataset):
    """Uses `transforms` on image and label together."""

    def __init__(self, root, **options):
        super().__init__(str(root / "real"), **options)
        self.inner = ImageFolder(root / "real")

    def __len__(self):
        return 9

    def __getitem__(self, i):
        image, label = self.inner[i]
        return self.transforms(image, label) if self.transforms else (image, label)

    @property
    def class_to_idx(self):
        return self.inner.class_to_idx


def test_a_transform_of_image_and_label_is_borrowed(root, caplog):
    real = Joint(root, transforms=mirror_pair)
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    plain = SyntheticDataset(Joint(root), root / "store", share=0.5)
    for i in (0, 17):
        assert mixed[i][1] == plain[i][1]
        assert np.array_equal(np.asarray(mixed[i][0]), np.asarray(plain[i][0])[:, ::-1])
    assert real[0][0] == mixed[0][0]
    assert caplog.text == ""
    soft = SyntheticDataset(Joint(root), root / "store", transform=FLOATS)
    assert soft[9][0].shape == (3, 8, 12)


def test_transforms_under_the_plural_name_are_borrowed(root, caplog):
    class Plural(Own):
        def __getitem__(self, i):
            image, label = super().__getitem__(i)
            return self.transforms(image), label

    mixed = SyntheticDataset(Plural(root, transforms=FLOATS), root / "store", share=0.5)
    assert isinstance(mixed[0][0], torch.Tensor)
    assert isinstance(mixed[17][0], torch.Tensor)
    assert caplog.text == ""


def test_the_users_own_set_is_left_as_it_was(root):
    real = Joint(root, transforms=mirror_pair)
    take_off(real)
    assert real.transforms is mirror_pair

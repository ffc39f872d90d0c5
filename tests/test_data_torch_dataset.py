"""Any torch Dataset of (image, label)."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Subset, TensorDataset
from torchvision.datasets import FakeData, ImageFolder
from torchvision.transforms import ToTensor

from ganaug.data.load import load_images
from ganaug.errors import DataError

NOISE = np.random.default_rng(0).integers(0, 256, (4, 8, 6, 3), dtype=np.uint8)
FLOATS = torch.from_numpy(NOISE).permute(0, 3, 1, 2) / 255


@pytest.mark.parametrize(
    "items",
    [
        [Image.fromarray(x) for x in NOISE],
        list(NOISE),
        [x / 255 for x in NOISE],
        list(FLOATS),
        list(FLOATS.double()),
        [torch.from_numpy(x).permute(2, 0, 1) for x in NOISE],
    ],
    ids=["PIL", "uint8", "float", "tensor", "double", "uint8 tensor"],
)
def test_every_kind_of_image_gives_the_same_pixels(items):
    data = load_images([(x, i % 2) for i, x in enumerate(items)])
    assert np.array_equal(data.images, NOISE)
    assert data.labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("label", [1, "b", np.int64(1), torch.tensor(1)])
def test_every_kind_of_label(label):
    assert load_images([(NOISE[0], label)]).classes in (("1",), ("b",))


def test_tensor_datasets_and_grey_tensors():
    dataset = TensorDataset(FLOATS[:, 0], torch.tensor([0, 1, 2, 2]))
    data = load_images(dataset)
    assert data.images.shape == (4, 8, 6, 1)
    assert data.source == "TensorDataset"


def test_deep_images_of_a_dataset_are_scaled():
    deep = [Image.fromarray(np.full((4, 4), v, np.uint16)) for v in (1000, 3000)]
    data = load_images([(x, 0) for x in deep])
    assert data.images[:, 0, 0, 0].tolist() == [0, 255]


def test_classes_and_names_come_from_the_dataset(tmp_path):
    for name in ("dog", "cat"):
        (tmp_path / name).mkdir()
        Image.fromarray(NOISE[0]).save(tmp_path / name / "1.png")
    folder = ImageFolder(tmp_path, ToTensor())
    data = load_images(folder)
    assert data.classes == ("cat", "dog")
    assert data.names == ("cat/1.png", "dog/1.png")
    assert np.array_equal(data.images[0], NOISE[0])
    assert load_images(Subset(folder, [1])).classes == ("dog",)


def test_unreadable_files_of_a_dataset_are_skipped(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(NOISE[0]).save(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "2.png").write_bytes(b"")
    data = load_images(ImageFolder(tmp_path))
    assert data.names == ("a/1.png",)
    assert data.skipped[0][0] == "a/2.png"


def test_torchvision_data():
    data = load_images(FakeData(6, (3, 9, 7), 3))
    assert data.images.shape == (6, 9, 7, 3)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ([], "empty"),
        ([NOISE[0]], "must yield"),
        ([(NOISE[0], 0, 1)], "must yield"),
        ([(NOISE[0], [0, 1])], "one integer or one string"),
        ([(FLOATS[0] * 2 - 1, 0)], r"\[0, 1\]"),
        ([(FLOATS[0] * np.nan, 0)], "NaN"),
        ([(np.zeros((3, 8, 8)), 0)], "channels"),
        ([(NOISE[0], "../x")], "leave the output folder"),
    ],
)
def test_wrong_datasets_are_refused(dataset, message):
    with pytest.raises(DataError, match=message):
        load_images(dataset)

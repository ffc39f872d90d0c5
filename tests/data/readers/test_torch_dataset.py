"""Any torch Dataset of (image, label)."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Subset, TensorDataset
from torchvision.datasets import FakeData, ImageFolder
from torchvision.transforms import ToTensor

from ganaug.data.fingerprint import take_fingerprint
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


def test_parts_of_a_dataset_keep_the_names_of_their_files(tmp_path):
    (tmp_path / "a").mkdir()
    for i in range(4):
        Image.fromarray(NOISE[i]).save(tmp_path / "a" / f"p{i // 2}_{i}.png")
    part = Subset(Subset(ImageFolder(tmp_path), [3, 1, 0]), range(1, 3))
    data = load_images(part, group_regex="^p[0-9]")
    assert data.names == ("a/p0_1.png", "a/p0_0.png")
    assert np.array_equal(data.images, NOISE[[1, 0]])
    assert data.group_names == ("p0", "p0")


@pytest.mark.parametrize(
    ("samples", "root"),
    [
        ([3, 4, 5, 6], "."),
        (["a.png"] * 4, "."),
        ([("elsewhere/1.png", 0)] * 4, None),
        ([(0.5, 0)] * 4, "."),
    ],
)
def test_attributes_that_mean_something_else_are_ignored(samples, root):
    dataset = TensorDataset(FLOATS, torch.tensor([0, 1, 0, 1]))
    dataset.samples, dataset.root = samples, root
    assert load_images(dataset).names == ("0", "1", "2", "3")
    dataset.dataset, dataset.indices = dataset.tensors, [0, 1, 2, 99]
    assert load_images(dataset).names == ("0", "1", "2", "3")


def test_files_outside_the_root_keep_their_paths():
    dataset = TensorDataset(FLOATS, torch.tensor([0, 1, 0, 1]))
    dataset.samples, dataset.root = [("there/1.png", 0)] * 4, "here"
    assert load_images(dataset).names == ("there/1.png",) * 4


def test_group_regex_needs_file_names():
    with pytest.raises(DataError, match="needs file names, but TensorDataset has none"):
        load_images(TensorDataset(FLOATS, torch.zeros(4)), group_regex="[0-9]")


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
        ([(NOISE[0], 0, 1)], "give .item.:2. for item in real"),
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


@pytest.mark.parametrize("steady", [True, False])
def test_pixels_that_change_from_reading_to_reading_are_told(tmp_path, steady):
    class Noisy(TensorDataset):
        def __getitem__(self, i):
            image, label = super().__getitem__(i)
            return image if steady else torch.rand_like(image), label

    data = load_images(Noisy(FLOATS, torch.tensor([0, 1, 0, 1])))
    assert steady != any("other pixels at each reading" in n for n in data.notes)
    said = take_fingerprint(data).say_other_images("photos-run")
    assert said.startswith("photos-run was trained on other images")
    assert steady != ("load it without that transform" in said)

"""What real images are is decided by a look at many of them, not at the first."""

import numpy as np
import pytest
import torch
from PIL import Image
from stores import save_untrained
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import Compose, Grayscale, ToTensor

from ganaug.data.load import load_images
from ganaug.errors import DataError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.synthesis import synthesize

LABELS = ["ant", "bee", "cat"] * 6


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("look")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=9, device="cpu", filters=None)
    return root / "store"


class Pictures(Dataset):
    """A user's own set of pictures, with a transform or none."""

    def __init__(self, images, transform=None):
        self.images, self.transform = images, transform

    def __len__(self):
        return len(LABELS)

    def __getitem__(self, i):
        image = self.images[i % len(self.images)]
        return image if self.transform is None else self.transform(image), LABELS[i]


def paint(mode, size=(12, 8)):
    """Make a picture of grey level 200, whatever its mode."""
    grey = Image.new("L", size, 200)
    if mode == "P":
        return grey.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE)
    return grey.convert("RGB" if mode == "CMYK" else "L").convert(mode)


@pytest.mark.parametrize(
    ("modes", "decided"),
    [
        (["P"], "RGB"),
        (["1"], "L"),
        (["CMYK"], "RGB"),
        (["LA"], "RGBA"),
        (["L", "RGB"], "RGB"),
        (["1", "L", "P"], "RGB"),
        (["RGB", "CMYK", "LA"], "RGBA"),
    ],
)
def test_pictures_get_the_widest_mode(store, modes, decided, caplog):
    real = Pictures([paint(mode) for mode in modes], ToTensor())
    mixed = SyntheticDataset(real, store, share=0.5)
    images, _ = next(iter(DataLoader(mixed, 36)))
    assert images.shape == (36, {"L": 1, "RGB": 3, "RGBA": 4}[decided], 8, 12)
    bare = SyntheticDataset(real, store, share=0.5, transform=None)
    assert {bare[i][0].mode for i in range(36)} == {decided}
    level = 255 if modes[0] == "1" else 200
    assert np.asarray(bare[0][0].convert("L")).max() == level
    assert ("all become" in caplog.text) == (modes != [decided])
    assert "differs" not in caplog.text


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_pictures_are_refused_with_a_cure(store, mode):
    deep = Image.new(mode, (12, 8), 9)
    for images in ([deep], [paint("L")] * 9 + [deep]):
        with pytest.raises(DataError, match=rf"mode {mode}, .*ganaug\.load_images"):
            SyntheticDataset(Pictures(images), store)


def test_a_bright_first_picture_does_not_stand_for_all(store):
    images = [torch.full((3, 8, 12), 0.9)] + [torch.full((3, 8, 12), -0.9)] * 17
    with pytest.raises(DataError, match=r"item 1: .* as if normalised"):
        SyntheticDataset(Pictures(images), store)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([paint("L"), np.zeros((8, 12), np.uint8)], "as array and pil"),
        ([torch.zeros(3, 8, 12), np.zeros((8, 12), np.uint8)], "as array and tensor"),
        ([np.zeros((8, 12, 3)), np.zeros((3, 8, 12))], "one order"),
        ([np.zeros((8, 12, 3)), np.zeros((8, 12, 5))], r"item 1: .* \(8, 12, 5\)"),
        ([np.zeros((8, 12), np.uint8), np.zeros((8, 12), int)], "item 1: .*int64"),
    ],
)
def test_what_would_fail_later_is_refused_at_once(store, images, message):
    with pytest.raises(DataError, match=message):
        SyntheticDataset(Pictures(images), store)


def test_items_of_another_form_and_unreadable_ones_are_refused(store):
    class Failing(Pictures):
        def __getitem__(self, i):
            if i == 7:
                raise OSError("cut off")
            return super().__getitem__(i)

    with pytest.raises(DataError, match=r"item 7 .* cannot be read \(cut off\)"):
        SyntheticDataset(Failing([paint("L")]), store)
    items = [(paint("L"), "ant"), {"image": paint("L"), "label": "ant"}]
    with pytest.raises(DataError, match="item 1 of the real set has another form"):
        SyntheticDataset(items, store)


@pytest.mark.parametrize(
    ("images", "shape", "kind"),
    [
        ([np.zeros((8, 12), np.uint8), np.ones((8, 12, 3))], (8, 12, 3), "float64"),
        (
            [torch.zeros(1, 8, 12), torch.full((4, 8, 12), 255, dtype=torch.uint8)],
            (4, 8, 12),
            "torch.float32",
        ),
        (
            [np.zeros((8, 12, 4), np.uint8), np.full((8, 12), 9, np.uint8)],
            (8, 12, 4),
            "uint8",
        ),
    ],
)
def test_arrays_get_the_widest_form(store, images, shape, kind, caplog):
    mixed = SyntheticDataset(Pictures(images), store, share=0.5)
    found = [mixed[i][0] for i in range(36)]
    assert {tuple(image.shape) for image in found} == {shape}
    assert {str(image.dtype) for image in found} == {kind}
    assert "all become" in caplog.text
    opaque = 255 if kind == "uint8" else 1
    if 4 in shape:
        assert float(np.moveaxis(np.asarray(found[1]), shape.index(4), 0)[3].max()) == (
            opaque
        )


def test_the_commonest_size_counts(store, caplog):
    images = [np.zeros((6, 6), np.uint8)] + [np.zeros((8, 12), np.uint8)] * 2
    mixed = SyntheticDataset(Pictures(images), store, share=0.5)
    assert mixed[30][0].shape == (8, 12)
    assert "2 sizes: synthetic ones get the commonest, 8×12" in caplog.text
    reduced = Pictures([paint("RGB", (6, 4))])
    assert SyntheticDataset(reduced, store)[20][0].size == (6, 4)


def spoil(image):
    """Make grey pictures, as real ones are here, smaller than others."""
    grey = image.getpixel((0, 0)) == (200, 200, 200)
    return torch.zeros(3, 5, 5) if grey else ToTensor()(image)


def test_outputs_that_do_not_fit_into_a_batch_are_refused(store):
    with pytest.raises(
        DataError, match=r"are .*\(3, 5, 5\) and synthetic .*\(3, 8, 12"
    ):
        SyntheticDataset(Pictures([paint("RGB")], spoil), store)
    grey = Pictures([paint("RGB")], Compose([Grayscale(), ToTensor()]))
    assert SyntheticDataset(grey, store)[20][0].shape == (1, 8, 12)


@pytest.mark.parametrize("beyond", [1e-7, 1e-3])
def test_a_hair_beyond_the_range_is_let_pass(store, beyond):
    images = np.tile(np.float32([-beyond, 1 + beyond]), (18, 8, 6))
    data = load_images((images, LABELS))
    assert np.unique(data.images).tolist() == [0, 255]
    mixed = SyntheticDataset((images, LABELS), store, share=0.5)
    assert mixed[30][0].dtype == np.float32
    dataset = load_images(list(zip(images, LABELS, strict=True)))
    assert np.array_equal(dataset.images, data.images)


def test_more_than_a_hair_is_said_with_enough_digits(store):
    images = np.full((18, 8, 12), 1.003, np.float32)
    for read in (load_images, lambda data: SyntheticDataset(data, store)):
        with pytest.raises(DataError, match=r"to 1\.00300002"):
            read((images, LABELS))

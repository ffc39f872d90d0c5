"""Labels of a mixed set: those of its real items, and synthetic ones by name."""

import numpy as np
import pandas as pd
import pytest
import torch
import torchvision
from PIL import Image
from stores import save_untrained
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset

from ganaug.errors import DataError, StoreError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.synthesis import synthesize

TWELVE = tuple(map(str, range(12)))
PIXELS = np.zeros((24, 8, 12, 3), np.uint8)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("labels")
    run = save_untrained(root / "run", classes=TWELVE)
    synthesize(run, root / "store", per_class=2, device="cpu", filters=None)
    pets = save_untrained(root / "pets-run", classes=("cat", "dog"))
    synthesize(pets, root / "pets", per_class=9, device="cpu", filters=None)
    bits = save_untrained(root / "bits-run", classes=("0", "1"))
    synthesize(bits, root / "bits", per_class=9, device="cpu", filters=None)
    for name in TWELVE:
        (root / "real" / name).mkdir(parents=True)
        for k in range(2):
            Image.new("RGB", (12, 8)).save(root / "real" / name / f"{k}.png")
    return root


class Numbered(torchvision.datasets.ImageFolder):
    """Folders 0 to 11, each of which is the class of its number."""

    def find_classes(self, directory):
        classes, _ = super().find_classes(directory)
        return classes, {name: int(name) for name in classes}


class Pets(Dataset):
    """Cats and dogs, in another order than in its list of labels."""

    classes = ("cat", "dog")

    def __init__(self, labels=(0, 0, 0, 1, 1, 0, 1, 0), **attributes):
        self.yielded, self.targets = list(labels), sorted(labels)
        vars(self).update(attributes)

    def __len__(self):
        return len(self.yielded)

    def __getitem__(self, i):
        return PIXELS[i], self.yielded[i]


class Relabelled(Subset):
    """Yields the other label."""

    def __getitem__(self, i):
        image, label = super().__getitem__(i)
        return image, 1 - label

    __getitems__ = None


@pytest.mark.parametrize("kind", [torchvision.datasets.ImageFolder, Numbered])
def test_whole_numbers_as_names_meet_their_own_images(root, kind):
    real = kind(root / "real")
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    assert mixed.class_to_idx == real.class_to_idx
    name_of = {label: name for name, label in real.class_to_idx.items()}
    for path, label in mixed.samples:
        assert path.replace("\\", "/").split("/")[-2] == name_of[label]


def test_a_list_in_another_order_is_not_trusted(root):
    mixed = SyntheticDataset(Pets(), root / "pets", share=0.5)
    assert mixed.targets[:8] == [0, 0, 0, 1, 1, 0, 1, 0]
    assert mixed.classes == ["cat", "dog"]
    assert [mixed[i][1] for i in range(16)] == mixed.targets


def test_a_wrapper_that_relabels_takes_no_names(root, caplog):
    pets = Pets()
    pets.targets = pets.yielded
    assert SyntheticDataset(Subset(pets, range(8)), root / "pets").classes[1] == "dog"
    with pytest.raises(StoreError, match="yields other labels than the Pets inside"):
        SyntheticDataset(Relabelled(pets, range(8)), root / "pets")
    assert "numbers are the names" in caplog.text


def test_parts_that_agree_keep_their_names_and_others_say_that_they_have_none(root):
    joined = ConcatDataset([Pets(), Subset(Pets(), [3, 0])])
    mixed = SyntheticDataset(joined, root / "pets", share=0.5)
    assert mixed.classes == ["cat", "dog"]
    assert mixed.targets[8:10] == [1, 0]
    nameless = TensorDataset(torch.zeros(4, 3, 8, 12), torch.tensor([0, 1, 1, 0]))
    with pytest.raises(StoreError, match=r"0, 1: the TensorDataset has no names .*idx"):
        SyntheticDataset(nameless, root / "pets")
    with pytest.raises(DataError, match="number their classes in different ways"):
        SyntheticDataset(
            ConcatDataset([Pets(), Pets(classes=("ant", "dog"))]), root / "pets"
        )


def test_names_that_differ_in_case_alone_are_said_to(root):
    with pytest.raises(StoreError, match="some of which differ only in case"):
        SyntheticDataset((PIXELS[:2], ["Cat", "dog"]), root / "pets")


@pytest.mark.parametrize(
    "labels",
    [
        [" cat", "cat", "dog ", "dog"],
        pd.Series(["cat", "cat", "dog", "dog"], index=[7, 8, 9, 0]),
        np.array([b"cat", b"cat", b"dog", b"dog"]),
    ],
)
def test_words_are_read_as_load_images_reads_them(root, labels):
    mixed = SyntheticDataset((PIXELS[:4], labels), root / "pets", share=0.5)
    assert mixed.targets[:4] == ["cat", "cat", "dog", "dog"]
    assert [mixed[i][1] for i in range(8)] == mixed.targets


@pytest.mark.parametrize("kind", [float, bool, int, np.float32])
def test_labels_of_both_kinds_are_of_one_type(root, kind):
    items = [(PIXELS[0], kind(k % 2)) for k in range(6)]
    mixed = SyntheticDataset(items, root / "bits", share=0.5)
    assert {type(mixed[i][1]) for i in range(12)} == {kind}
    assert len(next(iter(DataLoader(mixed, 12)))[1]) == 12


def test_missing_labels_are_refused(root):
    with pytest.raises(
        DataError, match=r"2 labels are missing, first label 1 \(None\)"
    ):
        SyntheticDataset((PIXELS[:3], ["cat", None, ""]), root / "pets")

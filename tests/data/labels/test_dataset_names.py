"""Names of classes follow what a Dataset's items really yield."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from torch.utils.data import ConcatDataset, Dataset, Subset
from torchvision.datasets import ImageFolder

from ganaug.data.load import load_images
from ganaug.errors import DataError


class Numbered(ImageFolder):
    """Folders 0 to 11, each of which is the class of its number."""

    def find_classes(self, directory):
        classes, _ = super().find_classes(directory)
        return classes, {name: int(name) for name in classes}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("numbered")
    for k in range(12):
        (root / str(k)).mkdir()
        Image.new("L", (4, 4), 20 * k).save(root / str(k) / "1.png")
    return root


class Items(Dataset):
    """Grey images whose value is ten times the true class."""

    def __init__(self, truth, labels=None, **attributes):
        self.truth = list(truth)
        self.yielded = list(truth) if labels is None else list(labels)
        vars(self).update(attributes)

    def __len__(self):
        return len(self.truth)

    def __getitem__(self, i):
        return np.full((4, 4), 10 * self.truth[i], np.uint8), self.yielded[i]


class Wrapped(Dataset):
    """A Dataset in another one, with other labels."""

    def __init__(self, dataset, relabel, times=1):
        self.dataset, self.relabel, self.times = dataset, relabel, times

    def __len__(self):
        return self.times * len(self.dataset)

    def __getitem__(self, i):
        image, label = self.dataset[i % len(self.dataset)]
        return image, self.relabel(label)


def keep(label):
    return label


def invert(label):
    return 1 - label


def name_greys(data):
    """Return the name of each image's class beside its grey value."""
    greys = data.images[:, 0, 0, 0].tolist()
    return {grey: data.classes[k] for grey, k in zip(greys, data.labels, strict=True)}


@pytest.mark.parametrize("kind", [ImageFolder, Numbered])
def test_names_follow_the_numbers_that_the_dataset_gives_them(folders, kind):
    data = load_images(kind(folders))
    assert name_greys(data) == {20 * k: str(k) for k in range(12)}
    part = load_images(Subset(kind(folders), [3, 2]))
    assert name_greys(part) == {
        20 * int(name): name for name in sorted(map(str, range(12)))[2:4]
    }


def test_a_label_that_is_changed_on_the_way_has_no_name(folders):
    data = load_images(ImageFolder(folders, target_transform=lambda k: 11 - k))
    assert data.classes == tuple(map(str, range(12)))
    assert name_greys(data)[0] == "11"
    assert any("for what it lists as" in note for note in data.notes)
    outside = load_images(ImageFolder(folders, target_transform=lambda k: k + 100))
    assert outside.classes[0] == "100"


def test_names_are_found_in_the_reader_of_a_timm_dataset():
    reader = SimpleNamespace(class_to_idx={"dog": 0, "cat": 1})
    data = load_images(Items([0, 1, 1], reader=reader, target_transform=None))
    assert name_greys(data) == {0: "dog", 10: "cat"}
    changed = Items([0, 1], [1, 0], reader=reader, target_transform=lambda k: 1 - k)
    assert load_images(changed).classes == ("0", "1")


def test_a_wrapper_keeps_names_only_with_the_labels():
    inner = Items([0, 1, 1], classes=["cat", "dog"])
    same = load_images(Wrapped(inner, keep, times=2))
    assert name_greys(same) == {0: "cat", 10: "dog"}
    other = load_images(Wrapped(inner, invert))
    assert name_greys(other) == {0: "1", 10: "0"}
    assert any("yields other labels than the Items" in note for note in other.notes)


def test_a_wrapper_that_forwards_everything_has_no_names_of_its_own():
    class Forwarding(Wrapped):
        def __getattr__(self, name):
            return getattr(vars(self)["dataset"], name)

    inner = Items([0, 1, 1], classes=["cat", "dog"], targets=[0, 1, 1])
    assert name_greys(load_images(Forwarding(inner, keep))) == {0: "cat", 10: "dog"}
    assert name_greys(load_images(Forwarding(inner, invert))) == {0: "1", 10: "0"}


def test_parts_that_agree_keep_their_names():
    first = Items([0, 1], classes=["cat", "dog"])
    second = Items([2, 0], classes=["cat", "dog", "eel"])
    joined = ConcatDataset([first, second])
    assert load_images(joined).classes == ("cat", "dog", "eel")
    assert load_images(Subset(joined, [2, 1])).classes == ("dog", "eel")
    other = Items([0, 1], classes=["ant", "dog"])
    with pytest.raises(DataError, match="0 is cat in one and ant in another"):
        load_images(ConcatDataset([first, other]))
    assert load_images(ConcatDataset([first, Items([0])])).classes == ("0", "1")


def test_a_list_in_another_order_does_no_harm():
    truth = [0, 1, 0, 1, 1]
    data = load_images(Items(truth, classes=["cat", "dog"], targets=sorted(truth)))
    assert name_greys(data) == {0: "cat", 10: "dog"}


@pytest.mark.parametrize(
    ("labels", "attributes", "classes"),
    [
        ([1, 2, 3], {"classes": ["1", "2", "3"]}, ("1", "2", "3")),
        ([3, 7], {"class_to_idx": {"b": 3, "a": 7}}, ("b", "a")),
        ([0, 1], {"class_to_idx": {"cat": 0, "kitten": 0, "dog": 1}}, ("0", "1")),
        (
            [0, 1],
            {"class_to_idx": {"cat": 0, "kitten": 0}, "classes": ["pet", "dog"]},
            ("pet", "dog"),
        ),
        (["b", "a"], {"classes": ["b", "a", "c"]}, ("b", "a")),
        ([1.0, 0.0], {"classes": np.array(["b", "a"])}, ("b", "a")),
        ([1, 0], {"classes": 2}, ("0", "1")),
    ],
)
def test_names_of_many_forms(labels, attributes, classes):
    assert load_images(Items(range(len(labels)), labels, **attributes)).classes == (
        classes
    )


@pytest.mark.parametrize(
    ("labels", "attributes", "message"),
    [
        ([0, 2], {"classes": ["a", "b"]}, r"a label 2, .* 0 \(a\), 1 \(b\)"),
        ([0, -1], {"class_to_idx": {"a": 0, "b": 1}}, "a label -1"),
        (
            [1, 2],
            {"classes": ["0", "1", "10", "2"]},
            "label 10 may be .* 10 or another",
        ),
        ([1, 2], {"classes": ["2", "1", "0"]}, "label 2 may be the class 2 or 0; give"),
        ([0, 1], {"classes": ["a", "b", "a"]}, "'a' occurs twice"),
        (
            [0, None, float("nan")],
            {},
            r"2 labels .*, first .* item 1 \(None\)",
        ),
        ([0, ""], {"classes": ["a"]}, r"label of item 1 is missing \(empty\)"),
    ],
)
def test_labels_that_no_name_fits_are_refused_in_one_line(labels, attributes, message):
    with pytest.raises(DataError, match=message) as refusal:
        load_images(Items(range(len(labels)), labels, **attributes))
    assert "\n" not in str(refusal.value)

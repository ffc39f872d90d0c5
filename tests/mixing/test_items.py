"""Real sets of dicts, tables with columns, and what is neither."""

import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from stores import save_untrained
from tables import Table
from torch.utils.data import DataLoader, Dataset, Subset

from ganaug import load_images
from ganaug.errors import DataError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.synthesis import synthesize

CLASSES = ("ant", "bee", "cat")
LABELS = np.repeat([0, 1, 2], [12, 6, 3]).tolist()
PIXELS = [np.full((8, 12, 3), k, np.uint8) for k in range(21)]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("items")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=40, device="cpu", filters=None)
    return root


def draw_table(**transform):
    columns = {"id": list(range(21)), "img": PIXELS, "label": LABELS}
    return Table(columns, names={"label": CLASSES}, **transform)


def to_values(batch):
    """Transform a batch as Hugging Face's examples do."""
    values = [torch.from_numpy(np.array(x) / 127.5 - 1) for x in batch["img"]]
    return {"pixel_values": values, "labels": batch["label"]}


def test_a_table_gives_dicts_with_its_image_and_label(root):
    mixed = SyntheticDataset(draw_table(), root / "store", share=0.5)
    assert mixed.classes == list(CLASSES)
    assert mixed.targets[:21] == LABELS
    assert [set(mixed[i]) for i in (3, 30)] == [{"img", "label"}] * 2
    assert (mixed[3]["label"], mixed[30]["label"]) == (0, mixed.targets[30])
    assert mixed[30]["img"].shape == (8, 12, 3)
    batch = next(iter(DataLoader(mixed, 42)))
    assert batch["img"].shape == (42, 8, 12, 3)
    assert batch["label"].tolist() == mixed.targets


@pytest.mark.parametrize("part", [False, True])
def test_its_transform_is_borrowed(root, part):
    table = draw_table(transform=to_values)
    real = Subset(table, range(21)) if part else table
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    for i in (3, 30):
        assert set(mixed[i]) == {"pixel_values", "labels"}
        assert mixed[i]["pixel_values"].min() >= -1
        assert mixed[i]["labels"] == mixed.targets[i]
    assert torch.equal(mixed[3]["pixel_values"], table[3]["pixel_values"])
    assert torch.equal(mixed.real_only()[3]["pixel_values"], mixed[3]["pixel_values"])


@pytest.mark.parametrize("part", [False, True])
def test_a_table_of_tensors_gives_tensors(root, part):
    table = draw_table().with_format("torch")
    real = Subset(table, range(21)) if part else table
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    batch = next(iter(DataLoader(mixed, 42)))
    assert batch["img"].shape == (42, 3, 8, 12)
    assert batch["img"].dtype == torch.uint8
    assert batch["label"].tolist() == mixed.targets
    assert torch.equal(mixed[20]["img"], table[20]["img"])


def test_weights_and_a_transform_of_images_suit_dicts(root):
    mixed = SyntheticDataset(
        draw_table(transform=to_values),
        root / "store",
        transform=lambda image: np.asarray(image)[:2],
        weights=0.5,
    )
    weights = {float(mixed[i]["weight"]) for i in range(len(mixed))}
    assert weights == {0.5, 1.0}
    assert mixed[25]["img"].shape == (2, 12, 3)


class Records(Dataset):
    """Yields dicts, with a transform of the image or of the whole dict."""

    def __init__(self, transform, whole):
        self.transform, self.whole = transform, whole

    def __len__(self):
        return 21

    def __getitem__(self, i):
        image, label = Image.fromarray(PIXELS[i]), CLASSES[LABELS[i]]
        if self.whole:
            return self.transform({"image": image, "labels": label})
        return {"image": self.transform(image), "labels": label}


def shrink(image):
    return torch.from_numpy(np.array(image)[::2].copy())


def shrink_record(record):
    return {**record, "image": shrink(record["image"])}


@pytest.mark.parametrize("whole", [False, True])
def test_a_datasets_dicts_are_transformed_its_way(root, whole):
    real = Records(shrink_record if whole else shrink, whole)
    mixed = SyntheticDataset(real, root / "store", share=0.5)
    pickle.dumps(mixed)
    for i in (3, 30):
        assert mixed[i]["image"].shape == (4, 12, 3)
        assert mixed[i]["labels"] == "ant"
    assert torch.equal(mixed[3]["image"], real[3]["image"])


def test_load_images_reads_dicts_without_a_tables_transform():
    for transform in ({}, {"transform": to_values}):
        images = load_images(draw_table(**transform))
        assert images.classes == CLASSES
        assert images.labels.tolist() == LABELS
        assert images.images[5].max() == 5


def test_other_items_are_refused_with_a_cure(root):
    def refuse(real, match):
        for read in (lambda: SyntheticDataset(real, root / "store"), None):
            with pytest.raises(DataError, match=match):
                read() if read else load_images(real)

    triples = [(x, y, 0) for x, y in zip(PIXELS, LABELS, strict=True)]
    refuse(triples, r"has 3 parts.*give \[item\[:2\] for item in real\]")
    refuse([{"photo": PIXELS[0], "label": 0}], r"none of them is called image")
    refuse([{"image": PIXELS[0], "fine_label": 0}], r'real.rename_column\("…", "label"')
    with pytest.raises(DataError, match=r'one of its parts, such as real\["train"\]'):
        SyntheticDataset({"train": draw_table()}, root / "store")


class Triples(Dataset):
    """Yields (image, label, index), with the attributes of an ImageFolder."""

    def __init__(self):
        self.classes = list(CLASSES)
        self.targets, self.transform = LABELS, np.negative

    def __len__(self):
        return 21

    def __getitem__(self, i):
        return self.transform(PIXELS[i]), self.targets[i], i


@pytest.mark.parametrize("part", [False, True])
def test_the_adapter_keeps_what_the_dataset_has(root, part):
    real = Subset(Triples(), range(21)) if part else Triples()
    for read in (lambda: SyntheticDataset(real, root / "store"), None):
        with pytest.raises(DataError) as caught:
            read() if read else load_images(real)
    names = {"real": real}
    exec(str(caught.value).partition("real: ")[2], names)
    mixed = SyntheticDataset(names["Pairs"](), root / "store", share=0.5)
    assert mixed.classes == list(CLASSES)
    assert mixed.transform is np.negative
    assert np.array_equal(mixed[5][0], real[5][0])
    assert load_images(names["Pairs"]()).classes == CLASSES

"""SyntheticDataset around a Dataset of Hugging Face's own library, offline."""

import numpy as np
import pytest
import torch
from PIL import Image
from stores import CLASSES, save_untrained
from torch.utils.data import DataLoader

from ganaug import SyntheticDataset, synthesize

pytestmark = pytest.mark.filterwarnings("default")  # of the library


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make class folders, and a store of the same classes."""
    root = tmp_path_factory.mktemp("hub")
    rng = np.random.default_rng(0)
    for name in CLASSES:
        (root / "photos" / name).mkdir(parents=True)
        for k in range(8):
            pixels = rng.integers(0, 256, (8, 12, 3), np.uint8)
            Image.fromarray(pixels).save(root / "photos" / name / f"{k}.png")
    run = save_untrained(root / "run")
    synthesize(run, root / "store", per_class=9, device="cpu", filters=None)
    return root


@pytest.fixture(scope="module")
def table(root):
    datasets = pytest.importorskip("datasets")
    folder = str(root / "photos")
    return datasets.load_dataset("imagefolder", data_dir=folder, split="train")


def test_a_table_of_pictures(root, table):
    mixed = SyntheticDataset(table, root / "store", share=0.25)
    assert len(mixed) == 32
    assert all(set(item) == {"image", "label"} for item in mixed)
    assert {type(item["image"]) for item in mixed} == {type(table[0]["image"])}
    assert [mixed[i]["label"] for i in range(24)] == table["label"][:]
    assert mixed[31]["image"].size == (12, 8)


def test_its_own_transform_is_applied_to_both_kinds(root, table):
    def prepare(rows):
        pixels = [torch.from_numpy(np.array(i)).permute(2, 0, 1) for i in rows["image"]]
        return {"pixel_values": pixels, "label": rows["label"]}

    mixed = SyntheticDataset(table.with_transform(prepare), root / "store", share=0.25)
    batch = next(iter(DataLoader(mixed, 32, sampler=mixed.sampler())))
    assert batch["pixel_values"].shape == (32, 3, 8, 12)
    assert batch["label"].shape == (32,)
    assert mixed.is_synthetic.sum() == 8

"""Shards as `webdataset` and Hugging Face's `datasets` stream them."""

import numpy as np
import pytest

from ganaug.exports.formats import web_dataset
from ganaug.exports.stores import export_store

pytestmark = pytest.mark.filterwarnings("default")  # of the library


def read(folder):
    import webdataset

    shards = sorted(map(str, folder.glob("*.tar")))
    stream = webdataset.WebDataset(shards, shardshuffle=False, empty_check=False)
    return {sample["__key__"]: sample for sample in stream.decode("rgb8")}


def test_every_image_comes_once_with_its_label(store, real, tmp_path, monkeypatch):
    monkeypatch.setattr(web_dataset, "PER_SHARD", 10)
    out = export_store(store, tmp_path / "o", format="webdataset", real=True, data=real)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["README.md", *(f"train-{k:06d}.tar" for k in range(3))]
    found = read(out)
    assert len(found) == 27
    ordered = [found[key] for key in sorted(found)]
    own = [sample for sample in ordered if sample["json"]["synthetic"]]
    for i, sample in enumerate(own):
        assert (np.asarray(sample["png"]) == store.image(i)).all()
        assert sample["cls"] == store.labels[i]
    assert not any(sample["json"]["held_out"] for sample in ordered[:12])


def test_every_shard_has_every_class(store, tmp_path, monkeypatch):
    monkeypatch.setattr(web_dataset, "PER_SHARD", 8)
    out = export_store(store, tmp_path / "o", format="webdataset")
    for shard in out.glob("*.tar"):
        only = tmp_path / shard.stem
        only.mkdir()
        shard.rename(only / shard.name)
        assert {sample["cls"] for sample in read(only).values()} == {0, 1, 2}

"""classes="cells": real and synthetic images, evenly over classes and domains."""

import numpy as np
import pytest
from carriers import Lamp, draw_domains, hold_all

from ganaug.data.images import LabelledImages
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.fill.ordering import FillOptions, fill_cells

COUNTS = [[8, 8], [12, 0], [0, 4]]


@pytest.fixture(scope="module")
def data():
    return draw_domains(COUNTS)


@pytest.fixture(scope="module")
def store(data, tmp_path_factory):
    root = tmp_path_factory.mktemp("cells")
    weights = root / "generator.safetensors"
    weights.write_bytes(b"weights")
    return fill_cells(
        Lamp(data), hold_all(data), root / "store", generator=weights,
        options=FillOptions(per_cell=9, filters=None),
    )  # fmt: skip


def test_synthetic_images_come_evenly_from_all_cells(data, store, caplog):
    mixed = SyntheticDataset(data, store, share=0.5, classes="cells")
    assert caplog.text == ""
    dark = []
    for epoch in range(6):
        mixed.set_epoch(epoch)
        rows = [i for i in range(len(mixed)) if mixed.is_synthetic[i]]
        assert len(rows) == 32
        dark += [np.median(mixed[i][0]) < 75 for i in rows]
        assert np.bincount([mixed[i][1] for i in rows]).tolist() == [11, 11, 10]
    assert sum(dark) == pytest.approx(3 * 32, abs=3)


def test_the_sampler_draws_real_images_evenly_too(data, store):
    mixed = SyntheticDataset(data, store, share=0.25, classes="cells")
    sampler, counts = mixed.sampler(), np.zeros((3, 2), int)
    for _ in range(4):
        items = list(sampler)
        assert len(items) == len(mixed)
        real = [i for i in items if i < len(data)]
        assert len(real) == len(data)
        np.add.at(counts, (data.labels[real], data.domains[real]), 1)
    assert counts[counts > 0].tolist() == [32, 32, 32, 32]
    plain = SyntheticDataset(data, store, share=0.25).sampler()
    assert sorted(plain) == list(range(len(mixed)))


def test_missing_domains_are_said(data, store, caplog):
    bare = LabelledImages(data.images, data.labels, data.classes)
    mixed = SyntheticDataset(bare, store, classes="cells")
    assert "the real set has none" in caplog.text
    assert sorted(mixed.sampler()) == list(range(len(mixed)))

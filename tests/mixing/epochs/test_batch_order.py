"""Batches with a fixed share of synthetic images."""

import numpy as np
import pytest
import torch
from stores import CLASSES, save_untrained
from torch.utils.data import DataLoader

from ganaug import LabelledImages, SyntheticDataset, synthesize
from ganaug.errors import ConfigError
from ganaug.mixing.epochs.batch_order import BatchOrder, Sizes


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("stores")
    run = save_untrained(root / "run")
    return synthesize(run, root / "store", per_class=30, device="cpu", filters=None)


@pytest.fixture(scope="module")
def mixed(store):
    labels = np.repeat(np.arange(3), (24, 12, 4))
    pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 12, 3), np.uint8)
    return SyntheticDataset(LabelledImages(pixels, labels, CLASSES), store, 0.25)


@pytest.mark.parametrize("workers", [0, 2])
def test_every_batch_has_the_share(mixed, workers):
    batches = mixed.batch_sampler(12, 4)
    loader = DataLoader(mixed, batch_sampler=batches, num_workers=workers)
    assert len(loader) == 3
    assert [len(images) for images, _ in loader] == [16] * 3
    kinds = [mixed.is_synthetic[rows].sum() for rows in batches]
    assert kinds == [4] * 3


def test_by_default_the_share_is_the_sets(mixed):
    assert {len(rows) for rows in mixed.batch_sampler(9)} == {9 + 3}
    assert {len(rows) for rows in mixed.batch_sampler(9, 0)} == {9}


def test_no_image_repeats_before_all_had_their_turn(mixed):
    batches = mixed.batch_sampler(16, 5)
    rows = np.concatenate([np.concatenate(list(batches)) for _ in range(5)])
    real = rows[rows < 40]
    for start in range(0, 160, 40):
        assert sorted(real[start : start + 40]) == list(range(40))


def test_classes_come_equally_often(mixed):
    batches = mixed.batch_sampler(20, sampling="balanced")
    rows = np.concatenate([np.concatenate(list(batches)) for _ in range(60)])
    labels = np.array(mixed.targets)[rows[rows < 40]]
    assert np.allclose(np.bincount(labels) / len(labels), 1 / 3, atol=0.03)


def test_each_pass_has_fresh_synthetic_images(mixed):
    loader = DataLoader(mixed, batch_sampler=mixed.batch_sampler(40, 13))
    first, second = (next(iter(loader))[0][40:] for _ in range(2))
    pairs = {x.numpy().tobytes() for x in torch.cat([first, second])}
    assert len(pairs) == 26


def test_each_rank_has_an_order_of_its_own(monkeypatch):
    orders = []
    for rank in range(2):
        path = "ganaug.mixing.epochs.batch_order.find_ranks"
        monkeypatch.setattr(path, lambda rank=rank: (rank, 2))
        orders.append(list(BatchOrder(Sizes(40), Sizes(8))))
    assert orders[0] != orders[1]


def test_what_is_not_allowed_is_said(mixed):
    with pytest.raises(ConfigError, match="from 0 up"):
        mixed.batch_sampler(-1, 4)
    with pytest.raises(ConfigError, match="did you mean balanced"):
        mixed.batch_sampler(8, sampling="balance")
    plain = SyntheticDataset(mixed.real_set.items, mixed._pool.store, 0)
    with pytest.raises(ConfigError, match="this set has none"):
        plain.batch_sampler(8, 4)


def test_targets_may_be_one_hot(mixed, store):
    images = LabelledImages(
        np.zeros((6, 8, 12, 3), np.uint8), np.arange(6) % 3, CLASSES
    )
    hot = SyntheticDataset(images, store, 0.5, targets="one-hot")
    vectors = torch.stack([hot[i][1] for i in range(len(hot))])
    assert vectors.argmax(1).tolist() == hot.targets
    assert vectors.sum(1).tolist() == [1.0] * 12

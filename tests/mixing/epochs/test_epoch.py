"""Epochs go on by themselves in DataLoaders; set_epoch wins; repeats are told once."""

import pickle

import numpy as np
import pytest
import torch
from stores import save_untrained
from torch.utils.data import ConcatDataset, DataLoader, Subset, WeightedRandomSampler
from torch.utils.data.distributed import DistributedSampler

from ganaug.errors import ConfigError
from ganaug.mixing.dataset import SyntheticDataset
from ganaug.mixing.epochs import epoch as epochs
from ganaug.mixing.epochs.epoch import SharedEpoch
from ganaug.synth.synthesis import synthesize

CLASSES = np.repeat(["ant", "bee", "cat"], [12, 6, 3])
REAL = [(np.full((8, 12, 3), k, np.uint8), str(n)) for k, n in enumerate(CLASSES)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("epochs")
    run = save_untrained(root / "run")
    return synthesize(run, root / "store", per_class=40, device="cpu", filters=None)


@pytest.fixture
def mixed(store):
    return SyntheticDataset(REAL, store, share=0.5)


def draw_epoch(store, epoch, **options):
    """Draw the images of an epoch that was set."""
    mixed = SyntheticDataset(REAL, store, share=0.5, **options)
    mixed.set_epoch(epoch, of=10)
    return key_images(mixed[i][0] for i in range(len(mixed)))


def key_images(images):
    return sorted(np.asarray(image).tobytes() for image in images)


def read(loader):
    return key_images(image for images, _ in loader for image in images)


@pytest.mark.parametrize(
    ("method", "persistent"),
    [(None, False), ("fork", False), ("fork", True), ("spawn", False), ("spawn", True)],
)
def test_a_loader_that_forgets_epochs_gets_each_of_them(
    mixed, store, method, persistent, caplog
):
    loader = DataLoader(
        mixed,
        8,
        shuffle=True,
        num_workers=2 * bool(method),
        multiprocessing_context=method,
        persistent_workers=persistent,
    )
    for epoch in range(3):
        assert read(loader) == draw_epoch(store, epoch)
        assert mixed[30][0].tobytes() in draw_epoch(store, epoch)
    assert caplog.text == ""


def test_reads_outside_a_loader_change_nothing(mixed, store):
    assert [mixed[30][0].tobytes() for _ in range(3)] == [mixed[30][0].tobytes()] * 3
    assert read(DataLoader(mixed, 8, shuffle=True)) == draw_epoch(store, 0)


def test_what_a_subclass_makes_of_an_item_reaches_the_loader(store):
    class Numbered(SyntheticDataset):
        def __getitem__(self, i):
            return i, *super().__getitem__(i)

    mixed = Numbered(REAL, store, share=0.5)
    for epoch in range(2):
        numbers, images, _ = next(iter(DataLoader(mixed, 42)))
        assert numbers.tolist() == list(range(42))
        assert key_images(images) == draw_epoch(store, epoch)


def test_items_left_out_of_a_pass_wait(mixed, store):
    loader = DataLoader(mixed, 30, drop_last=True)  # 12 of 42 never come
    for epoch in range(2):
        found = [image.numpy().tobytes() for images, _ in loader for image in images]
        other = SyntheticDataset(REAL, store, share=0.5)
        other.set_epoch(epoch)
        assert found == [other[i][0].tobytes() for i in range(30)]
    first = SyntheticDataset(REAL, store, share=0.5)
    assert mixed[35][0].tobytes() == first[35][0].tobytes()


def test_a_sampler_with_replacement_gets_fresh_images(mixed, caplog):
    weights = [0.0] * 21 + [1.0] * 21
    loader = DataLoader(mixed, 6, sampler=WeightedRandomSampler(weights, 42))
    assert len(set(read(loader))) > 21, "more than there are items"
    assert caplog.text == ""


def test_a_part_of_it_goes_on_too(mixed):
    loader = DataLoader(Subset(mixed, range(21, 42)), 7)
    assert len({*read(loader), *read(loader), *read(loader)}) == 63


def test_an_epoch_that_was_set_stays(mixed, store, caplog):
    mixed.set_epoch(np.int64(3))
    loader = DataLoader(mixed, 8, shuffle=True)
    assert read(loader) == draw_epoch(store, 3)
    assert caplog.text == ""
    for _ in range(3):
        assert read(loader) == draw_epoch(store, 3)
    assert caplog.text.count("a second time since set_epoch(3)") == 1
    mixed.set_epoch(0)
    assert read(loader) == draw_epoch(store, 0)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_pass_for_the_accuracy_repeats_no_epoch(mixed, caplog, workers):
    for epoch in range(2):
        mixed.set_epoch(epoch)
        method = "fork" if workers else None
        loader = DataLoader(
            mixed, 8, num_workers=workers, multiprocessing_context=method
        )
        trained = read(loader)
        with torch.no_grad():
            assert read(loader) == trained
            assert len(list(mixed)) == 42
    assert caplog.text == ""
    assert not mixed._epoch.has_warned, "a worker has said so"


@pytest.mark.parametrize("epoch", [-1, 0.5, "1", None])
def test_only_whole_numbers_are_epochs(mixed, epoch):
    for host in (mixed, mixed.sampler()):
        with pytest.raises(ConfigError, match="whole number from 0 up"):
            host.set_epoch(epoch)


def test_a_second_reading_by_hand_is_told_once(mixed, caplog):
    for _ in range(42):
        assert mixed[3][1] == mixed[30][1] == "ant"  # no pass
    assert caplog.text == ""
    for _ in range(4):
        list(DataLoader(ConcatDataset([mixed, REAL]), 8))
    assert caplog.text.count("read a second time, and the same synthetic ones") == 1
    assert caplog.text.count("sampler=data.sampler()") == 1


def test_real_images_alone_may_be_read_again(store, caplog):
    mixed = SyntheticDataset(REAL, store, share=0)
    for _ in range(3):
        assert len(list(mixed)) == 21
    assert caplog.text == ""


@pytest.mark.parametrize("workers", [0, 2])
def test_the_sampler_begins_an_epoch_at_each_pass(mixed, store, workers):
    loader = DataLoader(mixed, 8, sampler=mixed.sampler(), num_workers=workers)
    assert len(loader) == 6
    assert read(loader) == draw_epoch(store, 0)
    next(iter(loader))  # epoch 1, cut short
    assert read(loader) == draw_epoch(store, 2)
    mixed.set_epoch(7)
    assert read(loader) == draw_epoch(store, 7)
    assert read(loader) == draw_epoch(store, 8)


def test_the_samplers_order_changes_and_is_complete(mixed):
    orders = [list(mixed.sampler()) for _ in range(2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(42))


class Host:
    """Calls set_epoch as Lightning does: of samplers, never of the dataset."""

    def __init__(self, loader):
        self.loader = loader

    def fit(self, epochs):
        for epoch in epochs:
            for owner in (self.loader, self.loader.batch_sampler):
                if callable(getattr(owner.sampler, "set_epoch", None)):
                    owner.sampler.set_epoch(epoch)
            yield read(self.loader)


def test_a_host_sets_the_samplers_epoch(mixed, store):
    host = Host(DataLoader(mixed, 8, sampler=mixed.sampler()))
    found = list(host.fit([0, 1, 5]))
    assert found == [draw_epoch(store, epoch) for epoch in (0, 1, 5)]
    repeated = list(Host(DataLoader(mixed, 8, shuffle=True)).fit(range(3)))
    assert repeated[0] == repeated[1], "the epoch was set: 5"


def test_equal_epochs_have_equal_orders(mixed, store):
    other = SyntheticDataset(REAL, store, share=0.5)
    ours, theirs = mixed.sampler(), other.sampler()
    list(theirs), list(theirs)
    ours.set_epoch(2)
    assert list(ours) == list(theirs)
    assert list(mixed.sampler(shuffle=False)) == list(range(42))


def test_the_sampler_knows_the_last_phase(store, caplog):
    mixed = SyntheticDataset(REAL, store, share=0.5, real_only_after=0.5)
    with pytest.raises(ConfigError, match="needs the number of epochs"):
        mixed.sampler()
    loader = DataLoader(mixed, 8, sampler=mixed.sampler(epochs=2))
    read(loader)
    assert mixed.is_synthetic.sum() == 21
    read(loader)
    assert not mixed.is_synthetic.any()
    assert caplog.text == ""


def test_a_last_phase_that_cannot_come_is_told(store, caplog):
    mixed = SyntheticDataset(REAL, store, share=0.5, real_only_after=0.5)
    loader = DataLoader(mixed, 8, shuffle=True)
    for _ in range(3):
        read(loader)
    assert caplog.text.count("has no effect without the number of epochs") == 1


def test_the_number_of_epochs_is_remembered(store):
    mixed = SyntheticDataset(REAL, store, share=0.5, real_only_after=0.5)
    mixed.set_epoch(0, of=4)
    mixed.set_epoch(2)
    assert not mixed.is_synthetic.any()


def test_ranks_take_turns(store, monkeypatch):
    seen = []
    for rank in range(2):
        monkeypatch.setattr(epochs, "find_ranks", lambda rank=rank: (rank, 2))
        mixed = SyntheticDataset(REAL, store, share=0.5)
        sampler = DistributedSampler(mixed, 2, rank)
        loader = DataLoader(mixed, 1, sampler=sampler)
        for epoch in range(4):
            sampler.set_epoch(epoch)
            cats = [image.numpy() for image, (label,) in loader if label == "cat"]
            seen += set(key_images(cats)) - set(draw_real())
    assert len(seen) == len(set(seen)) == 4 * 3


def draw_real():
    return key_images(image for image, _ in REAL)


def test_a_spawned_worker_remembers_its_rank(monkeypatch):
    shared = SharedEpoch(2)
    monkeypatch.setattr(epochs, "find_ranks", lambda: (1, 2))
    copied = pickle.loads(pickle.dumps(shared))
    monkeypatch.setattr(epochs, "find_ranks", lambda: (0, 1))
    assert (shared.at(0), copied.at(0)) == (0, 1)

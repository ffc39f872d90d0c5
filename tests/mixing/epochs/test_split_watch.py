"""A mixed set that is split for validation is told once; other uses are not."""

import numpy as np
import pytest
import torch
from stores import save_untrained
from torch.utils.data import DataLoader, Subset, SubsetRandomSampler, random_split

from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.synthesis import synthesize

CLASSES = np.repeat(["ant", "bee", "cat"], [12, 6, 3])
REAL = [(np.full((8, 12, 3), k, np.uint8), str(n)) for k, n in enumerate(CLASSES)]
SAID = "read by two parts of a mixed set"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = tmp_path_factory.mktemp("splits")
    run = save_untrained(root / "run")
    return synthesize(run, root / "store", per_class=40, device="cpu", filters=None)


@pytest.fixture
def mixed(store):
    return SyntheticDataset(REAL, store, share=0.5)


def run(training, validation, epochs=2):
    """Train and validate as plain loops do."""
    for _ in range(epochs):
        for _ in training:
            pass
        with torch.inference_mode():
            for _ in validation:
                pass


def test_a_random_split_is_told(mixed, caplog):
    parts = random_split(mixed, [0.8, 0.2])
    run(*(DataLoader(part, 8, shuffle=True) for part in parts))
    assert caplog.text.count(SAID) == 1
    assert "hold_out=True and data.validation()" in caplog.text


def test_so_is_a_split_without_inference_mode(mixed, caplog):
    for part in random_split(mixed, [0.8, 0.2]):
        list(DataLoader(part, 8))
    assert caplog.text.count(SAID) == 1


def test_so_is_one_read_one_by_one(mixed, caplog):
    for part in random_split(mixed, [0.8, 0.2]):
        for i in range(len(part)):
            assert len(part[i]) == 2
    assert caplog.text.count(SAID) == 1


@pytest.mark.parametrize("gradients", [False, True])
def test_so_is_one_by_samplers(mixed, caplog, gradients):
    rows = np.random.default_rng(0).permutation(42)
    samplers = SubsetRandomSampler(rows[:34]), SubsetRandomSampler(rows[34:])
    loaders = [DataLoader(mixed, 8, sampler=sampler) for sampler in samplers]
    if gradients:
        assert len([*loaders[0], *loaders[1]]) == 6
    else:
        run(*loaders)
    assert caplog.text.count(SAID) == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_so_is_one_in_workers(mixed, method):
    run(
        *(
            DataLoader(part, 8, num_workers=1, multiprocessing_context=method)
            for part in random_split(mixed, [0.8, 0.2])
        ),
        epochs=1,
    )
    mixed._reads._watch.note(30, 5)
    assert not mixed._reads._watch.is_split(5), "a worker has said so"


def test_the_same_items_twice_are_no_split(mixed, caplog):
    loader = DataLoader(mixed, 8, shuffle=True)
    run(loader, DataLoader(mixed, 8), epochs=1)  # as for the training accuracy
    for _ in random_split(mixed, [0.8, 0.2]):
        run(loader, [])
    assert SAID not in caplog.text


def test_a_part_without_synthetic_images_may_validate(mixed, caplog):
    run(DataLoader(Subset(mixed, range(6, 42)), 8), DataLoader(Subset(mixed, range(6))))
    assert SAID not in caplog.text


def test_real_and_synthetic_images_apart_are_no_split(mixed, caplog):
    kinds = [Subset(mixed, rows) for rows in (range(21), range(21, 42))]
    for part in (kinds[1], kinds[0], kinds[1]):
        list(DataLoader(part, 8))
    assert SAID not in caplog.text


def test_a_look_at_some_is_no_split(mixed, caplog):
    assert mixed[30][1] == "ant"
    run(DataLoader(Subset(mixed, np.flatnonzero(mixed.is_synthetic)), 8), [])
    with torch.no_grad():
        assert mixed[3][1] == "ant"
    assert SAID not in caplog.text

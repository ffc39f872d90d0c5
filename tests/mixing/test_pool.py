"""Pools: what is said about the store that images come from."""

from dataclasses import replace

import numpy as np
import pytest
from stores import CLASSES, save_untrained

from ganaug.mixing.dataset import SyntheticDataset
from ganaug.synth.store.meta import read_meta, write_meta
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verdict.record import StoreVerdict

REAL = (np.zeros((6, 8, 12, 3), np.uint8), [*CLASSES, *CLASSES])


@pytest.fixture
def store(tmp_path):
    run = save_untrained(tmp_path / "run")
    store = synthesize(run, tmp_path / "s", per_class=4, device="cpu", filters=None)
    return store.path


def judge(store, word):
    verdict = StoreVerdict(word, f"It is {word}.", "do more", 1, 1, 1, 1, {})
    write_meta(store, replace(read_meta(store), verdict=verdict))


def test_a_poor_store_is_told_with_the_next_step(store, caplog):
    judge(store, "poor")
    SyntheticDataset(REAL, store)
    assert caplog.messages == [f"{store}: It is poor. Next: do more"]


@pytest.mark.parametrize("word", ["usable", "good"])
def test_other_stores_are_used_in_silence(store, caplog, word):
    judge(store, word)
    SyntheticDataset(REAL, store)
    assert caplog.messages == []

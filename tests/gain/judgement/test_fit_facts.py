"""What a gain's folder says of its fits, also where no image passed the filters."""

import numpy as np

from ganaug.gain.judgement.fit_facts import read_fit_facts


def test_an_empty_pool_has_channels_and_flips(tmp_path):
    folder = tmp_path / "cells" / "split-00"
    folder.mkdir(parents=True)
    images = np.zeros((0, 8, 8, 3), np.uint8)
    np.savez(folder / "pool.npz", images=images, flips=np.array([True, False]))
    facts = read_fit_facts(tmp_path)
    assert (facts.channels, facts.flips) == (3, (True, False))


def test_a_damaged_pool_says_nothing(tmp_path):
    folder = tmp_path / "cells" / "split-00"
    folder.mkdir(parents=True)
    (folder / "pool.npz").write_bytes(b"no archive")
    assert read_fit_facts(tmp_path).channels is None

"""Classical augmentation: what each policy may do to an image."""

import os
import random

import numpy as np
import pytest

from ganaug.classify.policies import CUTOUT, POLICIES, make_policy
from ganaug.errors import DataError

RAMP = np.arange(16 * 16).reshape(1, 16, 16, 1).astype(np.uint8).repeat(64, axis=0)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("shape", [(1, 1, 1), (8, 8, 3), (7, 33, 4), (28, 28, 1)])
def test_every_policy_takes_every_shape(name, shape):
    x = np.random.default_rng(0).integers(0, 256, (5, *shape), np.uint8)
    before = x.copy()
    y = make_policy(name, shape, hflip=True, vflip=True)(x)
    assert (y.shape, y.dtype) == (x.shape, np.uint8)
    assert np.array_equal(x, before)
    assert not np.shares_memory(x, y)


@pytest.mark.parametrize("name", POLICIES)
def test_a_seed_gives_the_same_changes_and_leaves_the_global_state(name):
    states = random.getstate(), np.random.get_state()[1].copy()
    a, b, c = (
        make_policy(name, (16, 16, 1), hflip=True, seed=s)(RAMP) for s in (1, 1, 2)
    )
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1])


def test_none_changes_nothing_and_flips_mirror_every_second_image():
    assert np.array_equal(make_policy("none", (16, 16, 1))(RAMP), RAMP)
    for option, axis in (("hflip", 1), ("vflip", 0)):
        y = make_policy("none", (16, 16, 1), **{option: True})(RAMP)
        mirrored = [np.array_equal(image, np.flip(RAMP[0], axis)) for image in y]
        plain = [np.array_equal(image, RAMP[0]) for image in y]
        assert all(a != b for a, b in zip(mirrored, plain, strict=True))
        assert 16 < sum(mirrored) < 48


def test_shifts_move_by_an_eighth_at_most():
    y = make_policy("shift", (16, 16, 1))(RAMP)
    offsets = set((y[:, 8, 8, 0].astype(int) - int(RAMP[0, 8, 8, 0])).tolist())
    assert offsets <= {16 * a + b for a in range(-2, 3) for b in range(-2, 3)}
    assert len(offsets) > 10


def test_light_blanks_a_square():
    y = make_policy("light", (20, 20, 3))(np.zeros((32, 20, 20, 3), np.uint8))
    share = (y == 128).mean(axis=(1, 2, 3))
    assert 0.2 * CUTOUT**2 < share.min() < share.max() <= CUTOUT**2


def test_rand_changes_shape_and_intensity():
    x = np.zeros((64, 16, 16, 1), np.uint8)
    x[:, 4:12, 6:10] = 100
    y = make_policy("rand", (16, 16, 1))(x)
    without_square = [set(np.unique(i).tolist()) - {0, 100, 128} for i in y]
    assert sum(map(bool, without_square)) > 32
    assert len({i.tobytes() for i in y}) > 60


def test_unknown_policies_are_refused_and_nobody_asks_for_updates():
    with pytest.raises(DataError, match="policy 'loud' is not one of none, shift"):
        make_policy("loud", (8, 8, 1))
    make_policy("shift", (8, 8, 1))
    assert os.environ["NO_ALBUMENTATIONS_UPDATE"] == "1"

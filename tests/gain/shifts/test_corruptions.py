"""Corruptions of small images: mild to strong, one image at a time."""

import numpy as np
import pytest

from ganaug.errors import ConfigError
from ganaug.gain.shifts.corruptions import CORRUPTIONS, corrupt, list_corruptions

RNG = np.random.default_rng(0)
# smooth pictures, as photographs are, with some grain
RAMP = np.linspace(40, 170, 32)
COLOURED = np.clip(
    RAMP[None, :, None, None] * [1.0, 0.8, 0.6] + RNG.normal(0, 6, (6, 32, 32, 3)),
    0, 255,
).astype(np.uint8)  # fmt: skip
GREY = COLOURED[..., :1]


def distance(a, b):
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_severity_changes_more_than_the_one_before(name):
    made = [corrupt(COLOURED, name, severity) for severity in range(1, 6)]
    assert all(x.shape == COLOURED.shape and x.dtype == np.uint8 for x in made)
    changes = [distance(COLOURED, x) for x in made]
    assert changes[0] > 0
    if name != "jpeg":  # its quantisation can be lucky
        assert changes == sorted(changes)
    assert changes[4] > 1.1 * changes[0]


@pytest.mark.parametrize("name", list_corruptions(1))
def test_an_image_is_corrupted_alike_in_every_batch(name):
    alone = np.concatenate([corrupt(GREY[k : k + 1], name, 3) for k in range(6)])
    assert np.array_equal(corrupt(GREY, name, 3), alone)
    assert np.array_equal(corrupt(GREY[::-1], name, 3), alone[::-1])


def test_the_seed_decides_noise_and_the_turn_of_a_hue():
    for name in ("noise", "hue"):
        a, b, c = (corrupt(COLOURED, name, 3, seed=seed) for seed in (0, 0, 1))
        assert np.array_equal(a, b)
        assert not np.array_equal(a, c)


def test_what_each_corruption_does():
    flat = np.full((1, 64, 64, 3), 100, np.uint8)
    noise = corrupt(flat, "noise", 5).astype(float) - 100
    assert noise.std() == pytest.approx(0.18 * 255, rel=0.03)
    lower = corrupt(COLOURED, "contrast", 3).astype(float)
    before = COLOURED.astype(float)
    ratio = lower.std(axis=(1, 2)) / before.std(axis=(1, 2))
    assert ratio == pytest.approx(0.2, abs=0.02)
    assert lower.mean(axis=(1, 2)) == pytest.approx(before.mean(axis=(1, 2)), abs=0.5)
    tinted = np.array([[[[100, 50, 25]]]], np.uint8)
    assert corrupt(tinted, "brightness", 5).ravel().tolist() == [228, 114, 57]
    assert corrupt(tinted * 0, "brightness", 1).ravel().tolist() == [26, 26, 26]
    turned = corrupt(tinted, "hue", 5)[0, 0, 0]
    assert turned.max() == 100
    assert turned.argmin() == 0  # the complementary colour
    dot = np.zeros((1, 32, 32, 1), np.uint8)
    dot[0, 16, 16] = 255
    middle = float(corrupt(dot, "blur", 5)[0, 16, 16, 0])
    assert middle == pytest.approx(255 / (2 * np.pi), rel=0.03)  # sigma of one pixel


def test_blur_grows_with_the_image():
    small = np.zeros((1, 32, 32, 1), np.uint8)
    small[:, 8:24, 8:24] = 255
    large = small.repeat(2, axis=1).repeat(2, axis=2)
    a, b = corrupt(small, "blur", 5), corrupt(large, "blur", 5)
    halved = b.reshape(1, 32, 2, 32, 2, 1).mean(axis=(2, 4))
    assert distance(a, halved) < 1.5


def test_a_wrong_name_or_severity_is_one_line():
    with pytest.raises(ConfigError, match=r"corruption 'noice' .did you mean noise"):
        corrupt(GREY, "noice", 1)
    with pytest.raises(ConfigError, match="'hue' is not one of noise"):
        corrupt(GREY, "hue", 1)
    with pytest.raises(ConfigError, match=r"severity=6 must lie in \[1, 5\]"):
        corrupt(GREY, "noise", 6)

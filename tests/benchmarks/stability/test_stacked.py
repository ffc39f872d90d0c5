"""Stacked digits: their colours, and how their modes are counted."""

import numpy as np
import pytest

from benchmarks.stability.stacked import count_modes, stack_digits
from ganaug import load_images


def test_stacked_modes_need_a_sure_sample():
    p = np.eye(10)[[[1, 2, 3], [1, 2, 3], [0, 0, 9], [4, 4, 4]]]
    p[3, 1] = 0.2 * np.eye(10)[4] + 0.08  # 4 it is, but not surely
    found = count_modes(p)
    assert found["modes"] == 2
    assert found["sure"] == 0.75
    q = np.array([0.5, 0.25, 0.25])
    assert found["kl"] == pytest.approx((q * np.log(q / 0.001)).sum())


def test_digits_are_stacked_as_colours():
    stacked = stack_digits(5, seed=1)
    digits = {image.tobytes() for image in load_images("digits").images}
    assert stacked.images.shape == (5, 8, 8, 3)
    for image in stacked.images:
        assert all(image[..., k].tobytes() in digits for k in range(3))

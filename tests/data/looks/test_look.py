"""The look of images, against plain computations of single images."""

import numpy as np
import pytest

from ganaug.data.looks.look import BANDS, measure_looks

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(20, 12, 1), (70, 90, 3), (16, 16, 4)])
def test_figures_of_an_image(shape):
    image = RNG.integers(0, 256, shape).astype(np.uint8)
    c = min(shape[2], 3)
    (found,) = measure_looks(image[None])
    colours = image[..., :c].astype(float)
    assert found.shape == (7 * c + 7,)
    border = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    assert np.allclose(found[5 * c : 6 * c], border.mean(axis=0), atol=1e-3)
    assert np.allclose(found[6 * c : 7 * c], border.std(axis=0), atol=1e-3)
    grey = colours.mean(axis=2)
    top, left = (max(0, (n - 64) // 2) for n in grey.shape)
    grey = grey[top : top + 64, left : left + 64]
    power = np.exp(found[-1 - BANDS : -1]) ** 2
    total = np.abs(np.fft.rfft2(grey - grey.mean(), norm="ortho")) ** 2
    assert total.min() <= power.min() <= power.max() <= total.max()
    assert np.exp(found[-1]) == pytest.approx(len(np.unique(grey.astype(np.uint8))))


def test_small_images_are_read_whole():
    image = RNG.integers(0, 256, (1, 9, 9, 1)).astype(np.uint8)
    ordered = np.sort(image.ravel())
    assert measure_looks(image)[0, 2] == ordered[40]


def test_sharpness_and_light_show():
    soft = np.tile(np.linspace(0, 100, 32).astype(np.uint8), (32, 1))[None, :, :, None]
    rough = soft + RNG.integers(0, 60, soft.shape).astype(np.uint8)
    plain, bright, noisy = (
        measure_looks(x)[0] for x in (soft, soft + np.uint8(80), rough)
    )
    assert bright[2] - plain[2] == 80
    assert np.allclose(bright[7:], plain[7:], atol=0.05)
    assert (noisy[-7:-1] > plain[-7:-1]).all()


def test_many_equal_one_by_one():
    images = RNG.integers(0, 256, (300, 8, 8, 3)).astype(np.uint8)
    alone = np.concatenate([measure_looks(image[None]) for image in images])
    assert np.allclose(measure_looks(images), alone, atol=1e-4)

import numpy as np
import pytest
from pictures import draw_set

from ganaug.synth.filters.patches import SMALL, learn_patches


@pytest.mark.parametrize("side", [SMALL - 4, 24])
@pytest.mark.parametrize("channels", [1, 3])
def test_noise_is_rougher_than_new_real_images(side, channels):
    rng = np.random.default_rng(0)
    phases = rng.uniform(0, 6, (300, channels, 2))
    at = np.linspace(0, 3, side)
    waves = np.sin(at[:, None, None] + phases[:, None, None, :, 0]) * np.cos(
        at[None, :, None] + phases[:, None, None, :, 1]
    )
    images = (128 + 90 * waves).astype(np.uint8)
    patches = learn_patches(images[:200])
    real = patches.roughness(images[200:])
    noisy = np.clip(images[200:] + rng.normal(0, 40, images[200:].shape), 0, 255)
    assert real.max() < 2
    assert patches.roughness(noisy.astype(np.uint8)).min() > real.max()


def test_noise_that_nobody_sees_counts_little():
    flat = np.full((50, 24, 24, 1), 200, np.uint8)
    faint = flat + np.random.default_rng(0).integers(0, 4, flat.shape, np.uint8)
    assert learn_patches(flat).roughness(faint).max() < 0.1


def test_few_images_have_patches_too():
    assert np.isfinite(
        learn_patches(draw_set(1).images).roughness(draw_set(2).images)
    ).all()

"""Features of the fixed random network."""

import numpy as np
import pytest
import torch

from ganaug.classify.random_net import random_features
from ganaug.data.load import load_images


@pytest.mark.parametrize("shape", [(8, 8, 1), (64, 48, 3), (100, 30, 4), (1, 9, 3)])
def test_any_shape(shape):
    x = np.random.default_rng(0).integers(0, 256, (5, *shape), dtype=np.uint8)
    features = random_features(x)
    assert features.shape == (5, 416)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_the_seed_decides_and_the_global_state_stays():
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype=np.uint8)
    before = torch.get_rng_state()
    assert np.array_equal(random_features(x), random_features(x))
    assert not np.array_equal(random_features(x), random_features(x, seed=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_features_do_not_depend_on_the_chunk():
    x = np.random.default_rng(0).integers(0, 256, (9, 20, 20, 3), dtype=np.uint8)
    assert np.allclose(random_features(x), random_features(x, chunk=2), atol=1e-5)


def test_no_images_have_no_features():
    assert random_features(np.zeros((0, 8, 8, 1), np.uint8)).shape == (0, 416)


def test_features_tell_digits_apart():
    """Nearest neighbours in the features share their label far more than by chance."""
    digits = load_images("digits").subset(np.arange(600))
    z = random_features(digits.images)
    z = (z - z.mean(axis=0)) / (z.std(axis=0) + 1e-6)
    distances = ((z[:, None, :100] - z[None, :, :100]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (digits.labels[distances.argmin(axis=1)] == digits.labels).mean() > 0.6

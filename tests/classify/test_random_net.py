"""Features of the fixed random network."""

import numpy as np
import pytest
import torch

from ganaug.classify.random_net import _draw_weights, random_features
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


def test_features_do_not_depend_on_the_others():
    x = np.random.default_rng(0).integers(0, 256, (99, 20, 20, 3), dtype=np.uint8)
    each = [random_features(part) for part in (x[:1], x[1:70], x[70:])]
    assert np.array_equal(random_features(x), np.concatenate(each))


def test_features_are_means_and_deviations_of_layers():
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    weights = [w.numpy() for w in _draw_weights(1, 0)]
    layer = torch.from_numpy(x / 127.5 - 1).float().permute(0, 3, 1, 2)
    first = torch.nn.functional.conv2d(layer, torch.from_numpy(weights[0]), padding=1)
    first = torch.where(first > 0, first, 0.1 * first).numpy()
    found = random_features(x)
    assert np.allclose(found[:, :16], first.mean(axis=(2, 3)), atol=1e-5)
    deviation = first.std(axis=(2, 3), ddof=1)
    assert np.allclose(found[:, 16:32], deviation, atol=1e-5)


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

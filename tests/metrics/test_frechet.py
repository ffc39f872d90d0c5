import numpy as np
import pytest
from torch import from_numpy
from torch_fidelity.metric_fid import (
    fid_features_to_statistics,
    fid_statistics_to_metric,
)

from ganaug.metrics.frechet import frechet_distance, frechet_influence

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("n", "m"), [(60, 50), (5, 50), (5, 4), (60, 5)])
def test_equals_torch_fidelity(n, m):
    x, y = RNG.normal(size=(n, 8)), RNG.normal(size=(m, 8)) * 2 + 0.5
    moments = [fid_features_to_statistics(from_numpy(a)) for a in (x, y)]
    name, want = next(iter(fid_statistics_to_metric(*moments, False).items()))
    # their root of a singular matrix is good to some digits only
    assert frechet_distance(x, y) == pytest.approx(
        want, rel=1e-9 if m > 8 < n else 1e-5
    )
    assert name == "frechet_inception_distance"


def test_known_normal_distributions():
    x = RNG.normal(size=(100_000, 2)) * [1, 3]
    y = RNG.normal(size=(100_000, 2)) * [2, 1] + [1, 0]
    assert frechet_distance(x, y) == pytest.approx(1 + 1 + 4, rel=0.03)


def test_equal_and_constant_features_are_at_zero():
    x = RNG.normal(size=(10, 400)).astype(np.float32) + 100
    assert abs(frechet_distance(x, x)) < 1e-9 * (x**2).sum()
    constant = np.full((6, 3), 7.0)
    assert frechet_distance(constant, constant) == 0
    assert frechet_distance(constant, constant + 2) == pytest.approx(12)


def test_each_image_is_left_out():
    x, y = RNG.normal(size=(6, 3)), RNG.normal(size=(5, 3))
    found = frechet_influence(x, y)
    without = np.array([frechet_distance(np.delete(x, i, 0), y) for i in range(6)])
    np.testing.assert_allclose(
        found.of_x, (without - without.mean()) * np.sqrt(5 / 6), atol=1e-12
    )
    assert len(found.of_y) == 5

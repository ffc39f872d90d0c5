"""The map: the same on every call, neighbours kept, few and equal points placed."""

import numpy as np
import pytest

from ganaug.report.run.embedding import HEIGHT, MARGIN, WIDTH, _fit, place_points


def test_clusters_stay_together():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(3, 40)) * 5
    labels = np.repeat(np.arange(3), 30)
    features = (centres[labels] + rng.normal(size=(90, 40))).astype(np.float32)
    places = place_points(features)
    assert (places == place_points(features)).all()
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).all()


@pytest.mark.parametrize("n", [1, 2, 3, 19, 20, 21])
@pytest.mark.parametrize("equal", [False, True])
def test_few_or_equal_points(n, equal):
    features = np.random.default_rng(0).normal(size=(n, 8)).astype(np.float32)
    if equal:
        features[:] = features[0]
    places = _fit(place_points(features))
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert (places >= MARGIN).all()
    assert (places <= [WIDTH - MARGIN, HEIGHT - MARGIN]).all()

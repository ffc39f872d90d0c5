"""Nearest neighbours: exact against scipy, also where products cancel."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ganaug.metrics import neighbours
from ganaug.metrics.neighbours import nearest_neighbours, nearest_others

RNG = np.random.default_rng(0)


def search_all(queries, keys, k):
    """Sort the nearest first; of equal distances the lower index first."""
    apart = cdist(queries.astype(np.float64), keys.astype(np.float64))
    indices = np.argsort(apart, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(apart, indices, axis=1), indices


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize(("n", "m", "d"), [(1, 5, 1), (40, 7, 3), (1100, 5000, 17)])
def test_equals_scipy(n, m, d, k):
    x = RNG.normal(size=(n, d)).astype(np.float32)
    y = RNG.normal(size=(m, d)).astype(np.float32)
    found = nearest_neighbours(x, y, k)
    distances, indices = search_all(x, y, k)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5)
    np.testing.assert_array_equal(found.indices, indices)


def test_near_duplicates_far_from_zero_do_not_cancel():
    y = RNG.normal(size=(500, 64)).astype(np.float32) + 1000
    y[250:] = y[:250]
    y[250:, 0] += 2e-3  # |y|² is 64 million
    x = y[:50].copy()
    x[:, 1] += 1e-3
    found = nearest_neighbours(x, y, 2)
    distances, indices = search_all(x, y, 2)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5)


def test_clusters_finer_than_rounding_are_searched_again():
    y = RNG.normal(size=(4, 32)).repeat(100, axis=0) * 100
    y = (y + RNG.normal(size=y.shape) * 1e-3).astype(np.float32)
    x = y + (RNG.normal(size=y.shape) * 1e-4).astype(np.float32)
    found = nearest_neighbours(x, y, 3)
    distances, indices = search_all(x, y, 3)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5)
    np.testing.assert_array_equal(found.indices, indices)


def test_a_row_does_not_depend_on_the_others():
    x = RNG.normal(size=(300, 20)).astype(np.float32)
    y = RNG.normal(size=(700, 20)).astype(np.float32)
    whole = nearest_neighbours(x, y, 4)
    for rows in (slice(0, 1), slice(7, 90)):
        part = nearest_neighbours(x[rows], y, 4)
        np.testing.assert_array_equal(part.distances, whole.distances[rows])
        np.testing.assert_array_equal(part.indices, whole.indices[rows])


def test_others_leave_out_the_row_itself_alone():
    x = RNG.normal(size=(60, 5)).astype(np.float32)
    x[10:14] = x[0]
    apart = cdist(x, x)
    np.fill_diagonal(apart, np.inf)
    for k in (1, 2, 6):
        found = nearest_others(x, k)
        np.testing.assert_allclose(
            found.distances, np.sort(apart, axis=1)[:, :k], rtol=1e-5, atol=1e-6
        )
        assert not (found.indices == np.arange(60)[:, None]).any()


def test_constant_and_empty_features():
    ones = np.ones((20, 4), np.float32)
    found = nearest_neighbours(ones, ones, 3)
    assert not found.distances.any()
    assert not nearest_others(ones, 2).distances.any()
    none = nearest_neighbours(ones[:0], ones, 2)
    assert none.indices.shape == (0, 2)


def test_more_neighbours_than_keys_are_refused():
    with pytest.raises(AssertionError, match="number of keys"):
        nearest_neighbours(np.ones((2, 2)), np.ones((2, 2)), 3)


def test_blocks_change_nothing(monkeypatch):
    x, y = RNG.normal(size=(50, 9)), RNG.normal(size=(300, 9))
    whole = nearest_neighbours(x, y, 5)
    monkeypatch.setattr(neighbours, "QUERIES", 16)
    monkeypatch.setattr(neighbours, "KEYS", 64)
    np.testing.assert_array_equal(nearest_neighbours(x, y, 5).indices, whole.indices)

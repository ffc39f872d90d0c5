"""Fits side by side: the same results, and torch's threads left as they were."""

import numpy as np
import pytest
import torch

from ganaug.classify.fit import fit_classifier
from ganaug.classify.parallel import map_parallel

X = np.random.default_rng(0).integers(0, 256, (24, 12, 12, 1), np.uint8)
Y = np.arange(24) % 2


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def fit(seed):
    return fit_classifier(X, Y, 2, steps=6, policy="light", seed=seed).features(X)


def test_fits_do_not_depend_on_company(two_threads):
    together = map_parallel(fit, range(5))
    assert torch.get_num_threads() == 2
    for seed, features in enumerate(together):
        assert np.array_equal(features, fit(seed))
    torch.set_num_threads(1)
    assert np.array_equal(together[3], fit(3)), "nor on the number of threads"


def test_an_error_is_the_callers(two_threads):
    with pytest.raises(ZeroDivisionError):
        map_parallel(lambda n: 1 / n, [1, 0, 2])
    assert torch.get_num_threads() == 2
    assert map_parallel(str, []) == []

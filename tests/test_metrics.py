import numpy as np
import pytest

from ganaug.metrics.diversity import within_class_diversity
from ganaug.metrics.kernel import kernel_distance


def test_kernel_distance_against_a_loop():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)) + 1

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    xx = np.mean([k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j])
    yy = np.mean([k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j])
    xy = np.mean([k(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(xx + yy - 2 * xy)


def test_kernel_distance_of_one_distribution_is_zero_on_average():
    rng = np.random.default_rng(1)
    values = [
        kernel_distance(rng.normal(size=(30, 8)), rng.normal(size=(30, 8)))
        for _ in range(300)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)


def test_diversity_is_the_mean_pair_distance_within_classes():
    features = np.array([[0.0, 0], [3, 4], [0, 0], [9, 9], [9, 9]])
    labels = np.array([0, 0, 1, 2, 2])
    assert within_class_diversity(features, labels) == {0: 5.0, 2: 0.0}

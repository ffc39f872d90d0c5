"""Kernel distance and diversity."""

import numpy as np
import pytest
from torch import from_numpy
from torch_fidelity.metric_kid import kid_features_to_metric

from ganaug.metrics.diversity import diversity_influence, within_class_diversity
from ganaug.metrics.jackknife import measure_influence
from ganaug.metrics.kernel import kernel_distance, kernel_influence


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


def test_kernel_distance_equals_torch_fidelity():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 6)), rng.normal(size=(40, 6)) + 0.5
    # a single subset of all images
    want = kid_features_to_metric(
        from_numpy(x), from_numpy(y), kid_subsets=1, kid_subset_size=40, verbose=False
    )
    found = kernel_distance(x, y)
    assert found == pytest.approx(want["kernel_inception_distance_mean"])


def test_kernel_influence_equals_leaving_each_image_out():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(9, 4)), rng.normal(size=(7, 4)) + 1
    fast, slow = kernel_influence(x, y), measure_influence(kernel_distance, x, y)
    assert fast.value == pytest.approx(slow.value)
    np.testing.assert_allclose(fast.of_x, slow.of_x)
    np.testing.assert_allclose(fast.of_y, slow.of_y)


@pytest.mark.parametrize("draw", ["normal", "exponential", "lognormal"])
def test_kernel_intervals_of_one_distribution_cover_zero(draw):
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(200):
        x, y = (getattr(rng, draw)(size=(50, 32)) for _ in range(2))
        low, high = kernel_influence(x, y).estimate()[1:]
        covered += low <= 0 <= high
    assert covered >= 0.9 * 200


def test_kernel_distance_of_constant_features_is_zero():
    found = kernel_influence(np.ones((5, 3)), np.ones((4, 3)))
    assert found.estimate() == pytest.approx((0, 0, 0))


def test_diversity_is_the_mean_pair_distance_within_classes():
    features = np.array([[0.0, 0], [3, 4], [0, 0], [9, 9], [9, 9]])
    labels = np.array([0, 0, 1, 2, 2])
    assert within_class_diversity(features, labels) == {0: 5.0, 2: 0.0}


def test_diversity_ratio_leaves_each_image_out():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(6, 3)) * 2

    def ratio(a, b):
        one, other = (
            within_class_diversity(part, np.zeros(len(part), int))[0] for part in (a, b)
        )
        return one / other

    fast, slow = diversity_influence(x, y), measure_influence(ratio, x, y)
    assert fast.value == pytest.approx(slow.value)
    np.testing.assert_allclose(fast.of_x, slow.of_x)
    np.testing.assert_allclose(fast.of_y, slow.of_y)


def test_diversity_over_equal_images_is_not_defined():
    various = np.arange(5.0)[:, None]
    assert diversity_influence(various, np.ones((4, 1))) is None
    assert diversity_influence(np.ones((4, 1)), various).value == 0
    one_apart = np.array([[0.0], [0], [0], [1]])
    assert np.isnan(diversity_influence(various, one_apart).estimate().low)

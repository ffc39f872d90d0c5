import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from ganaug.metrics.jackknife import influence_of
from ganaug.metrics.memorisation import (
    copying_score,
    find_authentic,
    overall_copying_score,
    share_influence,
)

RNG = np.random.default_rng(0)


def z_of(generated, held):
    n, m = len(generated), len(held)
    u = mannwhitneyu(generated, held).statistic
    return (u - n * m / 2) / np.sqrt(n * m * (n + m + 1) / 12)


def test_score_equals_scipy_and_leaves_each_image_out():
    generated = RNG.integers(0, 30, 25).astype(float)  # with ties
    held = RNG.integers(5, 40, 22).astype(float)
    found = copying_score(generated, held)
    want = influence_of(
        z_of(generated, held),
        np.array([z_of(np.delete(generated, i), held) for i in range(25)]),
        np.array([z_of(generated, np.delete(held, i)) for i in range(22)]),
    )
    assert found.value == pytest.approx(want.value)
    np.testing.assert_allclose(found.of_x, want.of_x, atol=1e-9)
    np.testing.assert_allclose(found.of_y, want.of_y, atol=1e-9)


def test_score_of_one_distribution_is_standard_normal():
    scores = [
        copying_score(RNG.exponential(size=40), RNG.exponential(size=30)).value
        for _ in range(500)
    ]
    assert abs(np.mean(scores)) < 0.15
    assert np.std(scores) == pytest.approx(1, abs=0.1)


def test_copies_score_far_below_zero():
    training, held = RNG.normal(size=(100, 8)), RNG.normal(size=(40, 8))
    copies = training[:50] + RNG.normal(size=(50, 8)) * 0.05
    near = [cdist(x, training).min(axis=1) for x in (copies, held)]
    assert copying_score(*near).value < -5


def test_few_held_out_images_give_no_score():
    assert copying_score(np.arange(50.0), np.arange(19.0)) is None
    assert copying_score(np.arange(1.0), np.arange(20.0)) is None
    assert overall_copying_score({}, {0: 5}) is None


def test_overall_score_weighs_cells_by_held_out_images():
    cells = {k: copying_score(RNG.normal(size=30), RNG.normal(size=30)) for k in (0, 2)}
    overall = overall_copying_score(cells, {0: 20, 1: 3, 2: 60})
    assert overall.value == pytest.approx(cells[0].value * 0.25 + cells[2].value * 0.75)


def test_authentic_images_by_definition():
    training, generated = RNG.normal(size=(30, 3)), RNG.normal(size=(40, 3))
    generated[:5] = training[:5]
    found = find_authentic(generated, training)
    between, among = cdist(generated, training), cdist(training, training)
    np.fill_diagonal(among, np.inf)
    for i, row in enumerate(between):
        assert found[i] == (row.min() >= among[row.argmin()].min())
    assert not found[:5].any()


def test_a_copy_of_an_image_that_occurs_twice_is_not_authentic():
    training = np.concatenate([RNG.normal(size=(30, 3)), np.zeros((2, 3))])
    generated = np.array([[0, 0, 0], [1e-3, 0, 0], [9, 9, 9]])
    assert find_authentic(generated, training).tolist() == [False, False, True]
    assert find_authentic(generated, np.zeros((4, 3))).tolist() == [False, True, True]


def test_share_has_the_error_of_a_proportion():
    values = np.array([True] * 8 + [False] * 4)
    influence = share_influence(values)
    assert influence.value == pytest.approx(8 / 12)
    assert (influence.of_x**2).sum() == pytest.approx(values.var(ddof=1) / 12)
    assert share_influence(np.array([True])).value == 1

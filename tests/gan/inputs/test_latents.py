import numpy as np
from scipy import stats

from ganaug.gan.inputs.latents import draw_latents


def test_a_latent_does_not_depend_on_the_call():
    together = draw_latents(3, "cat", range(100), 10)
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(draw_latents(3, "cat", order, 10), together[order])
    alone = np.concatenate([draw_latents(3, "cat", [i], 10) for i in range(100)])
    np.testing.assert_array_equal(alone, together)


def test_seed_class_and_index_each_change_it():
    base = draw_latents(0, "cat", [0], 16)
    for other in (
        draw_latents(1, "cat", [0], 16),
        draw_latents(0, "dog", [0], 16),
        draw_latents(0, "cat", [1], 16),
    ):
        assert not np.isin(other, base).any()


def test_latents_are_standard_normal_and_independent():
    z = draw_latents(0, "Überraschung", range(5000), 12)
    assert z.dtype == np.float32
    assert stats.kstest(z.ravel(), "norm").pvalue > 0.001
    correlation = np.corrcoef(z.T) - np.eye(12)
    assert np.abs(correlation).max() < 0.06
    assert abs(np.corrcoef(z[:-1, 0], z[1:, 0])[0, 1]) < 0.06


def test_bytes_stay_the_same_over_versions():
    z = draw_latents(7, "cat", [0, 41], 5)
    np.testing.assert_allclose(z, EXPECTED, rtol=1e-6)


def test_nothing_asked_gives_nothing():
    assert draw_latents(0, "cat", [], 8).shape == (0, 8)


EXPECTED = [
    [-0.74805397, -0.23586258, 1.4112096, -1.2213677, -1.0524396],
    [0.7028916, 0.701774, -0.7975720, -0.41662288, -0.06255673],
]

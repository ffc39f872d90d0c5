import numpy as np
import pytest
from torch import from_numpy
from torch_fidelity.metric_prc import prc_features_to_metric

from ganaug.metrics.jackknife import influence_of
from ganaug.metrics.manifold import measure_manifold

RNG = np.random.default_rng(0)
FIGURES = ("precision", "recall", "density", "coverage")


def by_definition(fake, real, k):
    """Compute the four figures image by image, as the papers write them."""

    def radii(x):
        return [sorted(np.linalg.norm(x - a, axis=1))[k] for a in x]

    def inside(points, centres):
        apart = np.linalg.norm(points[:, None] - centres[None], axis=2)
        return apart <= np.array(radii(centres))

    in_real, in_fake = inside(fake, real), inside(real, fake)
    figures = (
        in_real.any(axis=1).mean(),
        in_fake.any(axis=1).mean(),
        in_real.sum(axis=1).mean() / k,
        in_real.any(axis=0).mean(),
    )
    return dict(zip(FIGURES, figures, strict=True))


@pytest.mark.parametrize(("n", "m", "k"), [(30, 20, 5), (7, 40, 5), (9, 9, 1)])
def test_equals_the_definitions(n, m, k):
    fake, real = RNG.normal(size=(n, 3)) * 1.3 + 0.2, RNG.normal(size=(m, 3))
    found = measure_manifold(fake, real, k=k)
    want = by_definition(fake, real, k)
    for name in FIGURES:
        assert found[name].value == pytest.approx(want[name]), name


def test_equals_torch_fidelity():
    fake, real = RNG.normal(size=(90, 8)) * 1.2, RNG.normal(size=(80, 8))
    found = measure_manifold(fake, real, k=3)
    want = prc_features_to_metric(
        from_numpy(fake), from_numpy(real), prc_neighborhood=3, prc_batch_size=50,
        save_cpu_ram=False, verbose=False,
    )  # fmt: skip
    for name in ("precision", "recall"):
        assert found[name].value == pytest.approx(want[name], abs=1e-6)


@pytest.mark.parametrize("repeated", [False, True])
def test_influence_equals_leaving_each_image_out(repeated):
    k = 3
    fake, real = RNG.normal(size=(12, 2)), RNG.normal(size=(9, 2))
    if repeated:
        fake[:4], real[:6] = real[0], real[0]
    found = measure_manifold(fake, real, k=k)
    without_fake = [by_definition(np.delete(fake, i, 0), real, k) for i in range(12)]
    without_real = [by_definition(fake, np.delete(real, i, 0), k) for i in range(9)]
    for name in FIGURES:
        want = influence_of(
            0.0,
            np.array([w[name] for w in without_fake]),
            np.array([w[name] for w in without_real]),
        )
        np.testing.assert_allclose(found[name].of_x, want.of_x, atol=1e-6)
        np.testing.assert_allclose(found[name].of_y, want.of_y, atol=1e-6)


def test_equal_distributions_give_the_papers_values():
    found = measure_manifold(RNG.normal(size=(800, 16)), RNG.normal(size=(800, 16)))
    assert found["density"].value == pytest.approx(1, abs=0.1)
    assert found["coverage"].value == pytest.approx(1 - 2**-5, abs=0.03)


def test_constant_features_lie_on_each_other():
    for influence in measure_manifold(np.ones((8, 4)), np.ones((9, 4))).values():
        assert influence.value >= 1
        assert influence.estimate().low == influence.value


def test_too_few_images_are_refused():
    with pytest.raises(AssertionError, match="k \\+ 2"):
        measure_manifold(np.ones((6, 2)), np.ones((9, 2)))

import math

import pytest
import torch

from ganaug.errors import ConfigError
from ganaug.gan.objective.diversity import (
    TERMS,
    Fakes,
    mode_seeking,
    negative_entropy,
    parse_terms,
)


def draw_fakes(y=(0, 0, 1, 1, 1, 2)):
    generator = torch.Generator().manual_seed(0)
    n, labels = len(y), torch.tensor(y)
    images = torch.randn(n, 3, 4, 5, generator=generator)
    z = torch.randn(n, 8, generator=generator)
    features = torch.randn(n, 6, generator=generator)
    return Fakes(images, z, labels, features, labels)


def test_mode_seeking_against_its_formula():
    fakes = draw_fakes()
    ratios = []
    for i in range(5):
        if fakes.y[i] == fakes.y[i + 1]:
            far = float((fakes.images[i] - fakes.images[i + 1]).abs().mean())
            apart = float((fakes.z[i] - fakes.z[i + 1]).abs().mean())
            ratios.append(far / apart)
    assert len(ratios) == 3
    want = 1 / (sum(ratios) / 3 + 1e-5)
    assert float(mode_seeking(fakes)) == pytest.approx(want, 1e-5)


def test_entropy_against_its_formula():
    fakes = draw_fakes()
    f = [row / row.norm() for row in fakes.features]
    kernels = [
        math.exp(-2 * float((f[i] - f[j]).square().sum()))
        for i in range(6)
        for j in range(6)
        if i != j and fakes.y[i] == fakes.y[j]
    ]
    assert len(kernels) == 2 + 6
    want = math.log(sum(kernels) / len(kernels))
    assert float(negative_entropy(fakes)) == pytest.approx(want, 1e-5)


def test_entropy_ranks_collapsed_clustered_and_even_features():
    y = torch.zeros(4, dtype=torch.int64)
    even = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    clustered = torch.tensor([[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0], [-1.0, 0.1]])
    fakes = draw_fakes()._replace(labels=y)
    values = [
        float(negative_entropy(fakes._replace(features=3 * f)))
        for f in (even, clustered, torch.ones(4, 2))
    ]
    assert values[0] < values[1] < values[2] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", TERMS)
def test_terms_do_not_read_across_classes(name):
    fakes = draw_fakes(y=(0, 0, 1, 1))
    mirrored = Fakes(*(t.flip(0) for t in fakes))  # other classes meet in the middle
    value = TERMS[name].measure(fakes)
    torch.testing.assert_close(TERMS[name].measure(mirrored), value)


@pytest.mark.parametrize("name", TERMS)
def test_terms_push_fakes_apart(name):
    fakes = draw_fakes(y=(0, 0))
    images = fakes.images.requires_grad_()
    features = images.flatten(1)
    value = TERMS[name].measure(fakes._replace(images=images, features=features))
    (slope,) = torch.autograd.grad(value, images)
    assert slope.isfinite().all()
    moved = images.detach() - 0.1 * slope
    before = (images[0] - images[1]).detach().abs().mean()
    assert (moved[0] - moved[1]).abs().mean() > before


def test_terms_stay_finite_for_equal_fakes():
    fakes = draw_fakes(y=(0, 0))
    same = fakes._replace(images=torch.zeros(2, 1, 2, 2), features=torch.ones(2, 3))
    for term in TERMS.values():
        assert term.measure(same).isfinite()


def test_terms_are_parsed_with_their_weights():
    assert parse_terms(None) == ()
    one, two = parse_terms("mode-seeking:0.5, entropy")
    assert (one.measure, one.weight) == (mode_seeking, 0.5)
    assert two == TERMS["entropy"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("variety", "choose from mode-seeking, entropy, or none"),
        ("entropy:much", "a weight is a number above 0"),
        ("entropy:-1", "a weight is a number above 0"),
    ],
)
def test_wrong_terms_are_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_terms(text)

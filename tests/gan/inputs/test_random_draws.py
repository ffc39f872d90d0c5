import numpy as np
import pytest
import torch

from ganaug.errors import ConfigError
from ganaug.gan.inputs.random_draws import Sampler, image_weights, mix_seed


def test_draws_are_a_function_of_seed_and_images_seen():
    labels = torch.tensor([0] * 30 + [1] * 10)
    one = Sampler(labels, "sqrt", 16, 8, seed=3)
    two = Sampler(labels, "sqrt", 16, 8, seed=3)
    one.draw(0)  # a call in between must not matter
    for a, b in zip(one.draw(160), two.draw(160), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.draw(160).z, one.draw(176).z)
    assert not torch.equal(
        one.draw(0).z, Sampler(labels, "sqrt", 16, 8, seed=4).draw(0).z
    )


def test_draws_leave_the_global_generator_alone():
    state = torch.get_rng_state()
    Sampler(torch.tensor([0, 1]), "natural", 4, 8, seed=0).draw(0)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize(
    ("frequencies", "want"),
    [("natural", 0.9), ("sqrt", 3 / 4), ("uniform", 0.5)],
)
def test_class_frequencies(frequencies, want):
    labels = torch.tensor([0] * 900 + [1] * 100)
    sampler = Sampler(labels, frequencies, 64, 4, seed=0)
    drawn = torch.cat([sampler.draw(64 * k).y for k in range(100)])
    assert abs(float((drawn == 0).float().mean()) - want) < 0.01


def test_every_image_is_drawn_about_equally_often():
    sampler = Sampler(torch.zeros(70, dtype=torch.int64), "natural", 64, 4, seed=0)
    counts = torch.zeros(70)
    for k in range(500):
        counts += torch.bincount(sampler.draw(64 * k).picked, minlength=70)
    assert float(counts.min() / counts.mean()) > 0.8


@pytest.mark.parametrize("frequencies", ["natural", "uniform"])
def test_groups_keep_the_frequencies_of_classes_and_images(frequencies):
    labels = torch.tensor([0] * 36 + [1] * 4)
    sampler = Sampler(labels, frequencies, 64, 4, seed=0, group=4)
    counts = torch.zeros(40)
    for k in range(300):
        draws = sampler.draw(64 * k)
        assert (draws.y.view(16, 4) == draws.y[::4, None]).all()
        counts += torch.bincount(draws.picked, minlength=40)
    share = {"natural": 0.9, "uniform": 0.5}[frequencies]
    assert float(counts[:36].sum() / counts.sum()) == pytest.approx(share, abs=0.01)
    for part in (counts[:36], counts[36:]):
        assert float(part.min() / part.mean()) > 0.85


def test_unknown_frequencies_are_refused():
    with pytest.raises(ConfigError, match="natural, sqrt, uniform"):
        image_weights(np.array([0, 1]), "even")


def test_mix_seed_is_stable():
    assert mix_seed("step", 0, 64) == mix_seed("step", 0, 64)
    assert mix_seed("step", 0, 64) != mix_seed("step", 6, 4)
